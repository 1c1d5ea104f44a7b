using System.Globalization;
using System.Net.Sockets;
using ProdOps.Servers.Ssh.Config;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Servers.Tests.Ssh.Config;

/// <summary>What <c>ssh -G</c> makes of a configuration, and what we make of it.</summary>
public sealed class SshConfigDifferentialTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("prodops-config-").FullName;
    private readonly Dictionary<string, IReadOnlyList<string>> _all = [];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [UnixFact("ssh")]
    public void Made_up_configurations_mean_what_ssh_says_they_mean()
    {
        File.WriteAllText(Path.Combine(_folder, "empty"), "");
        var defaults = Ask(Path.Combine(_folder, "empty"), "web1")!;
        var random = new Random(4711);
        int right = 0, wrong = 0;
        var differences = new List<string>();
        for (int round = 0; round < 300; round++)
        {
            string path = new ConfigGenerator(random, Directory.CreateDirectory(Path.Combine(_folder, $"{round}")).FullName).Write();
            string host = ConfigGenerator.Hosts[random.Next(ConfigGenerator.Hosts.Length)];
            var theirs = Ask(path, host);
            SshHostSettings? ours = null;
            string? refusal = null;
            try
            {
                ours = SshConfigResolver.Resolve(new(host) { ConfigFile = path }, Environment());
            }
            catch (ProdOpsException failure)
            {
                refusal = failure.Message;
            }

            if ((theirs is null) != (ours is null)) differences.Add($"round {round}, {host}: {(theirs is null ? "only ssh refuses" : "only we refuse: " + refusal)}\n{Tool.Run("ssh", "-G", "-F", path, host).Error}\n{Text(path)}");
            if (ours is null || theirs is null)
            {
                wrong++;
                continue;
            }

            right++;
            foreach (var (keyword, value) in Ours(ours, defaults))
            {
                string expected = Theirs(theirs, keyword);
                if (expected != value) differences.Add($"round {round}, {host}, {keyword}:\nssh {expected}\nwe  {value}\n{Text(path)}");
            }
        }

        Assert.True(differences.Count == 0, $"{differences.Count} differences\n{string.Join("\n\n", differences.Take(10))}");
        Assert.True(right > 150 && wrong > 10, $"{right} were right and {wrong} wrong: the generator is out of balance");
    }

    [UnixFact("ssh")]
    public void Paths_are_expanded_to_the_files_that_ssh_reads()
    {
        string path = Path.Combine(_folder, "config");
        File.WriteAllText(path, "HostName %h.lan\nUser eve\nPort 77\nHostKeyAlias Alias\nUserKnownHostsFile ~/%C ~root/%%%L-%l ~/%d/%h/%n/%p/%r/%u/%i/%k ${SAMPLE}${SAMPLE}\nIdentityAgent ~/%C\n");
        var theirs = Ask(path, "Web9")!;
        var ours = SshConfigResolver.Resolve(new("Web9") { ConfigFile = path }, Environment());
        Assert.Equal(theirs["userknownhostsfile"][0], string.Join(' ', ours.UserKnownHostsFiles));
        Assert.Equal(theirs["identityagent"][0], ours.IdentityAgent);
    }

    private IEnumerable<(string Keyword, string Value)> Ours(SshHostSettings ours, Dictionary<string, List<string>> defaults)
    {
        string home = Environment().Home;
        yield return ("hostname", ours.HostName);
        yield return ("user", ours.User);
        yield return ("port", ours.Port.ToString(CultureInfo.InvariantCulture));
        yield return ("addressfamily", ours.AddressFamily switch { AddressFamily.InterNetwork => "inet", AddressFamily.InterNetworkV6 => "inet6", _ => "any" });
        yield return ("bindaddress", ours.BindAddress ?? "");
        yield return ("identityfile", string.Join('|', ours.OriginOf("identityfile") == "default" ? defaults["identityfile"].Select(file => Home(file, home)) : ours.IdentityFiles.Select(file => file.Path)));
        yield return ("certificatefile", string.Join('|', ours.CertificateFiles));
        yield return ("identitiesonly", YesNo(ours.IdentitiesOnly));
        if (ours.OriginOf("identityagent") != "default") yield return ("identityagent", ours.IdentityAgent ?? "none");
        yield return ("proxyjump", string.Join(',', ours.ProxyJump));
        if (ours.ProxyJump.Count == 0) yield return ("proxycommand", ours.ProxyCommand ?? "");
        yield return ("userknownhostsfile", ours.UserKnownHostsFiles.Count == 0 ? "none" : string.Join(' ', ours.UserKnownHostsFiles));
        yield return ("globalknownhostsfile", ours.GlobalKnownHostsFiles.Count == 0 ? "none" : string.Join(' ', ours.GlobalKnownHostsFiles));
        yield return ("stricthostkeychecking", ours.StrictHostKeyChecking.ToString());
        yield return ("hostkeyalias", ours.HostKeyAlias ?? "");
        yield return ("hashknownhosts", YesNo(ours.HashKnownHosts));
        foreach (var (keyword, spec, query) in new[]
        {
            ("hostkeyalgorithms", ours.HostKeyAlgorithms, "HostKeyAlgorithms"), ("kexalgorithms", ours.KexAlgorithms, "kex"), ("ciphers", ours.Ciphers, "cipher"), ("macs", ours.Macs, "mac"),
            ("pubkeyacceptedalgorithms", ours.PubkeyAcceptedAlgorithms, "PubkeyAcceptedAlgorithms"), ("casignaturealgorithms", ours.CASignatureAlgorithms, "key-sig"),
        })
        {
            var names = defaults[keyword][0].Split(',');
            yield return (keyword, string.Join(',', spec?.Apply(names, All(query)) ?? names));
        }

        yield return ("requiredrsasize", ours.RequiredRSASize.ToString(CultureInfo.InvariantCulture));
        yield return ("connecttimeout", ours.ConnectTimeout is { } time ? $"{time.TotalSeconds:0}" : "none");
        // Debian's ssh asks every five minutes by default in batch mode.
        if (!ours.BatchMode || ours.OriginOf("serveraliveinterval") != "default") yield return ("serveraliveinterval", $"{ours.ServerAliveInterval.TotalSeconds:0}");
        yield return ("serveralivecountmax", $"{ours.ServerAliveCountMax}");
        yield return ("connectionattempts", $"{ours.ConnectionAttempts}");
        if (ours.OriginOf("preferredauthentications") != "default") yield return ("preferredauthentications", string.Join(',', ours.PreferredAuthentications));
        yield return ("pubkeyauthentication", YesNo(ours.PubkeyAuthentication));
        yield return ("passwordauthentication", YesNo(ours.PasswordAuthentication));
        yield return ("kbdinteractiveauthentication", YesNo(ours.KbdInteractiveAuthentication));
        yield return ("numberofpasswordprompts", $"{ours.NumberOfPasswordPrompts}");
        yield return ("batchmode", YesNo(ours.BatchMode));
    }

    /// <summary>A keyword of ssh's answer in the form that ours has: ssh prints some paths unexpanded and some words by another name.</summary>
    private string Theirs(Dictionary<string, List<string>> theirs, string keyword)
    {
        var values = theirs.GetValueOrDefault(keyword) ?? [];
        string home = Environment().Home;
        return keyword switch
        {
            "identityfile" or "certificatefile" => string.Join('|', values.Where(value => value != "none").Select(value => Home(value, home))),
            "identityagent" => values[0] == "SSH_AUTH_SOCK" ? "/run/agent" : values[0],
            "globalknownhostsfile" => Home(values[0], home),
            "proxyjump" => values is [var jump] ? string.Join(',', SshJumpHost.ParseList(jump)!) : "",
            "stricthostkeychecking" => values[0] is "true" or "ask" ? "Strict" : "AcceptNew",
            "pubkeyauthentication" => values[0] is "false" ? "no" : "yes",
            _ => values.Count == 0 ? "" : string.Join('|', values),
        };
    }

    private static string Home(string path, string home) => path.StartsWith("~/", StringComparison.Ordinal) ? home + path[1..] : path.StartsWith("~root/", StringComparison.Ordinal) ? LocalSshFiles.HomeOf("root") + path[5..] : path;

    private static Dictionary<string, List<string>>? Ask(string path, string host)
    {
        var result = Tool.Run("ssh", ["-G", "-F", path, host], new Dictionary<string, string?> { ["SAMPLE"] = "/sample", ["SSH_AUTH_SOCK"] = "/run/agent" });
        if (result.ExitCode != 0) return null;
        return result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ', 2)).GroupBy(words => words[0], words => words.ElementAtOrDefault(1) ?? "").ToDictionary(group => group.Key, group => group.ToList());
    }

    private static SshConfigEnvironment Environment()
    {
        var local = SshConfigEnvironment.Local(new LocalSshFiles());
        // ssh goes by the account's folder, whatever HOME says.
        return local with { Home = LocalSshFiles.HomeOf(local.LocalUser) ?? local.Home, Variable = name => name switch { "SAMPLE" => "/sample", "SSH_AUTH_SOCK" => "/run/agent", _ => null } };
    }

    private IReadOnlyList<string> All(string query)
    {
        if (!_all.TryGetValue(query, out var names)) _all[query] = names = Tool.Succeed("ssh", "-Q", query).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return names;
    }

    private static string YesNo(bool value) => value ? "yes" : "no";

    private static string Text(string path) => string.Join('\n', Directory.GetFiles(Path.GetDirectoryName(path)!).Select(file => $"--- {file}\n{File.ReadAllText(file)}"));
}
