namespace ProdOps;

/// <summary>One thing that a server is made of.</summary>
public sealed record ServerConfigurationItem
{
    /// <summary>What sort of thing it is.</summary>
    public ServerConfigurationKind Kind { get; init; }

    /// <summary>Its name, unique among those of its kind: a package, a unit, a full path.</summary>
    public required string Name { get; init; }

    /// <summary>How it comes back when the server is built anew.</summary>
    public ServerConfigurationClass Class { get; init; }

    /// <summary>Why it is of that class, in a few words.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Bytes, of files and data.</summary>
    public long? Size { get; init; }

    /// <summary>What else is known, by name, e.g. <c>Version</c>, <c>Owner</c>, <c>Mode</c>, <c>Checksum</c> (SHA-256).</summary>
    public IReadOnlyDictionary<string, string> Properties { get; init; } = new Dictionary<string, string>();

    /// <summary>A property; <see langword="null"/> if it has none of that name.</summary>
    /// <param name="name">The property's name.</param>
    /// <returns>Its value.</returns>
    public string? Property(string name) => Properties.TryGetValue(name, out string? value) ? value : null;

    /// <summary>Kind and name.</summary>
    /// <returns>E.g. <c>Package nginx</c>.</returns>
    public override string ToString() => $"{Kind} {Name}";
}

/// <summary>How a thing comes back when a server is built anew.</summary>
public enum ServerConfigurationClass
{
    /// <summary>Nothing is known that would bring it back.</summary>
    Unexplained,

    /// <summary>It comes from a package or a program that makes it.</summary>
    Rebuild,

    /// <summary>It is configuration, and is set again.</summary>
    Replay,

    /// <summary>It is data, and comes from a backup.</summary>
    Restore,

    /// <summary>It is a secret: it comes from a backup or another safe place, and is never written down.</summary>
    Secret,

    /// <summary>It is of this one machine, or of the moment, and need not come back.</summary>
    Ephemeral,
}

/// <summary>What sort of thing a part of a server is.</summary>
public enum ServerConfigurationKind
{
    /// <summary>The system itself: version, kernel, host name, time zone.</summary>
    System,

    /// <summary>A source of packages.</summary>
    Repository,

    /// <summary>A package of the system.</summary>
    Package,

    /// <summary>A package of another manager: snap, flatpak, pip, npm, gem.</summary>
    ForeignPackage,

    /// <summary>A container.</summary>
    Container,

    /// <summary>A unit of systemd.</summary>
    Unit,

    /// <summary>A group.</summary>
    Group,

    /// <summary>A user.</summary>
    User,

    /// <summary>A public key that may log in.</summary>
    AuthorizedKey,

    /// <summary>A key by which the host proves who it is.</summary>
    HostKey,

    /// <summary>A file.</summary>
    File,

    /// <summary>A symbolic link.</summary>
    Link,

    /// <summary>A folder that no package has.</summary>
    Directory,

    /// <summary>Files that no package has, counted together below one folder.</summary>
    Data,

    /// <summary>A choice among alternatives that was made by hand.</summary>
    Alternative,

    /// <summary>A package's file that is diverted.</summary>
    Diversion,

    /// <summary>An owner or mode that is not the package's.</summary>
    Override,

    /// <summary>A kernel setting.</summary>
    Sysctl,

    /// <summary>Rules of a firewall.</summary>
    Firewall,

    /// <summary>A file system that is mounted.</summary>
    Mount,

    /// <summary>Addresses, routes, resolvers.</summary>
    Network,

    /// <summary>A port that something listens on.</summary>
    Socket,

    /// <summary>A TLS certificate.</summary>
    Certificate,

    /// <summary>A database.</summary>
    Database,

    /// <summary>A user of a database server.</summary>
    DatabaseRole,
}
