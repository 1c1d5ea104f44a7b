using System.Net.Sockets;

namespace ProdOps.Servers.Ssh.Config;

/// <summary>What to do about a host key that is not known. A changed or revoked one is refused whatever this says.</summary>
internal enum SshHostKeyPolicy
{
    /// <summary>Refuse. OpenSSH's <c>ask</c> comes to this where nobody can be asked.</summary>
    Strict,

    /// <summary>Remember it and go on. OpenSSH's <c>no</c> comes to this.</summary>
    AcceptNew,
}

/// <summary>A private key's file.</summary>
/// <param name="Path">The path.</param>
/// <param name="Given">True where the user named it; then its absence is worth a word.</param>
internal readonly record struct SshIdentityFile(string Path, bool Given);

/// <summary>How to reach a host and log in there: what the command in hand, ssh_config and OpenSSH's defaults come to, all paths expanded.</summary>
internal sealed record SshHostSettings
{
    /// <summary>The name as it was given, which <c>Host</c> patterns see.</summary>
    public required string OriginalHost { get; init; }

    /// <summary>The name or address to connect to.</summary>
    public required string HostName { get; init; }

    public required int Port { get; init; }

    public required string User { get; init; }

    public AddressFamily AddressFamily { get; init; } = AddressFamily.Unspecified;

    /// <summary>The local address to connect from, or <see langword="null"/>.</summary>
    public string? BindAddress { get; init; }

    /// <summary>Private keys to offer, in order.</summary>
    public IReadOnlyList<SshIdentityFile> IdentityFiles { get; init; } = [];

    /// <summary>Certificates to offer with them; where there are none, <c>key-cert.pub</c> beside a key is one.</summary>
    public IReadOnlyList<string> CertificateFiles { get; init; } = [];

    /// <summary>Of the agent's keys, offer only those that an identity or certificate file names.</summary>
    public bool IdentitiesOnly { get; init; }

    /// <summary>The agent's socket or pipe; <see langword="null"/> for no agent.</summary>
    public string? IdentityAgent { get; init; }

    /// <summary>Servers to go through, first to last; empty for a direct connection.</summary>
    public IReadOnlyList<SshJumpHost> ProxyJump { get; init; } = [];

    /// <summary>A command to reach the host by, which <see cref="ThrowIfUnsupported"/> refuses.</summary>
    public string? ProxyCommand { get; init; }

    /// <summary>The user's files of known host keys. New keys go to the first.</summary>
    public IReadOnlyList<string> UserKnownHostsFiles { get; init; } = [];

    /// <summary>The system's files of known host keys.</summary>
    public IReadOnlyList<string> GlobalKnownHostsFiles { get; init; } = [];

    /// <summary>A file of keys that are never accepted, or <see langword="null"/>.</summary>
    public string? RevokedHostKeys { get; init; }

    public SshHostKeyPolicy StrictHostKeyChecking { get; init; }

    /// <summary>The name to look the host's key up by, instead of the host's name and port.</summary>
    public string? HostKeyAlias { get; init; }

    /// <summary>Write new hosts' names as hashes.</summary>
    public bool HashKnownHosts { get; init; }

    public AlgorithmSpec? HostKeyAlgorithms { get; init; }

    public AlgorithmSpec? KexAlgorithms { get; init; }

    public AlgorithmSpec? Ciphers { get; init; }

    public AlgorithmSpec? Macs { get; init; }

    public AlgorithmSpec? PubkeyAcceptedAlgorithms { get; init; }

    public AlgorithmSpec? CASignatureAlgorithms { get; init; }

    /// <summary>RSA keys with fewer bits are neither offered nor accepted.</summary>
    public int RequiredRSASize { get; init; } = 1024;

    /// <summary>How long connecting may take, or <see langword="null"/> where nothing is said.</summary>
    public TimeSpan? ConnectTimeout { get; init; }

    /// <summary>How often to ask a silent server whether it is there; zero for never.</summary>
    public TimeSpan ServerAliveInterval { get; init; }

    /// <summary>After how many questions without an answer the connection is given up.</summary>
    public int ServerAliveCountMax { get; init; } = 3;

    public int ConnectionAttempts { get; init; } = 1;

    /// <summary>Methods of authentication in the order they are tried.</summary>
    public IReadOnlyList<string> PreferredAuthentications { get; init; } = DefaultAuthentications;

    public bool PubkeyAuthentication { get; init; } = true;

    public bool PasswordAuthentication { get; init; } = true;

    public bool KbdInteractiveAuthentication { get; init; } = true;

    public int NumberOfPasswordPrompts { get; init; } = 3;

    public bool BatchMode { get; init; }

    /// <summary>For each keyword that was set, in lower case, where.</summary>
    public IReadOnlyDictionary<string, SshConfigOrigin> Origins { get; init; } = new Dictionary<string, SshConfigOrigin>();

    /// <summary>What is worth a verbose line.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>What the user should know: something the configuration asks for that is not done.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    public static IReadOnlyList<string> DefaultAuthentications { get; } = ["gssapi-with-mic", "hostbased", "publickey", "keyboard-interactive", "password"];

    /// <summary>Whether a method of authentication may be used at all.</summary>
    public bool Allows(string method) => PreferredAuthentications.Contains(method) && method switch
    {
        "publickey" => PubkeyAuthentication,
        "password" => PasswordAuthentication,
        "keyboard-interactive" => KbdInteractiveAuthentication,
        _ => false,
    };

    /// <summary>Where a keyword was set, for messages.</summary>
    public string OriginOf(string keyword) => Origins.TryGetValue(keyword, out var origin) ? origin.ToString() : "default";

    /// <exception cref="ProdOpsException">The host is to be reached in a way that there is no way for.</exception>
    public void ThrowIfUnsupported()
    {
        if (ProxyCommand is not null) throw ServersErrors.SshProxyCommandUnsupported(OriginalHost, OriginOf("proxycommand"));
    }
}
