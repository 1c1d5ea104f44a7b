using System.Globalization;
using ProdOps.Servers.Commands;

namespace ProdOps.Servers.Inventory.Probing;

/// <summary>Looks at a host: its name, its system, the ports it listens on, what runs. It needs a POSIX shell and changes nothing.</summary>
internal static class HostProbe
{
    /// <summary>Enough for any host; what is longer is no host's answer.</summary>
    private const int MaximumNames = 1000;

    private static readonly string[] WebRoots = ["/srv/www", "/var/www"];

    public static ServerCommand Command { get; } = new("""
        LC_ALL=C; export LC_ALL
        echo '@host'; uname -n
        echo '@system'; if [ -r /etc/os-release ]; then ( . /etc/os-release; printf '%s\n' "$PRETTY_NAME" ); else uname -sr; fi
        echo '@ports'; cat /proc/net/tcp /proc/net/tcp6 2>/dev/null
        echo '@running'
        if [ -d /run/systemd/system ]; then systemctl list-units --type=service --state=running --no-legend --plain --no-pager 2>/dev/null
        else for name in /proc/[0-9]*/comm; do cat "$name" 2>/dev/null; done; fi
        echo '@own'; for unit in /etc/systemd/system/*.service; do if [ -f "$unit" ] && [ ! -L "$unit" ]; then printf '%s\n' "${unit##*/}"; fi; done
        echo '@web'; for folder in /srv/www /var/www; do if [ -n "$(ls -A "$folder" 2>/dev/null)" ]; then printf '%s\n' "$folder"; fi; done
        """) { Idempotent = true };

    /// <summary>Reads what the command printed, as far as it goes.</summary>
    public static HostFacts Parse(string text)
    {
        string section = "";
        string? host = null, system = null;
        var ports = new SortedDictionary<int, bool>();
        var running = new SortedSet<string>(StringComparer.Ordinal);
        var own = new HashSet<string>(StringComparer.Ordinal);
        var web = new List<string>();
        foreach (string raw in text.Split('\n'))
        {
            string line = raw.Trim();
            if (line.Length == 0) continue;
            if (line[0] == '@')
            {
                section = line;
                continue;
            }

            switch (section)
            {
                case "@host":
                    host ??= line;
                    break;
                case "@system":
                    system ??= Clean(line);
                    break;
                case "@ports":
                    AddPort(line, ports);
                    break;
                case "@running" when running.Count < MaximumNames && Unit(line) is { } unit:
                    running.Add(unit);
                    break;
                case "@own" when own.Count < MaximumNames && Unit(line) is { } unit:
                    own.Add(unit);
                    break;
                case "@web" when WebRoots.Contains(line) && !web.Contains(line):
                    web.Add(line);
                    break;
            }
        }

        return new HostFacts(host, system, [.. ports.Where(port => port.Value).Select(port => port.Key)], [.. running], [.. running.Where(name => own.Contains(name) || own.Contains(Template(name)))]) { WebRoots = web };
    }

    /// <summary>A listening socket of /proc/net/tcp (proc(5)): state 0A, the local address in hexadecimal. Those on loopback serve nobody else.</summary>
    private static void AddPort(string line, SortedDictionary<int, bool> ports)
    {
        string[] fields = line.Split(' ', 5, StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length < 4 || fields[3] != "0A") return;
        int colon = fields[1].LastIndexOf(':');
        if (colon < 0 || !int.TryParse(fields[1].AsSpan(colon + 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int port) || port is < 1 or > 65535) return;
        string address = fields[1][..colon];
        bool loopback = address is "00000000000000000000000001000000" || (address.Length == 8 && address.EndsWith("7F", StringComparison.Ordinal));
        ports[port] = !loopback || ports.GetValueOrDefault(port);
    }

    /// <summary>The unit's name without its type; names that no schema would take are left out.</summary>
    private static string? Unit(string line)
    {
        int end = line.IndexOf(' ');
        string name = end < 0 ? line : line[..end];
        if (name.EndsWith(".service", StringComparison.Ordinal)) name = name[..^8];
        // Debian's PostgreSQL is postgresql@15-main: what is called postgresql there has ended when the host is up.
        int at = name.IndexOf('@');
        bool plain = at < 0 ? Schema.Kinds.IsName(name) : Schema.Kinds.IsName(name[..at]) && (at == name.Length - 1 || Schema.Kinds.IsName(name[(at + 1)..]));
        return plain ? name : null;
    }

    /// <summary>The unit file of an instance: <c>shop@</c> of <c>shop@1</c>.</summary>
    private static string Template(string name) => name[..(name.IndexOf('@') + 1)];

    /// <summary>A text from another machine, fit for a comment: one line, not too long, nothing but what can be seen.</summary>
    private static string Clean(string text) => new([.. text.Where(c => c is >= ' ' and < '\u007F').Take(80)]);
}

/// <summary>What was seen on a host.</summary>
/// <param name="HostName">What it calls itself.</param>
/// <param name="System">Its system, e.g. <c>Debian GNU/Linux 12 (bookworm)</c>.</param>
/// <param name="Ports">TCP ports that it listens on for others.</param>
/// <param name="Running">Services, or without systemd programs, that run.</param>
/// <param name="Own">Those of them whose unit the admin has put there.</param>
internal sealed record HostFacts(string? HostName, string? System, IReadOnlyList<int> Ports, IReadOnlyList<string> Running, IReadOnlyList<string> Own)
{
    /// <summary>Folders that web servers usually serve, and that have something in them.</summary>
    public IReadOnlyList<string> WebRoots { get; init; } = [];
}
