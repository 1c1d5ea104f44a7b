using ProdOps.Monitoring.Checks.Http;
using ProdOps.Servers.Commands;

namespace ProdOps.Monitoring.Checks.HAProxy;

/// <summary>Asks an HAProxy for its backends: over its admin socket on the server.</summary>
/// <param name="subject">What the results are called.</param>
/// <param name="pool">Which backends: a name, with wildcards if need be; empty for all.</param>
/// <param name="shell">The server.</param>
/// <param name="socket">The command that asks, see <see cref="HAProxySocket"/>.</param>
/// <param name="timeout">How long it may take.</param>
/// <param name="time">The clock.</param>
internal sealed class HAProxyCheck(CheckSubject subject, string pool, CheckShell shell, ServerCommand socket, TimeSpan timeout, TimeProvider time) : IHealthCheck
{
    private readonly CheckRun _run = new(subject, timeout, time);

    public Task<IReadOnlyList<HealthCheckResult>> RunAsync(CancellationToken cancellationToken) => _run.AllAsync(async (blank, limit) =>
    {
        var output = await shell.RunAsync(socket, limit).ConfigureAwait(false);
        if (output.Exit.Succeeded) return HAProxyJudge.Judge(HAProxyTable.Parse(output.Text), pool, subject, blank);
        string said = output.ErrorLines.FirstOrDefault(line => line.Length > 0) ?? $"asking ended with {output.Exit.Code}";
        return [blank with { State = output.Exit.Code == HAProxySocket.Unable ? HealthState.Unknown : HealthState.Critical, Message = said }];
    }, cancellationToken);
}

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

/// <summary>The command that asks an HAProxy on its admin socket (Management Guide, section 9.3).</summary>
internal static class HAProxySocket
{
    /// <summary>The exit code that says: not HAProxy failed, nobody could ask it.</summary>
    public const int Unable = 96;

    // Where Debian, Red Hat and HAProxy's own examples have it.
    private static readonly string[] Usual = ["/run/haproxy/admin.sock", "/var/lib/haproxy/stats", "/run/haproxy.sock", "/var/run/haproxy.sock", "/tmp/haproxy.sock"];

    /// <param name="path">The socket; <see langword="null"/> for where it usually is.</param>
    /// <param name="asRoot">Whether only root may.</param>
    public static ServerCommand Command(string? path, bool asRoot)
    {
        string words = ShellQuote.Words(path is null ? Usual : [path]);
        string missing = ShellQuote.Word(path is null ? $"there is no admin socket of HAProxy (looked for {string.Join(", ", Usual)}): name it in Address" : $"there is no socket '{path}'");
        // Perl is in every Debian, Ubuntu and Red Hat; the others are asked first since they are small.
        return new ServerCommand(
            $"s=; for p in {words}; do [ -S \"$p\" ] && s=$p && break; done\n"
            + $"[ -n \"$s\" ] || {{ printf '%s\\n' {missing} >&2; exit {Unable}; }}\n"
            + $"[ -w \"$s\" ] || {{ printf '%s\\n' \"this user may not use the socket '$s': set AsRoot, or put the user in its group\" >&2; exit {Unable}; }}\n"
            + "if command -v socat >/dev/null 2>&1; then printf 'show stat\\n' | socat -t 30 - \"UNIX-CONNECT:$s\"\n"
            + "elif command -v perl >/dev/null 2>&1; then perl -MIO::Socket::UNIX -e '$s = IO::Socket::UNIX->new($ARGV[0]) or die \"$!\\n\"; print $s \"show stat\\n\"; print while <$s>' \"$s\"\n"
            + "elif command -v nc >/dev/null 2>&1; then printf 'show stat\\n' | nc -U \"$s\"\n"
            + $"else echo 'asking needs socat, perl or nc -U on the server' >&2; exit {Unable}; fi")
        { AsRoot = asRoot, Idempotent = true };
    }
}
