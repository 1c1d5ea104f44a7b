using System.Security.Cryptography;
using ProdOps.Monitoring.Checks.Http;
using ProdOps.Servers.Commands;
using ProdOps.Servers.HAProxy;

namespace ProdOps.Monitoring.Checks.HAProxy;

/// <summary>Asks an HAProxy for its backends: over its admin socket on the server.</summary>
/// <param name="subject">What the results are called.</param>
/// <param name="pool">Which backends: a name, with wildcards if need be; empty for all.</param>
/// <param name="shell">The server.</param>
/// <param name="socket">How it is asked.</param>
/// <param name="timeout">How long it may take.</param>
/// <param name="time">The clock.</param>
internal sealed class HAProxyCheck(CheckSubject subject, string pool, CheckShell shell, HAProxyCheckSocket socket, TimeSpan timeout, TimeProvider time) : IHealthCheck
{
    private readonly CheckRun _run = new(subject, timeout, time);

    public Task<IReadOnlyList<HealthCheckResult>> RunAsync(CancellationToken cancellationToken) => _run.AllAsync(async (blank, limit) =>
    {
        string mark = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var command = HAProxySocket.Serve(mark, CheckShell.MostOutput) with { AsRoot = socket.AsRoot, Idempotent = true };
        var output = await CheckShell.RunAsync(await shell.OpenAsync(limit).ConfigureAwait(false), command, HAProxySocket.Request("show stat", socket.Paths), limit).ConfigureAwait(false);
        var answer = new HAProxyAnswer(mark);
        string table = answer.Read(output.StandardOutput.Span);
        if (answer.End is { IsGood: true } && table.Length > 0) return HAProxyJudge.Judge(HAProxyTable.Parse(table), pool, subject, blank);
        bool unable = output.Exit.Code == HAProxySocket.Unable || answer.End is { IsAbsent: true } or { IsForbidden: true };
        return [blank with { State = unable ? HealthState.Unknown : HealthState.Critical, Message = Explain(output, answer.End) }];
    }, cancellationToken);

    private string Explain(CommandOutput output, HAProxyAnswerEnd? end) => end switch
    {
        null => output.ErrorLines.FirstOrDefault(line => line.Length > 0) ?? $"asking ended with {output.Exit.Code}",
        { IsAbsent: true } when socket.Paths is [var path] => $"there is no socket '{path}'",
        { IsAbsent: true } => $"there is no admin socket of HAProxy (looked for {string.Join(", ", socket.Paths)}): name it in Address",
        { IsForbidden: true } when socket.Paths is [var path] => $"this user may not use the socket '{path}': set AsRoot, or put the user in its group",
        { IsForbidden: true } => "this user may not use HAProxy's admin socket: set AsRoot, or put the user in its group",
        { IsGood: true } => "HAProxy closes the connection without an answer",
        { IsCut: true } => "what answers says more than any HAProxy does",
        { } other => other.Text ?? "",
    };
}

/// <summary>Where a check asks HAProxy.</summary>
/// <param name="Paths">Sockets, of which the first that is there is asked.</param>
/// <param name="AsRoot">Whether only root may.</param>
internal sealed record HAProxyCheckSocket(IReadOnlyList<string> Paths, bool AsRoot);

/// <summary>Asks an HAProxy for its backends: by its page of statistics.</summary>
/// <param name="subject">What the results are called.</param>
/// <param name="pool">Which backends: a name, with wildcards if need be; empty for all.</param>
/// <param name="page">The page.</param>
/// <param name="time">The clock.</param>
internal sealed class HAProxyPageCheck(CheckSubject subject, string pool, HttpCheckOptions page, TimeProvider time) : IHealthCheck
{
    public async Task<IReadOnlyList<HealthCheckResult>> RunAsync(CancellationToken cancellationToken)
    {
        using var exchange = new HttpExchange(page, time);
        var run = new CheckRun(subject, page.Timeout, time) { Describe = exchange.Describe };
        return await run.AllAsync(async (blank, limit) =>
        {
            var (status, body) = await exchange.ReadAsync(limit).ConfigureAwait(false);
            return status == 200 ? HAProxyJudge.Judge(HAProxyTable.Parse(body), pool, subject, blank) : [blank with { Message = $"the page of statistics answers with status {status}" }];
        }, cancellationToken).ConfigureAwait(false);
    }
}
