namespace ProdOps.Servers.Tests.Files;

/// <summary>Keeps the errors and warnings that are told.</summary>
internal sealed class ErrorList : IActivity
{
    public List<ProdOpsException> Errors { get; } = [];

    public List<string> Warnings { get; } = [];

    public void Verbose(string message)
    {
    }

    public void Warning(string message)
    {
        lock (Warnings) Warnings.Add(message);
    }

    public void Error(ProdOpsException error)
    {
        lock (Errors) Errors.Add(error);
    }

    public void Progress(ActivityProgress progress)
    {
    }
}
