using System.Globalization;
using ProdOps.Servers.Commands;

namespace ProdOps.Monitoring.Checks;

/// <summary>Runs a command, on a server or here, which must end with 0. What it prints first is the message.</summary>
/// <param name="subject">What the result is called.</param>
/// <param name="command">The command, for a POSIX shell.</param>
/// <param name="shell">Where it runs.</param>
/// <param name="timeout">How long it may take; then it is ended with its children.</param>
/// <param name="time">The clock.</param>
internal sealed class ScriptCheck(CheckSubject subject, ServerCommand command, CheckShell shell, TimeSpan timeout, TimeProvider time) : IHealthCheck
{
    private const int LongestText = 1000;

    private readonly CheckRun _run = new(subject, timeout, time) { LateText = ": it was ended" };

    public Task<IReadOnlyList<HealthCheckResult>> RunAsync(CancellationToken cancellationToken) => _run.OneAsync(async (result, limit) =>
    {
        var output = await shell.RunAsync(command, limit).ConfigureAwait(false);
        return Read(result, output.Exit, output.Text, output.ErrorText);
    }, cancellationToken);

    /// <summary>What a script means: of one that failed, the complaint says more than what it printed before.</summary>
    internal static HealthCheckResult Read(HealthCheckResult result, CommandExit exit, string printed, string complained)
    {
        var (message, more) = Cut(exit.Succeeded || complained.AsSpan().Trim().IsEmpty ? printed : complained);
        string ended = exit.Succeeded ? "" : exit.Signal is { } signal ? $"ended by signal {signal}" : $"ended with {exit.Code.ToString(CultureInfo.InvariantCulture)}";
        return result with
        {
            State = exit.Succeeded ? HealthState.OK : HealthState.Critical,
            Message = exit.Succeeded ? (message.Length > 0 ? message : "ended with 0") : message.Length > 0 ? $"{message} ({ended})" : ended,
            Output = more,
        };
    }

    private static (string First, string More) Cut(string text)
    {
        string[] lines = text.Replace("\r\n", "\n", StringComparison.Ordinal).Trim('\n').Split('\n', 2);
        string first = lines[0].Trim();
        return (first.Length > LongestText ? first[..LongestText] + "…" : first, lines.Length > 1 ? lines[1] : "");
    }
}
