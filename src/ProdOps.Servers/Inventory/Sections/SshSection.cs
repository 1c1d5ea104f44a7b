using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Servers.Inventory.Sections;

/// <summary><c>Ssh</c>: how to connect, for all servers or for one.</summary>
internal static class SshSection
{
    private static readonly Key<string> User = new("User", Kinds.Text, "The user to log in as.") { Default = "ssh_config's, else yours" };
    private static readonly Key<int?> Port = new("Port", Kinds.Integer(1, 65535), "The TCP port.") { Default = "ssh_config's, else 22" };
    private static readonly Key<IReadOnlyList<string>> IdentityFile = new("IdentityFile", Kinds.Paths, "Private keys to offer, in order.") { Default = "ssh_config's, the agent's, else `~/.ssh/id_*`" };
    private static readonly Key<IReadOnlyList<string>> KnownHosts = new("KnownHosts", Kinds.Paths, "Files of known host keys.") { Default = "ssh_config's, else `~/.ssh/known_hosts`" };
    private static readonly Key<string> ConfigFile = new("ConfigFile", Kinds.Path, "The ssh_config to read instead of yours and the system's; `none` for no file.") { Default = "`~/.ssh/config` and the system's" };
    private static readonly Key<string> ProxyJump = new("ProxyJump", Kinds.Text, "Servers to go through, first to last, as `user@host:port` with commas between them; `none` for a direct connection.") { Default = "ssh_config's" };
    private static readonly Key<SecretReference> Password = new("Password", SecretKeys.Kind, "The password to log in with.") { Default = "none: keys only" };
    private static readonly Key<SecretReference> Passphrase = new("Passphrase", SecretKeys.Kind, "The passphrase of the private keys.") { Default = "none" };
    private static readonly Key<SecretReference> SudoPassword = new("SudoPassword", SecretKeys.Kind, "The password that sudo asks for.") { Default = "none: sudo must not ask" };
    private static readonly Key<TimeSpan?> ConnectTimeout = new("ConnectTimeout", Kinds.Duration, "How long connecting and logging in may take.") { Default = "ssh_config's, else `'15s'`" };

    public static TableSchema Schema { get; } = new("Ssh", [User, Port, IdentityFile, KnownHosts, ConfigFile, ProxyJump, Password, Passphrase, SudoPassword, ConnectTimeout]);

    public static ValueKind<SshOptions> Kind { get; } = TableKinds.Table(Schema, static values => new SshOptions
    {
        User = values.Get(User),
        Port = values.Get(Port),
        IdentityFile = values.Get(IdentityFile) ?? [],
        KnownHosts = values.Get(KnownHosts) ?? [],
        ConfigFile = values.Get(ConfigFile),
        ProxyJump = values.Get(ProxyJump),
        Password = values.Get(Password),
        Passphrase = values.Get(Passphrase),
        SudoPassword = values.Get(SudoPassword),
        ConnectTimeout = values.Get(ConnectTimeout),
    });

    /// <summary>The options with what they do not say taken from others.</summary>
    public static SshOptions Over(this SshOptions options, SshOptions others) => new()
    {
        User = options.User ?? others.User,
        Port = options.Port ?? others.Port,
        IdentityFile = options.IdentityFile.Count > 0 ? options.IdentityFile : others.IdentityFile,
        KnownHosts = options.KnownHosts.Count > 0 ? options.KnownHosts : others.KnownHosts,
        ConfigFile = options.ConfigFile ?? others.ConfigFile,
        ProxyJump = options.ProxyJump ?? others.ProxyJump,
        Password = options.Password ?? others.Password,
        Passphrase = options.Passphrase ?? others.Passphrase,
        SudoPassword = options.SudoPassword ?? others.SudoPassword,
        ConnectTimeout = options.ConnectTimeout ?? others.ConnectTimeout,
    };
}
