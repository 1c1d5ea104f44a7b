using ProdOps.Servers.Ssh.Config;

namespace ProdOps.Servers.Tests.Ssh.Config;

/// <summary>Configuration files that are only in memory.</summary>
internal sealed class MemoryFiles : ISshFiles
{
    private readonly SortedDictionary<string, string> _files = new(StringComparer.Ordinal);

    public string this[string path] { set => _files[path] = value; }

    public SshConfigText? Read(string path, bool checkOwner) => _files.TryGetValue(path, out string? text) ? SshConfigText.Parse(text) : null;

    public IReadOnlyList<string> Glob(string pattern) => [.. _files.Keys.Where(path => SshPattern.Matches(path, pattern))];

    /// <summary>The settings of a host by a user's configuration.</summary>
    public static SshHostSettings Resolve(string config, string host = "web1") => Resolve(config, new SshConfigRequest(host));

    public static SshHostSettings Resolve(string config, SshConfigRequest request) => SshConfigResolver.Resolve(request, With(config));

    public static SshConfigEnvironment With(string config) => With(new MemoryFiles { ["/home/ann/.ssh/config"] = config });

    public static SshConfigEnvironment With(ISshFiles files) => new()
    {
        Home = "/home/ann",
        LocalUser = "ann",
        UserId = 1000,
        LocalHost = "desk.example.org",
        SystemFile = "/etc/ssh/ssh_config",
        Variable = name => name switch { "KEYS" => "/keys", "SSH_AUTH_SOCK" => "/run/agent", "OTHER_SOCK" => "/run/other", _ => null },
        HomeOf = user => user == "bob" ? "/home/bob" : null,
        LocalAddresses = () => [System.Net.IPAddress.Parse("10.1.2.3")],
        Files = files,
    };
}
