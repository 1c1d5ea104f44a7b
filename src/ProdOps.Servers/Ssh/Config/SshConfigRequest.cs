namespace ProdOps.Servers.Ssh.Config;

/// <summary>A host to look up, and what goes before ssh_config: the counterpart of ssh's command line.</summary>
/// <param name="Host">The name as it was given.</param>
internal sealed record SshConfigRequest(string Host)
{
    public string? HostName { get; init; }

    public string? User { get; init; }

    public int? Port { get; init; }

    /// <summary>Keys that are offered before those of ssh_config (<c>ssh -i</c>).</summary>
    public IReadOnlyList<string> IdentityFiles { get; init; } = [];

    /// <summary>Files of known hosts instead of those of ssh_config.</summary>
    public IReadOnlyList<string> UserKnownHostsFiles { get; init; } = [];

    /// <summary>Servers to go through, as ProxyJump has them; <c>none</c> for a direct connection.</summary>
    public string? ProxyJump { get; init; }

    public TimeSpan? ConnectTimeout { get; init; }

    /// <summary>A file instead of the user's and the system's (<c>ssh -F</c>); <c>none</c> for no file.</summary>
    public string? ConfigFile { get; init; }
}
