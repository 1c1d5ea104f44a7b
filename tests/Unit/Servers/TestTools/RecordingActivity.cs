using System.Collections.Concurrent;

namespace ProdOps.Servers.Tests.TestTools;

/// <summary>Keeps what is told.</summary>
internal sealed class RecordingActivity : IActivity
{
    public ConcurrentQueue<string> Lines { get; } = new();

    public ConcurrentQueue<string> Warnings { get; } = new();

    public string All => string.Join('\n', Lines.Concat(Warnings));

    public void Verbose(string message) => Lines.Enqueue(message);

    public void Warning(string message) => Warnings.Enqueue(message);

    public void Error(ProdOpsException error) => Warnings.Enqueue(error.Message);

    public void Progress(ActivityProgress progress)
    {
    }
}
