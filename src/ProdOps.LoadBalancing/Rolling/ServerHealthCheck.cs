using System.Globalization;
using ProdOps.Servers;
using ProdOps.Servers.Commands;

namespace ProdOps.LoadBalancing.Rolling;

/// <summary>Asks an application on its own server, past the balancer, by a request of HTTP from that server. perl-base is on every Debian; elsewhere curl will do.</summary>
internal static class ServerHealthCheck
{
    private const string Script = """
        if command -v perl >/dev/null 2>&1; then
            exec perl -e '
                use IO::Socket::IP;
                my ($host, $port, $path, $name) = @ARGV;
                $SIG{ALRM} = sub { print "no answer within 10 s\n"; exit 1 };
                alarm 10;
                my $socket = IO::Socket::IP->new(PeerHost => $host, PeerPort => $port, Timeout => 5) or do { print "$@\n"; exit 1 };
                print $socket "GET $path HTTP/1.1\r\nHost: $name\r\nUser-Agent: ProdOps\r\nConnection: close\r\n\r\n";
                my $line = <$socket>;
                print defined $line ? $line : "it closed the connection without an answer\n"' "$@"
        fi
        case $1 in *:*) host="[$1]" ;; *) host=$1 ;; esac
        curl -s -S -o /dev/null -m 10 --noproxy '*' -A ProdOps -H "Host: $4" -w 'HTTP/1.1 %{http_code}\n' "http://$host:$2$3" 2>&1
        """;

    /// <summary>The command.</summary>
    /// <param name="address">Where the application listens.</param>
    /// <param name="port">Its port.</param>
    /// <param name="path">What is asked for, from the slash on.</param>
    /// <param name="host">The Host header.</param>
    /// <exception cref="ProdOpsException">The path or the host cannot stand in a request.</exception>
    public static ServerCommand Command(string address, int port, string path, string host)
    {
        if (!path.StartsWith('/') || path.Any(c => c is <= ' ' or > '~') || host.Length == 0 || host.Any(c => c is <= ' ' or > '~')) throw LoadBalancingErrors.HealthPathInvalid(path, host);
        return new ServerCommand($"set -- {ShellQuote.Words(address, port.ToString(CultureInfo.InvariantCulture), path, host)}\n{Script}") { Idempotent = true, PosixLocale = true };
    }

    /// <summary>What came of it.</summary>
    public static RollingWorkResult Read(string output)
    {
        string line = ServersErrors.Printable(output.Trim().Split('\n')[0]).Trim();
        string[] words = line.Split(' ', 3);
        if (words.Length < 2 || !words[0].StartsWith("HTTP/", StringComparison.Ordinal) || !int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out int status) || status == 0)
            return new RollingWorkResult([], line.Length == 0 ? "no answer" : line[..Math.Min(line.Length, 200)]);
        return status is >= 200 and < 400 ? new RollingWorkResult([$"HTTP {words[1]}"]) : new RollingWorkResult([], $"HTTP {words[1]}{(words.Length > 2 ? $" {words[2][..Math.Min(words[2].Length, 60)]}" : "")}");
    }
}
