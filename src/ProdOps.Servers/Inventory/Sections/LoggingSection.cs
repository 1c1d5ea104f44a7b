using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Servers.Inventory.Sections;

/// <summary><c>Logging</c>: what is collected and where it is kept. Whether its parts fit together, <see cref="LoggingRules"/> checks when all files are read.</summary>
internal static class LoggingSection
{
    public static readonly Key<LogEngine?> Engine = new("Engine", Kinds.Choice<LogEngine>(), "Send lines to this engine instead of the store.") { Default = "the store" };
    public static readonly Key<string> Url = new("Url", AddressKinds.Engine("http://logs:9428, https://logs.example.org/loki"), "Where the engine is: `'http://logs:9428'`.");
    public static readonly Key<string> User = new("User", Kinds.Text, "The engine's user.");
    public static readonly Key<SecretReference> Password = new("Password", SecretKeys.Kind, "The password of `User`.");
    public static readonly Key<SecretReference> Token = new("Token", SecretKeys.Kind, "The engine's bearer token, instead of a user.");
    public static readonly Key<string> Tenant = new("Tenant", new("text", static (node, context) => ReadTenant(node, context)), "Whose logs they are, where Loki keeps those of several: `'shop'`.");
    public static readonly Key<string> CaCertificate = new("CaCertificate", Kinds.FullPath, "A PEM file with the authority that signed the engine's certificate; a relative one is below the folder of the environment's file.") { Default = "those of the system" };
    public static readonly Key<IReadOnlyList<LogSourceEntry>> Sources = new("Sources", LogSourcesSection.Kind, "What is collected.") { Default = "what each server is found to have in `/var/log` and its journal" };
    public static readonly Key<IReadOnlyList<Named<LogFilterEntry>>> Filters = new("Filters", LogFiltersSection.Kind, "How lines of your own are taken apart: a filter by name.");
    private static readonly Key<string> Store = new("Store", Kinds.FullPath, "The folder that lines are kept in; a relative one is below the folder of the environment's file.") { Default = "your own: `~/.local/share/prodops/logs`" };
    private static readonly Key<TimeSpan?> Retention = new("Retention", HealthKinds.Lasting(TimeSpan.FromHours(1)), "How long lines are kept.") { Default = "for ever" };
    private static readonly Key<long?> MaxSize = new("MaxSize", Kinds.SizeLimit, "How large the store may grow on disk; the oldest lines go first.") { Default = "no limit" };
    private static readonly Key<TimeSpan?> ClockSkewLimit = new("ClockSkewLimit", Kinds.Duration, "How far a server's clock may be off before it is told about.") { Default = "`'1s'`" };

    /// <summary>Keys that mean something for an engine only.</summary>
    public static IReadOnlyList<Key> OfEngines { get; } = [Url, User, Password, Token, Tenant, CaCertificate];

    public static TableSchema Schema { get; } = new("Logging", [Store, Retention, MaxSize, Engine, Url, User, Password, Token, Tenant, CaCertificate, ClockSkewLimit, Sources, Filters]);

    public static ValueKind<LoggingEntry> Kind { get; } = TableKinds.Table(Schema, static values => new LoggingEntry(values, new LoggingOptions
    {
        Store = values.Get(Store),
        Retention = values.Get(Retention),
        MaxSize = values.Get(MaxSize),
        Engine = values.Get(Engine),
        Url = values.Get(Url),
        User = values.Get(User),
        Password = values.Get(Password),
        Token = values.Get(Token),
        Tenant = values.Get(Tenant),
        CaCertificate = values.Get(CaCertificate),
        ClockSkewLimit = values.Get(ClockSkewLimit) ?? TimeSpan.FromSeconds(1),
    }));

    // What Loki takes for a tenant's name; several are divided by bars, and then nothing can be sent.
    private static string? ReadTenant(Data.DataNode node, ReadContext context)
    {
        if (Kinds.ReadText(node, context, "a tenant's name in quotes") is not { } text) return null;
        if (text is { Length: > 0 and <= 150 } && text is not ("." or "..") && text.All(static c => char.IsAsciiLetterOrDigit(c) || "!-_.*'()".Contains(c, StringComparison.Ordinal))) return text;
        context.Report(EnvironmentProblems.InvalidValue(node.Position, "Tenant", text, "Write the tenant as Loki knows it: letters, digits and !-_.*'() only."));
        return null;
    }
}

/// <summary>The section as the file has it.</summary>
/// <param name="Values">What the file says, with positions.</param>
/// <param name="Options">The same as an object, still without sources and filters.</param>
internal sealed record LoggingEntry(TableValues Values, LoggingOptions Options);
