using System.Net.NetworkInformation;
using System.Net.Sockets;
using static System.FormattableString;

namespace ProdOps.Monitoring.Checks;

/// <summary>Sends echo requests to a host, one after the other: how many come back, and how soon.</summary>
/// <param name="host">A name or an address.</param>
/// <param name="options">What is expected.</param>
/// <param name="time">The clock.</param>
internal sealed class PingCheck(string host, PingCheckOptions options, TimeProvider time) : IHealthCheck
{
    public async Task<IReadOnlyList<HealthCheckResult>> RunAsync(CancellationToken cancellationToken)
    {
        long begun = time.GetTimestamp();
        var result = new HealthCheckResult { Server = options.Server ?? host, Check = "ping", Instance = host, Unit = "s", Time = time.GetUtcNow() };
        using var ping = new Ping();
        double sum = 0;
        int received = 0;
        string? failure = null;
        for (int i = 0; i < options.Count; i++)
        {
            try
            {
                var reply = await ping.SendPingAsync(host, options.Timeout, cancellationToken: cancellationToken).ConfigureAwait(false);
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
        var state = options.LossPercent.OfHigh(loss);
        if (received > 0 && options.Seconds.OfHigh(sum / received) is var slow && slow > state) state = slow;
        return
        [
            result with
            {
                State = state,
                Value = received > 0 ? sum / received : null,
                Message = received == 0 ? $"no answer: {failure}" : Invariant($"{received} of {options.Count} came back, {sum / received * 1000:0.#} ms"),
                Metrics = Metrics(result, loss, received > 0 ? sum / received : null),
                Duration = time.GetElapsedTime(begun),
            },
        ];
    }

    private static MetricSample[] Metrics(HealthCheckResult result, double loss, double? seconds)
    {
        var lost = new MetricSample { Server = result.Server, Name = "ping.loss", Instance = result.Instance, Value = loss, Unit = "%", Time = result.Time };
        return seconds is { } value ? [lost, new MetricSample { Server = result.Server, Name = "ping.time", Instance = result.Instance, Value = value, Unit = "s", Time = result.Time }] : [lost];
    }
}

/// <summary>What a host's answers must be like.</summary>
internal sealed record PingCheckOptions
{
    /// <summary>The server that the result is of; the host without one.</summary>
    public string? Server { get; init; }

    /// <summary>How many requests are sent.</summary>
    public int Count { get; init; } = 3;

    /// <summary>How long each may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How many per cent may be lost.</summary>
    public Limits LossPercent { get; init; } = new(20, 100);

    /// <summary>How many seconds they may take.</summary>
    public Limits Seconds { get; init; } = new(0.5, null);
}
