using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using ProdOps.Servers.Connections;
using ProdOps.Servers.Secrets;
using static System.FormattableString;

namespace ProdOps.Monitoring.Checks.Redis;

/// <summary>Asks a Redis server: whether it answers, its memory, whether it gets its primary's changes, whether it turns connections away, and what a command comes to.</summary>
/// <param name="subject">What the results are called.</param>
/// <param name="options">What is asked and expected.</param>
/// <param name="time">The clock.</param>
internal sealed class RedisCheck(CheckSubject subject, RedisCheckOptions options, TimeProvider time) : IHealthCheck
{
    private readonly CheckRun _run = new(subject, options.Timeout, time) { Describe = error => NetworkConnect.Describe(error, options.Host, options.Port) };
    private readonly RedisJudge _judge = new();

    public Task<IReadOnlyList<HealthCheckResult>> RunAsync(CancellationToken cancellationToken) => _run.AllAsync(async (blank, limit) =>
    {
        long begun = time.GetTimestamp();
        var connected = await NetworkConnect.ConnectAsync(options.Host, options.Port, time, limit).ConfigureAwait(false);
        await using var stream = await SecureAsync(new NetworkStream(connected.Socket, ownsSocket: true), limit).ConfigureAwait(false);
        var session = new RedisSession(stream);
        if (options.Password is { } password && await session.LogInAsync(options.User, password, limit).ConfigureAwait(false) is { } refusal)
            return [blank with { State = HealthState.Critical, Message = $"it lets nobody in: {refusal}" }];
        var pong = await session.AskAsync(limit, "PING").ConfigureAwait(false);
        double seconds = time.GetElapsedTime(begun).TotalSeconds;
        var main = blank with
        {
            State = pong.IsError ? HealthState.Critical : HealthState.OK,
            Value = seconds,
            Unit = "s",
            Message = pong.IsError ? $"it answers with an error: {pong.Text}" : Invariant($"answered in {seconds:0.000} s"),
            Metrics = [subject.Sample("redis.time", seconds, blank.Time)],
        };
        if (pong.IsError) return [main];
        var info = await session.AskAsync(limit, "INFO").ConfigureAwait(false);
        var results = new List<HealthCheckResult> { main };
        // A user may be allowed nothing but what the application needs.
        if (info.IsError) results[0] = main with { Message = $"{main.Message}, but it does not tell about itself: {info.Text}" };
        else results.AddRange(_judge.Judge(RedisInfo.Parse(info.Text ?? ""), subject, blank));
        if (options.Command.Count > 0) results.Add(QueryAnswer.Judge(blank, await QueryAsync(session, limit).ConfigureAwait(false), options.Expect));
        return results;
    }, cancellationToken);

    private async Task<QueryAnswer> QueryAsync(RedisSession session, CancellationToken cancellationToken)
    {
        var reply = await session.AskAsync(cancellationToken, options.Command).ConfigureAwait(false);
        return new QueryAnswer(reply.Text ?? "", reply.IsError ? reply.Text : null);
    }

    private async Task<Stream> SecureAsync(NetworkStream network, CancellationToken cancellationToken)
    {
        if (!options.Tls) return network;
        var trust = new CertificateTrust(options.CaCertificate, MonitoringErrors.CaCertificateUnreadable);
        var secure = new SslStream(network);
        try
        {
            var settings = trust.Options;
            settings.TargetHost = options.TlsName ?? options.Host;
            await secure.AuthenticateAsClientAsync(settings, cancellationToken).ConfigureAwait(false);
            return secure;
        }
        catch (AuthenticationException) when (trust.Distrust is { } distrust)
        {
            await secure.DisposeAsync().ConfigureAwait(false);
            throw new AuthenticationException($"the certificate is not believed, {distrust}");
        }
        catch
        {
            await secure.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}

/// <summary>How a Redis server is reached and what it must do.</summary>
internal sealed record RedisCheckOptions
{
    public required string Host { get; init; }

    public int Port { get; init; } = 6379;

    public bool Tls { get; init; }

    /// <summary>The name that the certificate must be for; <see langword="null"/> for <see cref="Host"/>.</summary>
    public string? TlsName { get; init; }

    /// <summary>The PEM file of the authorities to believe; <see langword="null"/> for those of the system.</summary>
    public string? CaCertificate { get; init; }

    /// <summary>The user (Redis 6 and later); <see langword="null"/> for the default one.</summary>
    public string? User { get; init; }

    public SecretSource? Password { get; init; }

    /// <summary>A command to send, word by word; none for none.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>What the command must come to.</summary>
    public string? Expect { get; init; }

    /// <summary>How long it may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);
}
