using System.Globalization;
using System.Net;
using System.Text;
using ProdOps.LoadBalancing.Rendering;
using ProdOps.Servers.Commands;

namespace ProdOps.LoadBalancing.Publishing;

/// <summary>What a balancer's server says before anything is changed there.</summary>
internal sealed record BalancerFacts
{
    private const string Script = """
        PATH=$PATH:/usr/sbin:/sbin
        say() { printf '%s=%s\n' "$1" "$2"; }
        store=$1 program=$2; shift 2
        say program "$(command -v "$program")"
        [ "$program" = nginx ] && say version "$(nginx -v 2>&1 | head -n 1)" || say version "$("$program" -v 2>/dev/null | head -n 1)"
        say keepalived "$(command -v keepalived)"
        say perl "$(command -v perl)"
        id "$program" >/dev/null 2>&1 && say user "$program"
        [ -d /var/lib/haproxy ] && say home /var/lib/haproxy
        [ -d /run/systemd/system ] && say systemd yes
        [ -e "$store/former" ] && say former yes
        say current "$(cat "$store/current" 2>/dev/null)"
        [ -d "$store/revisions" ] && say last "$(ls "$store/revisions" | sed -n 's/^\([0-9]*\)-.*/\1/p' | sort -n | tail -n 1)"
        for file do
          [ -f "$file" ] || continue
          say file "$file"
          say mode "$(stat -c %a "$file")"
          # A package's own file that nobody changed: dpkg knows its sum.
          sum=$(md5sum <"$file" | cut -d ' ' -f 1)
          awk -v file="$file" -v sum="$sum" '/^Conffiles:/ { c = 1; next } /^[^ ]/ { c = 0 } c && $1 == file && $2 == sum { print "stock=yes" }' /var/lib/dpkg/status 2>/dev/null
          say text "$(base64 <"$file" | tr -d '\n')"
        done
        ip -o addr show 2>/dev/null | sed 's/^/link=/'
        """;

    public bool HasProgram { get; private init; }

    /// <summary>The balancer's version, e.g. <c>2.6.12-1+deb12u4</c>.</summary>
    public string Version { get; private init; } = "";

    public bool HasKeepalived { get; private init; }

    public bool HasPerl { get; private init; }

    /// <summary>The user that the package made for the balancer.</summary>
    public string? User { get; private init; }

    public string? Home { get; private init; }

    public bool HasSystemd { get; private init; }

    /// <summary>True if a publication was cut off between the change of files and its end.</summary>
    public bool IsInterrupted { get; private init; }

    /// <summary>The revision that was last published.</summary>
    public string? Current { get; private init; }

    /// <summary>The highest number of a revision.</summary>
    public int LastNumber { get; private init; }

    public IReadOnlyDictionary<string, BalancerFile> Files { get; private init; } = new Dictionary<string, BalancerFile>();

    /// <summary>The addresses of its network cards, with their networks.</summary>
    public IReadOnlyList<NetworkLink> Links { get; private init; } = [];

    /// <summary>Asks a server.</summary>
    public static async Task<BalancerFacts> ReadAsync(IServerShell shell, string store, LoadBalancerKind kind, IEnumerable<string> files, bool asRoot, CancellationToken cancellationToken)
    {
        string program = kind == LoadBalancerKind.HAProxy ? "haproxy" : "nginx";
        var command = new ServerCommand($"set -- {ShellQuote.Words([store, program, .. files])}\n{Script}") { AsRoot = asRoot, Idempotent = true, PosixLocale = true };
        return Parse((await shell.RunAsync(command, cancellationToken).ConfigureAwait(false)).Text);
    }

    /// <summary>Reads what the script printed. Anything else in between counts for nothing.</summary>
    public static BalancerFacts Parse(string text)
    {
        var facts = new BalancerFacts();
        var files = new Dictionary<string, BalancerFile>(StringComparer.Ordinal);
        var links = new List<NetworkLink>();
        string file = "";
        foreach (string line in text.Split('\n'))
        {
            int equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0) continue;
            string value = line[(equals + 1)..].Trim();
            if (value.Length == 0 && line[..equals] != "text") continue;
            switch (line[..equals])
            {
                case "program": facts = facts with { HasProgram = true }; break;
                case "version": facts = facts with { Version = value.Split(' ', '/').FirstOrDefault(word => word.Length > 0 && char.IsAsciiDigit(word[0])) ?? "" }; break;
                case "keepalived": facts = facts with { HasKeepalived = true }; break;
                case "perl": facts = facts with { HasPerl = true }; break;
                case "user": facts = facts with { User = value }; break;
                case "home": facts = facts with { Home = value }; break;
                case "systemd": facts = facts with { HasSystemd = true }; break;
                case "former": facts = facts with { IsInterrupted = true }; break;
                case "current": facts = facts with { Current = value }; break;
                case "last": facts = facts with { LastNumber = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0 }; break;
                case "file": files[file = value] = new BalancerFile("", "644", IsStock: false); break;
                case "mode" when files.ContainsKey(file): files[file] = files[file] with { Mode = value }; break;
                case "stock" when files.ContainsKey(file): files[file] = files[file] with { IsStock = true }; break;
                case "text" when files.ContainsKey(file): files[file] = files[file] with { Text = Decode(value) }; break;
                case "link" when LinkOf(value) is { } link: links.Add(link); break;
            }
        }

        return facts with { Files = files, Links = links };
    }

    /// <summary>How the server is connected to the network of an address; <see langword="null"/> if it is not.</summary>
    public NetworkLink? LinkTo(string address, string? only) => Links.FirstOrDefault(link => (only is null || link.Interface == only) && link.Reaches(address));

    // 2: eth0    inet 10.77.0.11/24 brd 10.77.0.255 scope global eth0\ …
    private static NetworkLink? LinkOf(string line)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 4 || words[2] is not ("inet" or "inet6") || words[1] == "lo" || line.Contains("scope link", StringComparison.Ordinal)) return null;
        string[] parts = words[3].Split('/');
        return IPAddress.TryParse(parts[0], out var address) && parts.Length == 2 && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int prefix) && prefix <= address.GetAddressBytes().Length * 8
            ? new NetworkLink(words[1].Split('@')[0], parts[0], prefix) : null;
    }

    private static string Decode(string value)
    {
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(value));
        }
        catch (FormatException)
        {
            return "";
        }
    }
}

/// <summary>A file on a balancer as it is.</summary>
/// <param name="Text">All of it.</param>
/// <param name="Mode">Its permissions in octal.</param>
/// <param name="IsStock">True for a package's own file that nobody changed.</param>
internal sealed record BalancerFile(string Text, string Mode, bool IsStock);
