using ProdOps.LoadBalancing.HAProxy.Configuration;
using ProdOps.LoadBalancing.Operating;

namespace ProdOps.LoadBalancing.HAProxy;

/// <summary>
/// What a server that is added while HAProxy runs has to be told: its checks and its TLS. HAProxy does not apply <c>default-server</c> to it (Management Guide, section
/// 9.3, "add server"), so both that and what stands at the pool's first server are repeated, as far as such a server may have it.
/// </summary>
internal static class HAProxyDynamicServer
{
    // How many words follow each. Left out is what is one server's own: its number, weight, check address, cookie, and whether it is a backup or disabled.
    private static readonly Dictionary<string, int> Allowed = new(StringComparer.Ordinal)
    {
        ["agent-check"] = 0, ["agent-inter"] = 1, ["agent-port"] = 1, ["agent-send"] = 1, ["alpn"] = 1, ["ca-file"] = 1, ["check"] = 0, ["check-alpn"] = 1,
        ["check-proto"] = 1, ["check-send-proxy"] = 0, ["check-sni"] = 1, ["check-ssl"] = 0, ["ciphers"] = 1, ["ciphersuites"] = 1, ["crl-file"] = 1, ["crt"] = 1,
        ["downinter"] = 1, ["error-limit"] = 1, ["fall"] = 1, ["fastinter"] = 1, ["inter"] = 1, ["maxconn"] = 1, ["maxqueue"] = 1, ["minconn"] = 1, ["no-ssl-reuse"] = 0,
        ["no-tls-tickets"] = 0, ["observe"] = 1, ["on-error"] = 1, ["on-marked-down"] = 1, ["on-marked-up"] = 1, ["pool-low-conn"] = 1, ["pool-max-conn"] = 1,
        ["pool-purge-delay"] = 1, ["port"] = 1, ["proto"] = 1, ["rise"] = 1, ["send-proxy"] = 0, ["send-proxy-v2"] = 0, ["send-proxy-v2-ssl"] = 0,
        ["send-proxy-v2-ssl-cn"] = 0, ["slowstart"] = 1, ["sni"] = 1, ["ssl"] = 0, ["ssl-max-ver"] = 1, ["ssl-min-ver"] = 1, ["verify"] = 1, ["verifyhost"] = 1, ["ws"] = 1,
    };

    // Words that are not repeated and have another one behind them, which must not be taken for a setting.
    private static readonly HashSet<string> WithArgument = new(StringComparer.Ordinal)
    {
        "addr", "agent-addr", "cookie", "id", "weight", "track", "redir", "namespace", "init-addr", "resolvers", "resolve-prefer", "resolve-net", "resolve-opts", "source",
        "usesrc", "interface", "socks4", "log-proto", "proxy-v2-options", "shard", "init-state", "npn", "guid", "pool-conn-name", "hash-key",
    };

    /// <summary>The words behind its address.</summary>
    public static (IReadOnlyList<string> Words, bool IsChecked) SettingsOf(HAProxyConfiguration configuration, BackendMember member)
    {
        if (configuration.Backend(member.Pool) is not { } backend) return ([], false);
        var settings = new Dictionary<string, string[]>(StringComparer.Ordinal);
        foreach (var line in backend.DefaultServers) Read(line.Words.Skip(1));
        var sibling = backend.All("server").FirstOrDefault(line => !line.Has("backup", 3)) ?? backend.All("server").FirstOrDefault() ?? backend.All("server-template").FirstOrDefault();
        if (sibling is not null) Read(sibling.Words.Skip(sibling.Keyword == "server" ? 3 : 4));
        string? cookie = backend.Cookie;
        List<string> words = [.. settings.SelectMany(setting => setting.Value.Prepend(setting.Key)).Select(Word)];
        if (cookie is not null) words.AddRange(["cookie", member.Name]);
        return (words, settings.ContainsKey("check"));

        void Read(IEnumerable<string> source)
        {
            string[] all = [.. source];
            for (int i = 0; i < all.Length; i++)
            {
                if (all[i].StartsWith("no-", StringComparison.Ordinal) && settings.Remove(all[i][3..])) continue;
                if (WithArgument.Contains(all[i])) i++;
                else if (Allowed.TryGetValue(all[i], out int count) && i + count < all.Length)
                {
                    settings[all[i]] = all[(i + 1)..(i + 1 + count)];
                    i += count;
                }
            }
        }
    }

    /// <summary>A word as the socket takes it: it cuts commands at semicolons and words at blanks, which a backslash before them prevents (Management Guide, section 9.3).</summary>
    private static string Word(string word) => string.Concat(word.Where(c => !char.IsControl(c)).Select(c => c is ' ' or ';' or '\\' ? $"\\{c}" : c.ToString()));
}
