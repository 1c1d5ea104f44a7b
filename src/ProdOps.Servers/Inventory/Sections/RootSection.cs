using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Servers.Inventory.Sections;

/// <summary>The outermost table of a file.</summary>
internal static class RootSection
{
    public static readonly Key<string> Name = new("Name", Kinds.Name, "The environment's name.") { Default = "the name of the file's folder" };
    public static readonly Key<IReadOnlyList<Located<string>>> Include = new("Include", new("path with wildcards, or a list of them", static (node, context) => ReadPatterns(node, context)),
        "Files to read as well, relative to this file: `'servers/*.psd1'`. They have the same keys; servers and named tables are added up, any other key may stand in one file only.");

    public static readonly Key<EnvironmentObjectives> Objectives = new("Objectives", ObjectivesSection.Kind, "What the environment promises.");
    public static readonly Key<SshOptions> Ssh = new("Ssh", SshSection.Kind, "How to connect to the servers, where they do not say otherwise.");
    public static readonly Key<ServerDefaults> Defaults = new("Defaults", DefaultsSection.Kind, "What servers do not say themselves.");
    public static readonly Key<IReadOnlyList<ServerEntry>> Servers = new("Servers", ServersSection.Kind, "The servers.");
    public static readonly Key<IReadOnlyList<Named<RepositoryEntry>>> Repositories = new("Repositories", RepositoriesSection.Kind, "Where backups are kept.");
    public static readonly Key<IReadOnlyList<Named<BackupSetEntry>>> Backups = new("Backups", BackupsSection.Kind, "What is backed up, where to, how often, and what is kept: a backup set by name.");
    public static readonly Key<IReadOnlyList<Named<LoadBalancerEntry>>> LoadBalancers = new("LoadBalancers", LoadBalancersSection.Kind, "What clients connect to, the balancers that answer, and the servers behind them: a load balancer by name.");
    public static readonly Key<IReadOnlyList<Named<ServiceEntry>>> Services = new("Services", ServicesSection.Kind, "What users need, and what that needs: a service by name.") { Default = "what the load balancers serve" };
    public static readonly Key<IReadOnlyList<Named<RedundancyEntry>>> Redundancy = new("Redundancy", RedundancySection.Kind, "Servers that stand in for each other, by name: whoever depends on one of them has what it needs while enough of them work.");
    public static readonly Key<LoggingEntry> Logging = new("Logging", LoggingSection.Kind, "Which logs are collected, where they are kept and for how long.");

    public static readonly Key<MonitoringEntry> Monitoring = new("Monitoring", MonitoringSection.Kind, "What is checked, by which rules, who is told, and what is done.");

    public static TableSchema Schema { get; } = new("The environment", [Name, Include, Objectives, Ssh, Defaults, Servers, Repositories, Backups, LoadBalancers, Services, Redundancy, Monitoring, Logging]);

    private static IReadOnlyList<Located<string>> ReadPatterns(Data.DataNode node, ReadContext context)
    {
        var patterns = new List<Located<string>>();
        foreach (var item in node is Data.DataList list ? list.Items : [node])
        {
            if (Kinds.ReadText(item, context, "a path in quotes, or several with commas between them") is { } text) patterns.Add(new(text, item.Position));
        }

        return patterns;
    }
}
