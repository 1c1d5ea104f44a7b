
namespace ProdOps.Monitoring.Checks.Snmp;

/// <summary>Asks an SNMP agent for one object. Its value is judged by thresholds, or by what it must be.</summary>
/// <param name="subject">What the result is called.</param>
/// <param name="options">Whom to ask for what.</param>
/// <param name="expected">What the value must be, as a text; <see langword="null"/> if anything will do.</param>
/// <param name="time">The clock.</param>
internal sealed class SnmpCheck(CheckSubject subject, SnmpOptions options, string? expected, TimeProvider time) : IHealthCheck
{
    private const int LongestShown = 200;

    private readonly CheckRun _run = new(subject, options.Timeout, time)
    {
        // An agent says nothing to those it does not know.
        LateText = $": it is not there, or {(options.User is null ? "does not know the community" : "cannot decrypt what it is asked")}",
        Describe = error => NetworkConnect.Describe(error, options.Host, options.Port),
    };

    /// <summary>The unit of the thresholds that its value is judged by; <see langword="null"/> if there are none.</summary>
    public string? ThresholdUnit { get; init; }

    public Task<IReadOnlyList<HealthCheckResult>> RunAsync(CancellationToken cancellationToken) => _run.OneAsync(async (result, limit) =>
    {
        var answer = await new SnmpSession(options, time).GetAsync(limit).ConfigureAwait(false);
        if (answer.Error is { } error) return result with { Message = $"the agent answers: {error}" };
        if (answer.Value is not { } value) return result with { Message = "the agent answers nothing" };
        if (value.Missing is { } missing) return result with { Message = missing };
        bool isRight = expected is null || value.Text.Trim().Equals(expected.Trim(), StringComparison.Ordinal);
        string shown = value.Number is { } number ? HealthThreshold.Format(number, value.Unit) : value.Text.Length > LongestShown ? value.Text[..LongestShown] + "…" : value.Text;
        return CheckUnits.Adopt(result with
        {
            State = isRight ? HealthState.OK : HealthState.Critical,
            Value = value.Number,
            Unit = value.Unit,
            Message = isRight ? shown : $"{shown} came where '{expected}' was expected",
        }, ThresholdUnit);
    }, cancellationToken);
}
