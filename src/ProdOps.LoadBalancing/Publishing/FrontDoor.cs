using System.Globalization;
using ProdOps.Servers.Commands;

namespace ProdOps.LoadBalancing.Publishing;

/// <summary>Asks a balancer, on its own machine, what clients ask it.</summary>
internal static class FrontDoor
{
    private const string Perl = """
        use IO::Socket::INET; my ($p, $u, $h) = @ARGV; $SIG{ALRM} = sub { print "no timeout\n"; exit }; alarm 5;
        my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $p, Timeout => 3) or do { print "no $!\n"; exit };
        if ($u eq "") { print "ok\n"; exit }
        print $s "GET $u HTTP/1.1\r\nHost: $h\r\nUser-Agent: ProdOps\r\nConnection: close\r\n\r\n";
        my $l = <$s>; print defined $l && $l =~ m{^HTTP/\S+ (\d{3})} ? "$1\n" : "no answer\n";
        """;

    /// <returns><see langword="null"/> if it answers; else what is wrong. An answer below 500 is one.</returns>
    public static async Task<string?> AskAsync(IServerShell shell, LoadBalancerDefinition entry, CancellationToken cancellationToken)
    {
        string path = entry.Mode == LoadBalancerMode.Tcp ? "" : entry.Check ?? "/";
        var command = new ServerCommand($"exec perl -e {ShellQuote.Word(Perl)} {ShellQuote.Words(entry.Port.ToString(CultureInfo.InvariantCulture), path, entry.CheckHost ?? entry.Name)}") { Idempotent = true, PosixLocale = true };
        var output = await shell.RunAsync(command, cancellationToken).ConfigureAwait(false);
        string said = output.Text.Trim();
        if (said == "ok" || (int.TryParse(said, NumberStyles.None, CultureInfo.InvariantCulture, out int status) && status < 500)) return null;
        return said.StartsWith("no ", StringComparison.Ordinal) ? said["no ".Length..] : said.Length > 0 ? $"HTTP status {said}" : output.ErrorText.Trim();
    }
}
