using ProdOps.Servers.Commands;
using static System.FormattableString;

namespace ProdOps.Monitoring.Checks.Plugins;

/// <summary>Runs a plugin or a script on a server, or here, and takes its word. One that hangs is ended with its children; one that prints without end, too.</summary>
/// <param name="name">What the check is called.</param>
/// <param name="command">The command line, for the server's POSIX shell.</param>
/// <param name="shell">Where it runs.</param>
/// <param name="timeout">How long it may take.</param>
/// <param name="time">The clock.</param>
internal sealed class PluginCheck(string name, string command, IServerShell shell, TimeSpan timeout, TimeProvider time) : IHealthCheck
{
    /// <summary>Monitoring Plugins print a line or two; what is longer than this is no answer.</summary>
    private const int MostOutput = 256 * 1024;

    public async Task<IReadOnlyList<HealthCheckResult>> RunAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        long begun = time.GetTimestamp();
        var result = new HealthCheckResult { Server = shell.Name, Check = name, Time = time.GetUtcNow(), State = HealthState.Unknown };
        try
        {
            var output = await shell.RunAsync(new ServerCommand(command) { PosixLocale = true }, new CommandRunOptions { MaximumOutput = MostOutput }, limit.Token).ConfigureAwait(false);
            // What it says of trouble stands on standard error.
            var said = PluginOutput.Parse(output.Exit.Code, output.StandardOutput.Length > 0 ? output.Text : output.ErrorText);
            result = result with
            {
                State = said.State,
                Message = said.Text,
                Output = said.More,
                Value = said.Values is [var first, ..] ? first.Value : null,
                Unit = said.Values is [var one, ..] ? one.Unit : "",
                Warning = said.Values is [var warned, ..] ? warned.Warning : "",
                Critical = said.Values is [var last, ..] ? last.Critical : "",
                Metrics = [.. said.Values.Select(value => new MetricSample { Server = shell.Name, Name = $"{name}.{value.Label}", Value = value.Value, Unit = value.Unit, Time = result.Time })],
            };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            result = result with { Message = Invariant($"no answer within {timeout.TotalSeconds:0.###} s: it was ended") };
        }
        catch (ProdOpsException error)
        {
            result = result with { Message = error.Message };
        }

        return [result with { Duration = time.GetElapsedTime(begun) }];
    }
}
