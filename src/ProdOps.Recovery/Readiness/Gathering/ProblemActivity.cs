namespace ProdOps.Recovery.Readiness.Gathering;

/// <summary>Remembers what of a store cannot be read.</summary>
internal sealed class ProblemActivity : IActivity
{
    private readonly List<string> _found = [];

    public IReadOnlyList<string> Found
    {
        get { lock (_found) return [.. _found]; }
    }

    public void Verbose(string message) { }

    public void Warning(string message)
    {
        lock (_found) _found.Add(message);
    }

    public void Error(ProdOpsException error) => Warning(error.Message);

    public void Progress(ActivityProgress progress) { }
}
