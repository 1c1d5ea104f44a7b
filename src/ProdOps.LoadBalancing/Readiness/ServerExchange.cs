using System.Globalization;
using ProdOps.Servers.Commands;

namespace ProdOps.LoadBalancing.Readiness;

/// <summary>Asks an application from its own server, past the balancer, and brings the whole answer: the network of the pool need not be reachable from here. perl-base is on every Debian; elsewhere curl will do.</summary>
internal static class ServerExchange
{
    private const int MaximumAnswer = 1024 * 1024;

    // What perl cannot do it leaves to nobody: its words are the error, and standard output is the answer alone.
    private const string Script = """
        if command -v perl >/dev/null 2>&1; then
            exec perl -e '
                use IO::Socket::IP;
                my ($host, $port, $path, $name, $cookie) = @ARGV;
                $SIG{ALRM} = sub { print STDERR "no answer within 10 s\n"; exit 1 };
                alarm 10;
                my $socket = IO::Socket::IP->new(PeerHost => $host, PeerPort => $port, Timeout => 5) or do { print STDERR "$@\n"; exit 1 };
                print $socket "GET $path HTTP/1.1\r\nHost: $name\r\nUser-Agent: ProdOps\r\nAccept: */*\r\n" . ($cookie eq "" ? "" : "Cookie: $cookie\r\n") . "Connection: close\r\n\r\n";
                my ($all, $piece) = ("");
                while (length($all) < 1000000 && read($socket, $piece, 65536)) { $all .= $piece }
                print $all' "$@"
        fi
        case $1 in *:*) host="[$1]" ;; *) host=$1 ;; esac
        exec curl -s -S -i --http1.1 --raw -m 10 --noproxy '*' -A ProdOps -H "Host: $4" ${5:+-b "$5"} "http://$host:$2$3"
        """;

    /// <summary>Asks.</summary>
    /// <param name="shell">The server.</param>
    /// <param name="url">Where its application listens, and what is asked for.</param>
    /// <param name="host">The Host header.</param>
    /// <param name="cookie">The Cookie header, or <see langword="null"/>.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The answer, or why there is none.</returns>
    public static async Task<(HttpAnswer? Answer, string Problem)> AskAsync(IServerShell shell, Uri url, string host, string? cookie, CancellationToken cancellationToken)
    {
        if (host.Any(c => c is <= ' ' or > '~') || cookie?.Any(c => c is < ' ' or > '~') == true) return (null, "the Host header or the cookie cannot be sent");
        string words = ShellQuote.Words(url.Host.Trim('[', ']'), url.Port.ToString(CultureInfo.InvariantCulture), url.PathAndQuery, host, cookie ?? "");
        var command = new ServerCommand($"set -- {words}\n{Script}") { Idempotent = true, PosixLocale = true };
        var output = await shell.RunAsync(command, new CommandRunOptions { MaximumOutput = 2 * MaximumAnswer }, cancellationToken).ConfigureAwait(false);
        if (HttpAnswer.Parse(output.StandardOutput.Span) is { } answer) return (answer, "");
        string said = ProdOps.Servers.ServersErrors.Printable(output.ErrorText.Trim());
        return (null, said.Length > 0 ? said[..Math.Min(said.Length, 200)] : output.StandardOutput.Length > 0 ? "what it answers is not HTTP/1.1, or is not whole" : "it closed the connection without an answer");
    }
}
