namespace ProdOps;

/// <summary>A server of the environment, or one that was named as <c>user@host:port</c>.</summary>
public sealed record Server
{
    /// <summary>The name that commands take and results carry.</summary>
    public required string Name { get; init; }

    /// <summary>Host name or IP address to connect to; <see langword="null"/> when the name is it, or when ssh_config says.</summary>
    public string? Address { get; init; }

    /// <summary>What the server is for, e.g. <c>App</c>, <c>Database</c>; the first is the main one.</summary>
    public IReadOnlyList<string> Roles { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Groups of the admin's own making.</summary>
    public IReadOnlyList<string> Groups { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Names of the servers that this one needs to do its work.</summary>
    public IReadOnlyList<string> DependsOn { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Where it stands: a data centre, a cloud's region; <see langword="null"/> where nobody said.</summary>
    public string? Site { get; init; }

    /// <summary>Its rack, or the zone of a cloud's region; <see langword="null"/> where nobody said.</summary>
    public string? Rack { get; init; }

    /// <summary>The machine that it is a virtual machine of; <see langword="null"/> where nobody said.</summary>
    public string? Hypervisor { get; init; }

    /// <summary>The network that it is reached by: what fails as one; <see langword="null"/> where nobody said.</summary>
    public string? Network { get; init; }

    /// <summary>System services that make up its work, e.g. <c>nginx</c>.</summary>
    public IReadOnlyList<string> Services { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Its node_exporter, which monitoring asks in the place of a shell; <see langword="null"/> for a shell.</summary>
    public NodeExporterOptions? NodeExporter { get; init; }

    /// <summary>How to connect.</summary>
    public SshOptions Ssh { get; init; } = new();

    /// <summary>The environment it belongs to; <see langword="null"/> for a server named directly.</summary>
    public string? Environment { get; init; }

    /// <summary>True for the machine that ProdOps runs on, which is reached without SSH.</summary>
    public bool IsLocal { get; init; }

    /// <summary>The name.</summary>
    /// <returns><see cref="Name"/>.</returns>
    public override string ToString() => Name;
}
