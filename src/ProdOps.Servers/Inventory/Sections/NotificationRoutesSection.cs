using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Servers.Inventory.Sections;

/// <summary><c>Monitoring.Notify</c>: who is told of what, and when.</summary>
internal static class NotificationRoutesSection
{
    public static readonly Key<string> Name = new("Name", HealthKinds.Label, "What the route is called.") { IsRequired = true };
    public static readonly Key<IReadOnlyList<Located<string>>> Channel = new("Channel", HealthKinds.Patterns, "The channels of `Channels` that its messages go to; a later one is used where an earlier one is dead.") { IsRequired = true };
    public static readonly Key<IReadOnlyList<Located<string>>> Server = new("Server", Kinds.ServerNames, "The servers it is about.") { Default = "all" };
    public static readonly Key<IReadOnlyList<Located<string>>> Role = new("Role", Kinds.Names, "The roles of the servers it is about.") { Default = "all" };
    public static readonly Key<IReadOnlyList<QuietHours>> Quiet = new("Quiet", HealthKinds.Quiet, "When it is quiet: only what is critical is told then, the rest when it is over.");
    public static readonly Key<bool?> QuietForCritical = new("QuietForCritical", Kinds.Boolean, "Tell nothing in quiet hours, not even what is critical.");
    public static readonly Key<TimeOnly?> DigestAt = new("DigestAt", HealthKinds.TimeOfDay, "When the daily digest goes out: what was not told at once, since it was not bad enough, the hours were quiet, or an action had mended it before.") { Default = "there is none" };
    public static readonly Key<string> TimeZone = new("TimeZone", Kinds.Zone, "The time zone of its hours.") { Default = "this machine's" };
    private static readonly Key<HealthState?> Severity = new("Severity", Kinds.Choice(HealthState.Warning, HealthState.Critical), "How bad it must be.") { Default = "`'Warning'`" };
    private static readonly Key<TimeSpan?> After = new("After", Kinds.Duration, "How long a problem must go on, with nobody having acknowledged it, before this route is told: an escalation.") { Default = "`'0s'`: at once" };
    private static readonly Key<TimeSpan?> Repeat = new("Repeat", Kinds.Duration, "How often it is reminded of something critical; `'0s'`: never.") { Default = "`'4h'`" };
    private static readonly Key<TimeSpan?> RepeatWarning = new("RepeatWarning", Kinds.Duration, "How often it is reminded of a warning; `'0s'`: never.") { Default = "`'1d'`" };
    private static readonly Key<int?> MaxPerHour = new("MaxPerHour", Kinds.Integer(1, 1000), "How many messages an hour at most; the last one says that others are held back.") { Default = "`20`" };

    public static TableSchema Schema { get; } = new("Monitoring.Notify", [Name, Channel, Severity, Server, Role, After, Quiet, QuietForCritical, DigestAt, TimeZone, Repeat, RepeatWarning, MaxPerHour]);

    public static ValueKind<IReadOnlyList<NotificationRouteEntry>> Kind { get; } = TableKinds.List(Schema, static values => new NotificationRouteEntry(values, Bind(values)));

    private static NotificationRoute Bind(TableValues values)
    {
        var route = new NotificationRoute
        {
            Name = values.Get(Name) ?? "",
            After = values.Get(After) ?? TimeSpan.Zero,
            Quiet = values.Get(Quiet) ?? [],
            QuietForCritical = values.Get(QuietForCritical) ?? false,
            DigestAt = values.Get(DigestAt),
            TimeZone = values.Get(TimeZone),
        };
        return route with
        {
            Severity = values.Get(Severity) ?? route.Severity,
            Repeat = values.Get(Repeat) ?? route.Repeat,
            RepeatWarning = values.Get(RepeatWarning) ?? route.RepeatWarning,
            MaxPerHour = values.Get(MaxPerHour) ?? route.MaxPerHour,
        };
    }
}

/// <summary>A route as the file has it.</summary>
/// <param name="Values">What the file says, with positions.</param>
/// <param name="Route">The same as an object, still without channels, servers and roles.</param>
internal sealed record NotificationRouteEntry(TableValues Values, NotificationRoute Route);
