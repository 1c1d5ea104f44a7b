using ProdOps.Servers.Inventory.Data;
using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Servers.Inventory.Sections;

/// <summary><c>Logging.Filters</c>: how lines of the admin's own are taken apart. Whether a pattern can be used, the logging engine says.</summary>
internal static class LogFiltersSection
{
    private static readonly Key<string> Pattern = new("Pattern", Kinds.Text, "The line, in the language of grok: `'%{IP:client} %{WORD:method} %{NUMBER:ms:float}'`.") { IsRequired = true };
    private static readonly Key<string> TimeField = new("TimeField", Kinds.Text, "The field that has the time.") { Default = "`time` or `timestamp`, if the pattern has one" };
    private static readonly Key<string> TimeFormat = new("TimeFormat", Kinds.Text, "How the time is written: a format of .NET, `ISO8601`, `UNIX` or `UNIX_MS`.") { Default = "found by content" };
    private static readonly Key<string> LevelField = new("LevelField", Kinds.Text, "The field that says how severe a line is.") { Default = "`level`, if the pattern has it" };
    private static readonly Key<string> MessageField = new("MessageField", Kinds.Text, "The field that has the message.") { Default = "`message`, else the whole line" };
    private static readonly Key<IReadOnlyDictionary<string, string>> Patterns = new("Patterns", new("table of texts by name", static (node, context) => ReadPatterns(node, context)), "Patterns of your own by name, for use in `Pattern`.");

    public static TableSchema Schema { get; } = new("Logging.Filters", [Pattern, TimeField, TimeFormat, LevelField, MessageField, Patterns]);

    public static ValueKind<IReadOnlyList<Named<LogFilterEntry>>> Kind { get; } = TableKinds.ByName(Schema, static values => new LogFilterEntry(values, new LogFilterDefinition
    {
        Name = "",
        Pattern = values.Get(Pattern) ?? "",
        TimeField = values.Get(TimeField),
        TimeFormat = values.Get(TimeFormat),
        LevelField = values.Get(LevelField),
        MessageField = values.Get(MessageField),
        Patterns = values.Get(Patterns) ?? new Dictionary<string, string>(),
    }));

    private static Dictionary<string, string>? ReadPatterns(DataNode node, ReadContext context)
    {
        if (node is not DataTable table) return Kinds.WrongType<Dictionary<string, string>>(node, context, "a table of texts: @{ ORDER = '[A-Z]{2}[0-9]+' }");
        var patterns = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in table.Entries)
            if (Kinds.ReadText(entry.Value, context.Below(entry.Name), "a pattern in quotes") is { } text) patterns[entry.Name] = text;
        return patterns;
    }
}

/// <summary>A filter as the file has it.</summary>
/// <param name="Values">What the file says, with positions.</param>
/// <param name="Filter">The same as an object, still without a name.</param>
internal sealed record LogFilterEntry(TableValues Values, LogFilterDefinition Filter);
