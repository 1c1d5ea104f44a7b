using ProdOps.Servers.Commands;

namespace ProdOps.Monitoring.Checks.Plugins;

/// <summary>Runs a plugin on a server, or here, and takes its word. One that hangs is ended with its children; one that prints without end, too.</summary>
/// <param name="subject">What the result is called.</param>
/// <param name="command">The command, for a POSIX shell.</param>
/// <param name="shell">Where it runs.</param>
/// <param name="timeout">How long it may take.</param>
/// <param name="time">The clock.</param>
internal sealed class PluginCheck(CheckSubject subject, ServerCommand command, CheckShell shell, TimeSpan timeout, TimeProvider time) : IHealthCheck
{
    private readonly CheckRun _run = new(subject, timeout, time) { Late = HealthState.Unknown, LateText = ": it was ended" };

    /// <summary>The unit of the thresholds that its value is judged by; <see langword="null"/> if there are none.</summary>
    public string? ThresholdUnit { get; init; }

    public Task<IReadOnlyList<HealthCheckResult>> RunAsync(CancellationToken cancellationToken) => _run.OneAsync(async (result, limit) =>
    {
        var output = await shell.RunAsync(command, limit).ConfigureAwait(false);
        // What it says of trouble stands on standard error.
        var said = PluginOutput.Parse(output.Exit.Code, output.StandardOutput.Length > 0 ? output.Text : output.ErrorText);
        var first = said.Values is [var value, ..] ? value : null;
        return CheckUnits.Adopt(result with
        {
            State = said.State,
            Message = said.Text,
            Output = said.More,
            Value = first?.Value,
            Unit = first?.Unit ?? "",
            Warning = first?.Warning ?? "",
            Critical = first?.Critical ?? "",
            Metrics = [.. said.Values.Select(value => new MetricSample { Server = subject.Server, Name = $"{subject.Check}.{value.Label}", Instance = subject.Instance, Value = value.Value, Unit = value.Unit, Time = result.Time })],
        }, ThresholdUnit);
    }, cancellationToken);
}
