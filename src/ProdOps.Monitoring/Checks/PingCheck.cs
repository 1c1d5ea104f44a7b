using System.Net.NetworkInformation;
using System.Net.Sockets;
using static System.FormattableString;

namespace ProdOps.Monitoring.Checks;

/// <summary>Sends echo requests to a host, one after the other: how many come back, and how soon.</summary>
/// <param name="subject">What the result is called.</param>
/// <param name="host">A name or an address.</param>
/// <param name="options">What is expected.</param>
/// <param name="time">The clock.</param>
internal sealed class PingCheck(CheckSubject subject, string host, PingCheckOptions options, TimeProvider time) : IHealthCheck
{
    // Each request has its own limit; this is the one of finding the address as well.
    private readonly CheckRun _run = new(subject, options.Count * options.Timeout + TimeSpan.FromSeconds(5), time);

    public Task<IReadOnlyList<HealthCheckResult>> RunAsync(CancellationToken cancellationToken) => _run.OneAsync(async (result, limit) =>
    {
        using var ping = new Ping();
        double sum = 0;
        int received = 0;
        string? failure = null;
        for (int i = 0; i < options.Count; i++)
        {
            try
            {
                var reply = await ping.SendPingAsync(host, options.Timeout, cancellationToken: limit).ConfigureAwait(false);
                if (reply.Status == IPStatus.Success)
                {
                    received++;
                    sum += reply.RoundtripTime / 1000.0;
                }
                else
                {
                    failure = reply.Status.ToString();
                }
            }
            catch (PingException error)
            {
                failure = error.InnerException is SocketException { SocketErrorCode: SocketError.HostNotFound } ? $"the name '{host}' is not known" : (error.InnerException ?? error).Message;
            }
        }

        double loss = 100.0 * (options.Count - received) / options.Count;
        double? seconds = received > 0 ? sum / received : null;
        var lost = subject.Sample("ping.loss", loss, result.Time);
        return result with
        {
            State = Worse(options.LossPercent.OfHigh(loss), seconds is { } slow ? options.Seconds.OfHigh(slow) : HealthState.OK),
            Value = seconds,
            Unit = "s",
            Message = seconds is null ? $"no answer: {failure}" : Invariant($"{received} of {options.Count} came back, {seconds * 1000:0.#} ms"),
            Metrics = seconds is { } took ? [lost, subject.Sample("ping.time", took, result.Time)] : [lost],
        };
    }, cancellationToken);

    private static HealthState Worse(HealthState one, HealthState other) => one > other ? one : other;
}

/// <summary>What a host's answers must be like.</summary>
internal sealed record PingCheckOptions
{
    /// <summary>How many requests are sent.</summary>
    public int Count { get; init; } = 3;

    /// <summary>How long each may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How many per cent may be lost.</summary>
    public Limits LossPercent { get; init; } = new(20, 100);

    /// <summary>How many seconds they may take.</summary>
    public Limits Seconds { get; init; } = new(0.5, null);
}
