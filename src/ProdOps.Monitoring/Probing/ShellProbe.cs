using ProdOps.Monitoring.Metrics;
using ProdOps.Monitoring.Probing.Report;
using ProdOps.Servers.Commands;

namespace ProdOps.Monitoring.Probing;

/// <summary>A server's answer, and when it was asked.</summary>
/// <param name="Report">What it said.</param>
/// <param name="Timing">When, by this machine's clock.</param>
internal readonly record struct ProbeAnswer(ProbeReport Report, ProbeTiming Timing);

/// <summary>Asks a server by one command.</summary>
internal static class ShellProbe
{
    /// <exception cref="ProdOpsException">It could not be asked, or the answer is not understood.</exception>
    public static async Task<ProbeAnswer> AskAsync(IServerShell shell, ProbeRequest request, TimeProvider time, CancellationToken cancellationToken)
    {
        var sent = time.GetUtcNow();
        long begun = time.GetTimestamp();
        var output = await shell.RunAsync(HealthProbe.Command(request), HealthProbe.RunOptions, cancellationToken).ConfigureAwait(false);
        var roundTrip = time.GetElapsedTime(begun);
        return new ProbeAnswer(ProbeParser.Parse(shell.Name, request, output.Text), new ProbeTiming(sent, roundTrip));
    }
}
