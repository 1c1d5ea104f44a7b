namespace ProdOps.Benchmarks.Logs;

/// <summary>What is measured must go well: an error ends it.</summary>
internal sealed class EngineActivity : IActivity
{
    public void Verbose(string message) { }

    public void Warning(string message) => Console.Error.WriteLine(message);

    public void Error(ProdOpsException error) => throw error;

    public void Progress(ActivityProgress progress) { }
}
