using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Servers.Inventory.Sections;

/// <summary><c>Monitoring</c>: what is checked, who is told, what is done. Whether its parts fit together, <see cref="MonitoringRules"/> checks when all files are read.</summary>
internal static class MonitoringSection
{
    public static readonly Key<IReadOnlyList<HealthRuleEntry>> Rules = new("Rules", HealthRulesSection.Kind, "When something is a problem: rules beside the default ones, and changes to those of the same name.") { Default = "the default rules: Get-HealthRule shows them" };
    public static readonly Key<IReadOnlyList<HealthCheckEntry>> Checks = new("Checks", HealthChecksSection.Kind, "What is checked besides each server's resources and its `Services`.");
    public static readonly Key<IReadOnlyList<Named<NotificationChannelEntry>>> Channels = new("Channels", NotificationChannelsSection.Kind, "The ways by which people are told: a channel by name.");
    public static readonly Key<IReadOnlyList<NotificationRouteEntry>> Notify = new("Notify", NotificationRoutesSection.Kind, "Who is told of what.") { Default = "nobody is told" };
    public static readonly Key<IReadOnlyList<HealthActionEntry>> Actions = new("Actions", HealthActionsSection.Kind, "What is done when something becomes a problem.");
    public static readonly Key<MetricEngine?> Engine = new("Engine", Kinds.Choice<MetricEngine>(), "The engine elsewhere that keeps metrics too.") { Default = "the store alone" };
    public static readonly Key<string> Url = new("Url", AddressKinds.Engine("http://metrics:8428, https://prometheus.example.org"), "Where the engine is: `'http://metrics:8428'`.");
    public static readonly Key<string> User = new("User", Kinds.Text, "The engine's user.");
    public static readonly Key<SecretReference> Password = new("Password", SecretKeys.Kind, "The password of `User`.");
    public static readonly Key<SecretReference> Token = new("Token", SecretKeys.Kind, "The engine's bearer token, instead of a user.");
    public static readonly Key<string> CaCertificate = new("CaCertificate", Kinds.FullPath, "A PEM file with the authority that signed the engine's certificate.") { Default = "those of the system" };
    private static readonly Key<string> Store = new("Store", Kinds.FullPath, "The folder that samples and events are kept in; a relative one is below the folder of the environment's file.") { Default = "your own: `~/.local/share/prodops/monitoring`" };
    private static readonly Key<TimeSpan?> Interval = new("Interval", HealthKinds.Lasting(TimeSpan.FromSeconds(1)), "How often a server is asked.") { Default = "`'30s'`" };
    private static readonly Key<bool?> Diagnose = new("Diagnose", Kinds.Boolean, "Look at a server when something on it becomes a problem (what runs, what is large, what the journal says), and tell it with the problem.") { Default = "`$true`" };
    private static readonly Key<IReadOnlyList<string>> Anchors = new("Anchors", AddressKinds.Targets, "Addresses that have nothing to do with the servers, such as a gateway's: when most servers and all of these are gone, it is the monitor that is cut off, and nobody is told otherwise.");

    private static readonly Key<TimeSpan?> Samples = new("Samples", HealthKinds.Lasting(TimeSpan.FromHours(2)), "Samples one by one.") { Default = "`'14d'`" };
    private static readonly Key<TimeSpan?> FiveMinutes = new("FiveMinutes", HealthKinds.Lasting(TimeSpan.FromHours(2)), "One value for 5 minutes.") { Default = "`'180d'`" };
    private static readonly Key<TimeSpan?> Hours = new("Hours", HealthKinds.Lasting(TimeSpan.FromHours(2)), "One value for an hour.") { Default = "`'3y'`" };
    private static readonly Key<long?> MaxSize = new("MaxSize", Kinds.SizeLimit, "How many bytes the store may take on disk; the oldest goes first.") { Default = "as many as it needs" };
    private static readonly Key<MetricRetentionOptions> Retention = new("Retention", TableKinds.Table(new TableSchema("Monitoring.Retention", [Samples, FiveMinutes, Hours, MaxSize]), static values => BindRetention(values)), "How long the history of metrics is kept.");

    private static readonly ValueKind<string> PromFile = new("path that ends with `.prom`", static (node, context) =>
        Kinds.FullPath.Read(node, context) is not { } path ? null : path.EndsWith(".prom", StringComparison.Ordinal) ? path : Kinds.Invalid(node, context, path, "node_exporter reads files whose names end with .prom."));

    private static readonly Key<string> Listen = new("Listen", AddressKinds.LocalEndPoint, "The address of this machine at which a scraper (Prometheus, vmagent) finds at `/metrics` what the monitor has measured, without a login: name one that only they can reach.") { Default = "nowhere" };
    private static readonly Key<string> TextFile = new("TextFile", PromFile, "A file for node_exporter's textfile collector, whose name ends with `.prom`, that the monitor writes what it has measured to.") { Default = "none" };

    public static readonly Key<string> Heartbeat = new("Heartbeat", Kinds.Name, "A channel of `Channels` that gets a message each minute while the monitor works: whoever misses it, such as a service that watches cron jobs, tells you that the monitor is gone.") { Default = "nobody" };

    /// <summary>Keys that mean something for an engine only.</summary>
    public static IReadOnlyList<Key> OfEngines { get; } = [Url, User, Password, Token, CaCertificate];

    public static TableSchema Schema { get; } = new("Monitoring", [Store, Interval, Retention, Rules, Checks, Channels, Notify, Actions, Diagnose, Anchors, Engine, Url, User, Password, Token, CaCertificate, Listen, TextFile, Heartbeat]);

    public static ValueKind<MonitoringEntry> Kind { get; } = TableKinds.Table(Schema, static values => new MonitoringEntry(values, new MonitoringOptions
    {
        Store = values.Get(Store),
        Interval = values.Get(Interval) ?? new MonitoringOptions().Interval,
        Retention = values.Get(Retention) ?? new MetricRetentionOptions(),
        Diagnose = values.Get(Diagnose) ?? true,
        Anchors = values.Get(Anchors) ?? [],
        Engine = values.Get(Engine),
        Url = values.Get(Url),
        User = values.Get(User),
        Password = values.Get(Password),
        Token = values.Get(Token),
        CaCertificate = values.Get(CaCertificate),
        Listen = values.Get(Listen),
        TextFile = values.Get(TextFile),
        Heartbeat = values.Get(Heartbeat),
    }));

    private static MetricRetentionOptions BindRetention(TableValues values)
    {
        var defaults = new MetricRetentionOptions();
        return new MetricRetentionOptions
        {
            Samples = values.Get(Samples) ?? defaults.Samples,
            FiveMinutes = values.Get(FiveMinutes) ?? defaults.FiveMinutes,
            Hours = values.Get(Hours) ?? defaults.Hours,
            MaxSize = values.Get(MaxSize),
        };
    }
}

/// <summary>The section as the file has it.</summary>
/// <param name="Values">What the file says, with positions.</param>
/// <param name="Options">The same as an object, still without rules, checks, channels, routes and actions.</param>
internal sealed record MonitoringEntry(TableValues Values, MonitoringOptions Options);
