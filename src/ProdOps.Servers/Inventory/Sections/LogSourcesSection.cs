using System.Text.RegularExpressions;
using ProdOps.Servers.Inventory.Data;
using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Servers.Inventory.Sections;

/// <summary><c>Logging.Sources</c>: logs that are collected.</summary>
internal static class LogSourcesSection
{
    public static readonly Key<string> Name = new("Name", Kinds.Name, "What the source is called; its lines carry the name.") { IsRequired = true };
    public static readonly Key<IReadOnlyList<Located<string>>> Server = new("Server", Kinds.ServerNames, "The servers to collect it from.") { Default = "all servers of the environment" };
    public static readonly Key<IReadOnlyList<string>> Path = new("Path", Globs("a full path with or without wildcards in quotes"), "Files, by full paths with the shell's wildcards: `'/srv/app/log/*.log'`. Rotated files beside them are found by themselves.");
    public static readonly Key<IReadOnlyList<string>> Exclude = new("Exclude", Globs("a full path with or without wildcards in quotes"), "Files to leave out of `Path`, likewise.");
    public static readonly Key<JournalChoice> Journal = new("Journal", new("`$true`, or a unit of systemd, or a list of units", static (node, context) => ReadJournal(node, context)), "systemd's journal: all of it, or of units.");
    public static readonly Key<string> Command = new("Command", Kinds.Text, "A command for the server's shell; each line that it prints is collected.");
    public static readonly Key<TimeSpan?> Interval = new("Interval", Kinds.Duration, "How long to leave between two runs of `Command`.") { Default = "it runs in each round" };
    public static readonly Key<string> Format = new("Format", Kinds.Name, "How its lines are read: the name of a format or of one of `Filters`.") { Default = "found by content" };
    public static readonly Key<string> MultiLine = new("MultiLine", new("`'Auto'`, `'None'` or a regular expression", static (node, context) => ReadMultiLine(node, context)), "Which lines begin an entry: those that the expression is found in; the others belong to the entry before.") { Default = "`'Auto'`: what the format says" };
    private static readonly Key<string> Zone = new("Zone", Kinds.Zone, "The zone of times that do not say it.") { Default = "the server's" };
    private static readonly Key<TimeSpan?> Retention = new("Retention", HealthKinds.Lasting(TimeSpan.FromHours(1)), "How long its lines are kept.") { Default = "as `Logging` says" };
    private static readonly Key<long?> MaxSize = new("MaxSize", Kinds.SizeLimit, "How large it may grow on disk.") { Default = "as `Logging` says" };
    private static readonly Key<bool?> AsRoot = new("AsRoot", Kinds.Boolean, "Read it as root by sudo.");

    public static TableSchema Schema { get; } = new("Logging.Sources", [Name, Server, Path, Exclude, Journal, Command, Interval, Format, Zone, Retention, MaxSize, AsRoot, MultiLine]);

    public static ValueKind<IReadOnlyList<LogSourceEntry>> Kind { get; } = TableKinds.List(Schema, static values => new LogSourceEntry(values, new LogSourceDefinition
    {
        Name = values.Get(Name) ?? "",
        Server = [.. (values.Get(Server) ?? []).Select(item => item.Value)],
        Path = values.Get(Path) ?? [],
        Exclude = values.Get(Exclude) ?? [],
        Journal = values.Get(Journal) is { IsRead: true },
        JournalUnit = values.Get(Journal)?.Units ?? [],
        Command = values.Get(Command),
        Interval = values.Get(Interval) ?? TimeSpan.Zero,
        Format = values.Get(Format),
        Zone = values.Get(Zone),
        Retention = values.Get(Retention),
        MaxSize = values.Get(MaxSize),
        AsRoot = values.Get(AsRoot) ?? false,
        MultiLine = values.Get(MultiLine) ?? "Auto",
    }));

    private static ValueKind<IReadOnlyList<string>> Globs(string expected) => new("full path with wildcards, or a list of them", (node, context) =>
        Kinds.ReadLocated(node, context, expected, static text => text[0] == '/' ? null : "Write the full path: it begins with /.")?.Select(item => item.Value).ToArray());

    private static JournalChoice? ReadJournal(DataNode node, ReadContext context) => node switch
    {
        DataScalar { Value: bool all } => new JournalChoice(all, []),
        _ => Kinds.ReadLocated(node, context, "$true, or the name of a unit in quotes, or several with commas between them", static text => text[0] == '-' ? "A unit's name does not begin with a dash." : null) is { } units
            ? new JournalChoice(units.Count > 0, [.. units.Select(unit => unit.Value)]) : null,
    };

    private static string? ReadMultiLine(DataNode node, ReadContext context)
    {
        if (Kinds.ReadText(node, context, "'Auto', 'None' or a regular expression in quotes") is not { } text) return null;
        foreach (string word in (string[])["Auto", "None"])
            if (word.Equals(text, StringComparison.OrdinalIgnoreCase)) return word;
        try
        {
            _ = new Regex(text, RegexOptions.CultureInvariant);
            return text;
        }
        catch (ArgumentException error)
        {
            return Kinds.Invalid(node, context, text, $"Write 'Auto', 'None' or a regular expression of .NET. {error.Message}");
        }
    }
}

/// <summary>A source as the file has it.</summary>
/// <param name="Values">What the file says, with positions.</param>
/// <param name="Source">The same as an object.</param>
internal sealed record LogSourceEntry(TableValues Values, LogSourceDefinition Source);

/// <summary>What of the journal is read.</summary>
internal sealed record JournalChoice(bool IsRead, IReadOnlyList<string> Units);
