using ProdOps.Servers;

namespace ProdOps.Logging.Collecting;

/// <summary>Errors of sources whose server cannot be reached any more become warnings: what has not come is collected by a later run.</summary>
internal sealed class UnreachableAsWarning(IActivity activity) : IActivity
{
    public void Verbose(string message) => activity.Verbose(message);

    public void Warning(string message) => activity.Warning(message);

    public void Error(ProdOpsException error)
    {
        if (ServersErrors.IsUnreachable(error)) activity.Warning(error.Message);
        else activity.Error(error);
    }

    public void Progress(ActivityProgress progress) => activity.Progress(progress);
}
