namespace ProdOps.Backup.Sets;

/// <summary>Passes on what is told, errors as warnings: under <c>-ErrorAction Stop</c> an error beside the work would stop all sets.</summary>
internal sealed class ErrorsAsWarnings(IActivity activity) : IActivity
{
    public void Verbose(string message) => activity.Verbose(message);

    public void Warning(string message) => activity.Warning(message);

    public void Error(ProdOpsException error) => activity.Warning(error.Message);

    public void Progress(ActivityProgress progress) => activity.Progress(progress);
}
