using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Servers.Inventory.Sections;

/// <summary><c>Defaults</c>: what servers do not say themselves, for all of them, for those of a role, and for those of a group.</summary>
internal static class DefaultsSection
{
    private static readonly Key[] Places = [ServersSection.Site, ServersSection.Rack, ServersSection.Hypervisor, ServersSection.Network];

    private static readonly TableSchema PartSchema = new("Defaults.Roles and Defaults.Groups", [ServersSection.DependsOn, ServersSection.Services, .. Places, ServersSection.NodeExporter, ServersSection.Ssh]);

    private static readonly ValueKind<IReadOnlyList<Named<ServerSettings>>> Parts = TableKinds.ByName(PartSchema, ServerSettings.From);

    private static readonly Key<IReadOnlyList<Named<ServerSettings>>> Roles = new("Roles", Parts, "What holds for the servers of a role: `Roles = @{ App = @{ Services = 'shop' } }`.");
    private static readonly Key<IReadOnlyList<Named<ServerSettings>>> Groups = new("Groups", Parts, "What holds for the servers of a group; it goes before what holds for the role.");

    public static TableSchema Schema { get; } = new("Defaults", [ServersSection.Role, ServersSection.Group, ServersSection.DependsOn, ServersSection.Services, .. Places, ServersSection.NodeExporter, ServersSection.Ssh, Roles, Groups]);

    public static ValueKind<ServerDefaults> Kind { get; } = TableKinds.Table(Schema, static values => new ServerDefaults(ServerSettings.From(values), values.Get(Roles) ?? [], values.Get(Groups) ?? []));
}

/// <summary>The defaults of servers.</summary>
internal sealed record ServerDefaults(ServerSettings All, IReadOnlyList<Named<ServerSettings>> Roles, IReadOnlyList<Named<ServerSettings>> Groups)
{
    public static ServerDefaults None { get; } = new(new ServerSettings(), [], []);

    /// <summary>A server's settings: its own, then its groups', then its roles', the main one first, then those of all.</summary>
    public ServerSettings Apply(ServerSettings own)
    {
        var roles = own.Roles ?? All.Roles ?? [];
        var groups = own.Groups ?? All.Groups ?? [];
        var settings = own;
        foreach (var name in groups) settings = Over(settings, Groups, name.Value);
        foreach (var name in roles) settings = Over(settings, Roles, name.Value);
        return settings.Over(All);
    }

    private static ServerSettings Over(ServerSettings settings, IReadOnlyList<Named<ServerSettings>> parts, string name) =>
        parts.FirstOrDefault(part => string.Equals(part.Name, name, StringComparison.OrdinalIgnoreCase)) is { } found ? settings.Over(found.Value) : settings;
}
