using System.Globalization;
using ProdOps.Servers.Commands;

namespace ProdOps.LoadBalancing.Nginx;

/// <summary>What nginx counts itself, where its configuration has a page for it (ngx_http_stub_status_module). It counts for all its servers and pools together.</summary>
/// <param name="Active">Connections of clients that are open.</param>
/// <param name="Requests">Requests so far, since its first process began.</param>
internal readonly record struct NginxStatus(long Active, long Requests)
{
    private const string Perl = """
        use IO::Socket::IP; my ($a, $p, $u, $h) = @ARGV; $SIG{ALRM} = sub { exit 1 }; alarm 5;
        my $s = IO::Socket::IP->new(PeerHost => $a, PeerPort => $p, Timeout => 3) or exit 1;
        print $s "GET $u HTTP/1.0\r\nHost: $h\r\nUser-Agent: ProdOps\r\n\r\n"; $s->flush;
        my $n = 0; while (my $l = <$s>) { last if ($n += length $l) > 65536; print $l }
        """;

    /// <summary>Where the page is, as nginx' own server reaches it; <see langword="null"/> where the configuration has none that can be asked without TLS.</summary>
    /// <param name="configuration">All of it.</param>
    public static NginxStatusPage? Find(IReadOnlyList<NginxDirective> configuration)
    {
        // nginx -T tells files that are included into http behind those that include them.
        foreach (var server in configuration.SelectMany(directive => directive.Name == "http" ? directive.Block : [directive]).Where(directive => directive.Name == "server"))
        {
            if (server.Block.FirstOrDefault(location => location.Name == "location" && location.Block.Any(line => line.Name == "stub_status")) is not { } page) continue;
            // 'location = /path' or 'location /path'; what is a pattern has no path to ask for.
            string path = page.Words[^1].Text;
            if (!path.StartsWith('/') || path.Any(c => c is <= ' ' or > '~') || (page.Words.Count > 2 && page.Words[1].Text is not ("=" or "^~"))) continue;
            string host = server.Block.FirstOrDefault(line => line is { Name: "server_name", Words.Count: > 1 })?.Words[1].Text ?? "localhost";
            if (host.Any(c => c is <= ' ' or > '~')) host = "localhost";
            string[][] listens = [.. server.Block.Where(line => line is { Name: "listen", Words.Count: > 1 }).Select(line => line.Words.Skip(1).Select(word => word.Text).ToArray())];
            if (listens.Length == 0) listens = [["80"]];
            foreach (string[] words in listens.Where(words => !words.Contains("ssl")))
                if (EndpointOf(words[0]) is var (address, port)) return new NginxStatusPage(address, port, path, host is "_" or "" ? "localhost" : host);
        }

        return null;
    }

    /// <summary>The command that asks for it.</summary>
    public static ServerCommand Command(NginxStatusPage page) => new($"exec perl -e {ShellQuote.Word(Perl)} {ShellQuote.Words(page.Address, page.Port.ToString(CultureInfo.InvariantCulture), page.Path, page.Host)}") { Idempotent = true, PosixLocale = true };

    /// <summary>Reads the answer; <see langword="null"/> if it is no such page.</summary>
    public static NginxStatus? TryParse(string text)
    {
        long? active = null, requests = null;
        bool counters = false;
        foreach (var raw in text.AsSpan().EnumerateLines())
        {
            var line = raw.Trim();
            if (line.StartsWith("Active connections:", StringComparison.Ordinal)) active = Number(line["Active connections:".Length..]);
            else if (line.StartsWith("server accepts handled requests", StringComparison.Ordinal)) counters = true;
            else if (counters)
            {
                counters = false;
                requests ??= line.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, _, var third, ..] ? Number(third) : null;
            }
        }

        return active is { } open && requests is { } all ? new NginxStatus(open, all) : null;

        static long? Number(ReadOnlySpan<char> word) => long.TryParse(word.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;
    }

    private static (string Address, int Port)? EndpointOf(string listen)
    {
        if (listen.StartsWith("unix:", StringComparison.Ordinal)) return null;
        int colon = listen.EndsWith(']') ? -1 : listen.LastIndexOf(':');
        string host = colon >= 0 ? listen[..colon] : listen.All(char.IsAsciiDigit) ? "" : listen;
        string port = colon >= 0 ? listen[(colon + 1)..] : host.Length == 0 ? listen : "80";
        if (!ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out ushort number) || number == 0) return null;
        string address = host switch { "" or "*" or "0.0.0.0" => "127.0.0.1", "[::]" => "::1", _ => host.Trim('[', ']') };
        return address.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or ':' or '-') ? (address, number) : null;
    }
}

/// <summary>Where nginx shows what it counts.</summary>
internal sealed record NginxStatusPage(string Address, int Port, string Path, string Host);
