using System.Text;
using System.Text.RegularExpressions;

namespace ProdOps.LoadBalancing.Publishing;

/// <summary>
/// The servers' states that a new process begins with: what administrators wanted stays, but a port that the former process had would win over the configuration's
/// (measured on 2.6), so it is replaced; and a server that joins a pool which serves begins as one whose checks have to pass first.
/// </summary>
internal static partial class HAProxyStates
{
    /// <param name="states">What <c>show servers state</c> said.</param>
    /// <param name="configuration">The configuration that is taken up.</param>
    public static string ForReload(string states, string configuration)
    {
        var servers = Servers(configuration);
        var text = new StringBuilder();
        string[] columns = [];
        var pools = new Dictionary<string, (string Id, HashSet<string> Servers)>(StringComparer.Ordinal);
        foreach (string line in states.Split('\n'))
        {
            if (line.StartsWith("# ", StringComparison.Ordinal)) columns = line[2..].Split(' ');
            string[] fields = line.Split(' ');
            if (columns.Length > 0 && !line.StartsWith('#') && fields.Length >= columns.Length && Of("be_name") is { } pool && Of("srv_name") is { } server)
            {
                if (!pools.TryGetValue(pool, out var known)) pools[pool] = known = (Of("be_id")!, new HashSet<string>(StringComparer.Ordinal));
                known.Servers.Add(server);
                int place = Array.IndexOf(columns, "srv_port");
                if (place >= 0 && servers.TryGetValue((pool, server), out string? port)) fields[place] = port;
                text.Append(string.Join(' ', fields)).Append('\n');
            }
            else if (line.Trim().Length > 0)
            {
                text.Append(line).Append('\n');
            }

            string? Of(string column) => Array.IndexOf(columns, column) is var at && at >= 0 && at < fields.Length ? fields[at] : null;
        }

        foreach (var ((pool, server), port) in servers.Where(one => pools.TryGetValue(one.Key.Pool, out var known) && !known.Servers.Contains(one.Key.Server)))
            text.Append(string.Join(' ', columns.Select(column => Fresh(column, pool, pools[pool].Id, server, port)))).Append('\n');
        return text.ToString();
    }

    private static Dictionary<(string Pool, string Server), string> Servers(string configuration)
    {
        var servers = new Dictionary<(string Pool, string Server), string>();
        string pool = "";
        foreach (string line in configuration.Split('\n'))
        {
            if (Section().Match(line) is { Success: true } section) pool = section.Groups["name"].Value;
            else if (Server().Match(line) is { Success: true } server) servers[(pool, server.Groups["name"].Value)] = server.Groups["port"].Value;
        }

        return servers;
    }

    // Management Guide, section 9.3, "show servers state": down, with a check that is configured and on (6) and has no result yet. It is found by its name, so its number need not be right.
    private static string Fresh(string column, string pool, string poolId, string server, string port) => column switch
    {
        "be_id" => poolId,
        "be_name" => pool,
        "srv_name" => server,
        "srv_addr" or "srv_fqdn" or "srvrecord" or "srv_check_addr" or "srv_agent_addr" => "-",
        "srv_uweight" or "srv_iweight" => "100",
        "srv_check_status" => "1",
        "srv_check_state" => "6",
        "srv_port" => port,
        _ => "0",
    };

    [GeneratedRegex(@"^(?:backend|listen)\s+(?<name>\S+)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Section();

    [GeneratedRegex(@"^\s+server\s+(?<name>\S+)\s+\S+:(?<port>\d{1,5})(?:\s|$)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Server();
}
