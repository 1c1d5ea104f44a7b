using System.Text.RegularExpressions;

namespace ProdOps.LoadBalancing.Publishing;

/// <summary>What a change of a configuration means, in words: servers that join and leave, ports that open and close, load balancers that come and go.</summary>
internal static partial class ConfigurationChanges
{
    public static IReadOnlyList<string> Of(LoadBalancerKind kind, string? before, string after)
    {
        var (old, fresh) = (Parts.Read(kind, before ?? ""), Parts.Read(kind, after));
        var changes = new List<string>();
        foreach (string pool in fresh.Pools.Keys.Except(old.Pools.Keys)) changes.Add($"pool {pool} is new, with {Count(fresh.Pools[pool].Count)}");
        foreach (string pool in old.Pools.Keys.Except(fresh.Pools.Keys)) changes.Add($"pool {pool} goes");
        foreach (string pool in fresh.Pools.Keys.Intersect(old.Pools.Keys))
        {
            var (was, now) = (old.Pools[pool], fresh.Pools[pool]);
            changes.AddRange(now.Keys.Except(was.Keys).Select(server => $"server {server} joins pool {pool}"));
            changes.AddRange(was.Keys.Except(now.Keys).Select(server => $"server {server} leaves pool {pool}"));
            changes.AddRange(now.Keys.Intersect(was.Keys).Where(server => was[server] != now[server]).Select(server => $"server {server} of pool {pool}: {was[server]} -> {now[server]}"));
        }

        changes.AddRange(fresh.Ports.Except(old.Ports).Select(port => $"port {port} opens"));
        changes.AddRange(old.Ports.Except(fresh.Ports).Select(port => $"port {port} closes"));
        foreach (string part in fresh.Others.Keys.Intersect(old.Others.Keys).Where(part => !fresh.Others[part].SequenceEqual(old.Others[part])))
        {
            string[] added = [.. fresh.Others[part].Except(old.Others[part])], gone = [.. old.Others[part].Except(fresh.Others[part])];
            if (added.Length + gone.Length > 0) changes.Add($"{part}: {string.Join(", ", added.Select(line => $"+ {line}").Concat(gone.Select(line => $"- {line}")))}");
        }

        if (changes.Count == 0 && before != after) changes.Add(before is null ? "a first configuration" : "the text alone");
        return changes;
    }

    private static string Count(int servers) => servers == 1 ? "1 server" : $"{servers} servers";

    /// <summary>A configuration, as far as it is told about.</summary>
    private sealed class Parts
    {
        public Dictionary<string, Dictionary<string, string>> Pools { get; } = new(StringComparer.Ordinal);

        public HashSet<string> Ports { get; } = new(StringComparer.Ordinal);

        /// <summary>The other lines of each part.</summary>
        public Dictionary<string, List<string>> Others { get; } = new(StringComparer.Ordinal);

        public static Parts Read(LoadBalancerKind kind, string text)
        {
            var parts = new Parts();
            string part = "";
            foreach (string raw in text.Split('\n'))
            {
                string line = raw.Trim();
                // The revision is another one each time.
                if (line.Length == 0 || (line[0] == '#' && kind == LoadBalancerKind.HAProxy) || line.StartsWith("# ", StringComparison.Ordinal) || line.StartsWith("description prodops-", StringComparison.Ordinal)) continue;
                if (Begin(kind, line) is { } begin) parts.Others[part = begin] = [];
                else if (part.Length > 0) parts.Add(kind, part, line);
            }

            foreach (string name in parts.Others.Keys.Where(name => name.StartsWith("pool ", StringComparison.Ordinal))) parts.Pools.TryAdd(name[5..], new Dictionary<string, string>(StringComparer.Ordinal));
            return parts;
        }

        private void Add(LoadBalancerKind kind, string part, string line)
        {
            if ((kind == LoadBalancerKind.HAProxy ? HAProxyServer() : NginxServer()).Match(line) is { Success: true } server && part.StartsWith("pool ", StringComparison.Ordinal))
            {
                if (!Pools.TryGetValue(part[5..], out var servers)) Pools[part[5..]] = servers = new Dictionary<string, string>(StringComparer.Ordinal);
                servers[server.Groups["name"].Value] = server.Groups["address"].Value;
            }
            else if ((kind == LoadBalancerKind.HAProxy ? HAProxyBind() : NginxListen()).Match(line) is { Success: true } port)
            {
                Ports.Add(port.Groups["port"].Value + (port.Groups["tls"].Success ? " (TLS)" : ""));
            }
            else
            {
                Others[part].Add(line);
            }
        }

        private static string? Begin(LoadBalancerKind kind, string line)
        {
            string[] words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            string name = words.Length > 1 ? words[1] : "";
            return (kind, words[0]) switch
            {
                (LoadBalancerKind.HAProxy, "global" or "defaults") => words[0],
                (LoadBalancerKind.HAProxy, "frontend") => $"frontend {name}",
                (LoadBalancerKind.HAProxy, "backend" or "listen") => $"pool {name}",
                (LoadBalancerKind.Nginx, "upstream") => $"pool {name}",
                (LoadBalancerKind.Nginx, "server") when name == "{" => "server",
                _ => null,
            };
        }
    }

    [GeneratedRegex(@"^server\s+(?<name>\S+)\s+(?<address>\S+)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex HAProxyServer();

    [GeneratedRegex(@"^server\s+(?<address>[^\s;]+)[^#]*(?:#\s*(?<name>\S+))?", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex NginxServer();

    [GeneratedRegex(@"^bind\s+\S*?:(?<port>\d+)(?:\s.*?(?<tls>\bssl\b))?", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex HAProxyBind();

    [GeneratedRegex(@"^listen\s+(?:\S*:)?(?<port>\d+)(?:\s[^;]*?(?<tls>\bssl\b))?", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex NginxListen();
}
