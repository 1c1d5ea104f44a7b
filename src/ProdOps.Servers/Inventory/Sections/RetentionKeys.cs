using ProdOps.Servers.Inventory.Data;
using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Servers.Inventory.Sections;

/// <summary>The rules of what stays, under the names and with the values that <c>Remove-Backup -Keep</c> takes.</summary>
internal static class RetentionKeys
{
    private const string PeriodRule = "Write years, months, days and hours, such as '1y6m', '30d' or '36h'; m is months.";

    private static readonly ValueKind<int?> Count = new("number, or `-1` for all", static (node, context) =>
        node is DataScalar { Value: int number and >= -1 } ? number
        : node is DataScalar { Value: int few } ? Kinds.Invalid<int?>(node, context, few.ToString(System.Globalization.CultureInfo.InvariantCulture), "Write how many backups stay, or -1 for all.")
        : Kinds.WrongType<int?>(node, context, "a whole number without quotes, or -1 for all"));

    private static readonly ValueKind<string> Period = new("period: `'30d'`, `'1y6m'`, `'36h'` (m is months)", static (node, context) =>
        Kinds.ReadText(node, context, "a period in quotes, such as '30d' or '1y6m'") is not { } text ? null : IsPeriod(text) ? text : Kinds.Invalid(node, context, text, PeriodRule));

    private static readonly Key<int?>[] Counts =
    [
        new("Last", Count, "So many of the newest."),
        new("Hourly", Count, "The newest of each of so many hours that have one."),
        new("Daily", Count, "The newest of each of so many days."),
        new("Weekly", Count, "The newest of each of so many weeks."),
        new("Monthly", Count, "The newest of each of so many months."),
        new("Yearly", Count, "The newest of each of so many years."),
    ];

    private static readonly Key<string>[] Periods =
    [
        new("Within", Period, "All that are younger, counted from the newest."),
        new("WithinHourly", Period, "Of those, the newest of each hour."),
        new("WithinDaily", Period, "Likewise, of each day."),
        new("WithinWeekly", Period, "Likewise, of each week."),
        new("WithinMonthly", Period, "Likewise, of each month."),
        new("WithinYearly", Period, "Likewise, of each year."),
    ];

    private static readonly Key<IReadOnlyList<string>> Tags = new("Tags", Kinds.Texts, "Those with one of these tags; `'a,b'` are two that must both be there.");

    public static TableSchema Schema { get; } = new("Backups.Keep and Backups.KeepCopies", [.. Counts, .. Periods, Tags]);

    public static ValueKind<RetentionEntry> Kind { get; } = TableKinds.Table(Schema, static values =>
    {
        var rules = new Dictionary<string, object>(StringComparer.OrdinalIgnoreCase);
        foreach (var key in Counts) if (values.Get(key) is { } count) rules.Add(key.Name, count);
        foreach (var key in Periods) if (values.Get(key) is { } period) rules.Add(key.Name, period);
        if (values.Get(Tags) is { } tags) rules.Add(Tags.Name, tags.ToArray());
        // Counts of nothing keep nothing, and a policy that keeps nothing is a slip. What could not be read might keep something.
        bool keeps = rules.Values.Any(rule => rule is not 0) || values.Table.Entries.Any(entry => entry.Value is not DataScalar { Value: null } && !rules.ContainsKey(entry.Name));
        return new RetentionEntry(values.Position, rules, keeps);
    });

    /// <summary>Numbers with y, m, d or h behind each: what the retention takes.</summary>
    private static bool IsPeriod(string text)
    {
        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            int digits = rest.IndexOfAnyExceptInRange('0', '9');
            if (digits is < 1 or > 6 || rest[digits] is not ('y' or 'm' or 'd' or 'h')) return false;
            rest = rest[(digits + 1)..];
        }

        return text.AsSpan().ContainsAnyInRange('1', '9');
    }
}

/// <summary>Rules of what stays, as the file has them.</summary>
/// <param name="Position">Where they stand.</param>
/// <param name="Rules">The rules by name: numbers, periods, tags.</param>
/// <param name="Keeps">False if they keep nothing at all.</param>
internal sealed record RetentionEntry(SourcePosition Position, IReadOnlyDictionary<string, object> Rules, bool Keeps);
