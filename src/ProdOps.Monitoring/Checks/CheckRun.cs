using System.Net.Sockets;
using System.Security.Authentication;
using static System.FormattableString;

namespace ProdOps.Monitoring.Checks;

/// <summary>
/// The frame of every check: its clock, its limit, and that what goes wrong is a result. What an engine of ours fails with, such as a server that cannot be logged in to,
/// leaves open how that is which is checked: Unknown.
/// </summary>
/// <param name="subject">What its results are called.</param>
/// <param name="timeout">How long all of it may take.</param>
/// <param name="time">The clock.</param>
internal sealed class CheckRun(CheckSubject subject, TimeSpan timeout, TimeProvider time)
{
    /// <summary>How it is when there is no answer in time.</summary>
    public HealthState Late { get; init; } = HealthState.Critical;

    /// <summary>How it is when the network fails.</summary>
    public HealthState Broken { get; init; } = HealthState.Critical;

    /// <summary>What follows "no answer within …".</summary>
    public string LateText { get; init; } = "";

    /// <summary>What a failure of the network means, in words.</summary>
    public Func<Exception, string> Describe { get; init; } = static error => error.Message;

    /// <summary>Looks at what has one result.</summary>
    /// <param name="look">Makes it of a blank one, within the limit.</param>
    /// <param name="cancellationToken">Calls it off, which is no result.</param>
    public Task<IReadOnlyList<HealthCheckResult>> OneAsync(Func<HealthCheckResult, CancellationToken, Task<HealthCheckResult>> look, CancellationToken cancellationToken) =>
        AllAsync(async (blank, token) => [await look(blank, token).ConfigureAwait(false)], cancellationToken);

    /// <summary>Looks at what has several results.</summary>
    /// <param name="look">Makes them of a blank one, within the limit.</param>
    /// <param name="cancellationToken">Calls it off, which is no result.</param>
    public async Task<IReadOnlyList<HealthCheckResult>> AllAsync(
        Func<HealthCheckResult, CancellationToken, Task<IReadOnlyList<HealthCheckResult>>> look, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(timeout, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        long begun = time.GetTimestamp();
        var blank = subject.Blank(time.GetUtcNow());
        IReadOnlyList<HealthCheckResult> results;
        try
        {
            results = await look(blank, limit.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            var (state, message) = Failure(error);
            results = [blank with { State = state, Message = message }];
        }

        cancellationToken.ThrowIfCancellationRequested();
        var took = time.GetElapsedTime(begun);
        return [.. results.Select(result => result with { Duration = took })];
    }

    private (HealthState State, string Message) Failure(Exception error) => error switch
    {
        OperationCanceledException => (Late, Invariant($"no answer within {timeout.TotalSeconds:0.###} s{LateText}")),
        ProdOpsException => (HealthState.Unknown, error.Message),
        SocketException or IOException or HttpRequestException or AuthenticationException => (Broken, Describe(error)),
        // Whatever else a library comes up with: one check that fails must not end the others.
        _ => (HealthState.Unknown, $"the check itself failed: {error.Message}"),
    };
}
