using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Servers.Inventory.Sections;

/// <summary><c>Servers</c>: the machines. What one does not say comes from <c>Defaults</c>.</summary>
internal static class ServersSection
{
    public static readonly Key<IReadOnlyList<Located<string>>> Role = new("Role", Kinds.Names, "What the server is for. Free to choose; known are LoadBalancer, App, Database, Cache, Queue, Web, Backup, Log and Monitor. The first is the main one.");
    public static readonly Key<IReadOnlyList<Located<string>>> Group = new("Group", Kinds.Names, "Groups of your own making: a site, a stage, a half of the fleet.");
    public static readonly Key<IReadOnlyList<Located<string>>> DependsOn = new("DependsOn", Kinds.ServerNames, "The servers that it needs to do its work.");
    public static readonly Key<IReadOnlyList<string>> Services = new("Services", Kinds.Texts, "The system services that make up its work.");
    public static readonly Key<string> Site = new("Site", Kinds.Name, "Where it stands: a data centre, a cloud's region. What stands in one site fails with it.");
    public static readonly Key<string> Rack = new("Rack", Kinds.Name, "Its rack, or the zone of a cloud's region: what shares power and a switch.");
    public static readonly Key<string> Hypervisor = new("Hypervisor", Kinds.Name, "The machine that it is a virtual machine of.");
    public static readonly Key<string> Network = new("Network", Kinds.Name, "The network that it is reached by: what fails as one.");
    public static readonly Key<NodeExporterOptions> NodeExporter = new("NodeExporter", NodeExporterSection.Kind, "Its node_exporter, which monitoring asks over HTTP for the server's figures, in the place of a shell over SSH.") { Default = "`$false`" };
    public static readonly Key<SshOptions> Ssh = new("Ssh", SshSection.Kind, "How to connect to it.");
    private static readonly Key<string> Name = new("Name", Kinds.Name, "The name that commands take and results carry.") { IsRequired = true };
    private static readonly Key<string> Address = new("Address", Kinds.Host, "Host name or IP address.") { Default = "the name, and what ssh_config makes of it" };
    private static readonly Key<bool?> Local = new("Local", Kinds.Boolean, "True for the machine that ProdOps runs on, which is reached without SSH.") { Default = "`$true` for a server named `localhost` without an address" };

    public static TableSchema Schema { get; } = new("Servers", [Name, Address, Role, Group, DependsOn, Services, Site, Rack, Hypervisor, Network, NodeExporter, Ssh, Local]);

    public static ValueKind<IReadOnlyList<ServerEntry>> Kind { get; } = TableKinds.List(Schema, static values => new ServerEntry(
        new Located<string>(values.Get(Name) ?? "", values.PositionOf(Name)),
        new Located<string?>(values.Get(Address), values.PositionOf(Address)),
        values.Get(Local),
        ServerSettings.From(values)));
}

/// <summary>A server as the file has it.</summary>
internal sealed record ServerEntry(Located<string> Name, Located<string?> Address, bool? Local, ServerSettings Settings);

/// <summary>What a server or the defaults can say about servers; <see langword="null"/> for what they leave open.</summary>
internal sealed record ServerSettings
{
    public IReadOnlyList<Located<string>>? Roles { get; init; }

    public IReadOnlyList<Located<string>>? Groups { get; init; }

    public IReadOnlyList<Located<string>>? DependsOn { get; init; }

    public IReadOnlyList<string>? Services { get; init; }

    public string? Site { get; init; }

    public string? Rack { get; init; }

    public string? Hypervisor { get; init; }

    public string? Network { get; init; }

    public NodeExporterOptions? NodeExporter { get; init; }

    public SshOptions? Ssh { get; init; }

    public static ServerSettings From(TableValues values) => new()
    {
        Roles = values.Get(ServersSection.Role),
        Groups = values.Get(ServersSection.Group),
        DependsOn = values.Get(ServersSection.DependsOn),
        Services = values.Get(ServersSection.Services),
        Site = values.Get(ServersSection.Site),
        Rack = values.Get(ServersSection.Rack),
        Hypervisor = values.Get(ServersSection.Hypervisor),
        Network = values.Get(ServersSection.Network),
        NodeExporter = values.Get(ServersSection.NodeExporter),
        Ssh = values.Get(ServersSection.Ssh),
    };

    /// <summary>The settings with what they leave open taken from others. A list replaces a list; SSH options are taken one by one.</summary>
    public ServerSettings Over(ServerSettings others) => new()
    {
        Roles = Roles ?? others.Roles,
        Groups = Groups ?? others.Groups,
        DependsOn = DependsOn ?? others.DependsOn,
        Services = Services ?? others.Services,
        Site = Site ?? others.Site,
        Rack = Rack ?? others.Rack,
        Hypervisor = Hypervisor ?? others.Hypervisor,
        Network = Network ?? others.Network,
        NodeExporter = NodeExporter ?? others.NodeExporter,
        Ssh = Ssh is null ? others.Ssh : others.Ssh is null ? Ssh : Ssh.Over(others.Ssh),
    };
}
