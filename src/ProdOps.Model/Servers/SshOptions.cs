namespace ProdOps;

/// <summary>How to connect to a server. What is <see langword="null"/> or empty is left to ssh_config and to OpenSSH's defaults.</summary>
public sealed record SshOptions
{
    /// <summary>The user to log in as.</summary>
    public string? User { get; init; }

    /// <summary>The TCP port.</summary>
    public int? Port { get; init; }

    /// <summary>Private keys to offer, in order.</summary>
    public IReadOnlyList<string> IdentityFile { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Files of known host keys.</summary>
    public IReadOnlyList<string> KnownHosts { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The ssh_config to read instead of <c>~/.ssh/config</c> and the system's; <c>none</c> for no file.</summary>
    public string? ConfigFile { get; init; }

    /// <summary>Servers to go through, first to last, as <c>user@host:port</c> separated by commas; <c>none</c> for a direct connection.</summary>
    public string? ProxyJump { get; init; }

    /// <summary>Where the login password comes from.</summary>
    public SecretReference? Password { get; init; }

    /// <summary>Where the passphrase of the private keys comes from.</summary>
    public SecretReference? Passphrase { get; init; }

    /// <summary>Where the password that sudo asks for comes from.</summary>
    public SecretReference? SudoPassword { get; init; }

    /// <summary>How long connecting and logging in may take.</summary>
    public TimeSpan? ConnectTimeout { get; init; }
}
