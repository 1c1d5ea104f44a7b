using System.Diagnostics;
using ProdOps.Recovery.Capture;
using static System.FormattableString;

namespace ProdOps.Benchmarks;

/// <summary>Measures how long this machine takes to read what a captured server printed.</summary>
internal sealed class CaptureCommands(TextWriter output)
{
    public void Run(CommandLine line, CancellationToken cancellationToken)
    {
        if (line.Verb != "read") throw new UsageException($"'capture {line.Verb}' is not a command: read. See bench/recovery/README.md.");
        line.Allow("file", "rounds");
        string text = File.ReadAllText(line.Text("file", "tests/fixtures/captures/debian-12-database.txt"));
        int at = text.IndexOf("@begin ", StringComparison.Ordinal) + 7;
        string nonce = text[at..text.IndexOf('\n', at)];
        for (int round = 0; round < line.Count("rounds", 3); round++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var watch = Stopwatch.StartNew();
            var cpu = Environment.CpuUsage.TotalTime;
            var capture = CaptureReader.Parse("server", nonce, text, BackedUp.Nothing);
            output.WriteLine(Invariant($"{(round == 0 ? "cold" : "warm")}: {capture.Items.Count} items of {text.Length / 1024} KB in {watch.Elapsed.TotalMilliseconds:0.0} ms, {(Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds:0.0} ms of processors"));
        }
    }
}
