using System.Collections;
using System.Globalization;

namespace ProdOps.Backup.Retention;

/// <summary>Which backups of a group stay: restic's rules and their meaning (restic, internal/data/snapshot_policy.go). A count of -1 is without limit.</summary>
internal sealed record RetentionPolicy
{
    public const int Unlimited = -1;

    private static readonly string[] Names =
    [
        nameof(Last), nameof(Hourly), nameof(Daily), nameof(Weekly), nameof(Monthly), nameof(Yearly), nameof(Within), nameof(WithinHourly),
        nameof(WithinDaily), nameof(WithinWeekly), nameof(WithinMonthly), nameof(WithinYearly), nameof(Tags),
    ];

    public int Last { get; init; }

    public int Hourly { get; init; }

    public int Daily { get; init; }

    public int Weekly { get; init; }

    public int Monthly { get; init; }

    public int Yearly { get; init; }

    public RetentionPeriod Within { get; init; }

    public RetentionPeriod WithinHourly { get; init; }

    public RetentionPeriod WithinDaily { get; init; }

    public RetentionPeriod WithinWeekly { get; init; }

    public RetentionPeriod WithinMonthly { get; init; }

    public RetentionPeriod WithinYearly { get; init; }

    /// <summary>Lists of tags: a snapshot that carries all of one of them stays. An empty tag means snapshots without any.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Tags { get; init; } = [];

    /// <summary>No rule that could keep anything.</summary>
    public bool IsEmpty => Tags.Count == 0
        && (Last | Hourly | Daily | Weekly | Monthly | Yearly) == 0
        && Within.IsZero && WithinHourly.IsZero && WithinDaily.IsZero && WithinWeekly.IsZero && WithinMonthly.IsZero && WithinYearly.IsZero;

    /// <summary>Reads rules as a user writes them: <c>@{ Last = 3; Daily = 14; Within = '30d'; Tags = 'keep', 'a,b' }</c>.</summary>
    public static RetentionPolicy Parse(IDictionary rules)
    {
        var policy = new RetentionPolicy();
        foreach (DictionaryEntry rule in rules)
        {
            string given = rule.Key.ToString() ?? "";
            policy = Names.FirstOrDefault(name => name.Equals(given, StringComparison.OrdinalIgnoreCase)) switch
            {
                nameof(Last) => policy with { Last = ReadCount(given, rule.Value) },
                nameof(Hourly) => policy with { Hourly = ReadCount(given, rule.Value) },
                nameof(Daily) => policy with { Daily = ReadCount(given, rule.Value) },
                nameof(Weekly) => policy with { Weekly = ReadCount(given, rule.Value) },
                nameof(Monthly) => policy with { Monthly = ReadCount(given, rule.Value) },
                nameof(Yearly) => policy with { Yearly = ReadCount(given, rule.Value) },
                nameof(Within) => policy with { Within = ReadPeriod(given, rule.Value) },
                nameof(WithinHourly) => policy with { WithinHourly = ReadPeriod(given, rule.Value) },
                nameof(WithinDaily) => policy with { WithinDaily = ReadPeriod(given, rule.Value) },
                nameof(WithinWeekly) => policy with { WithinWeekly = ReadPeriod(given, rule.Value) },
                nameof(WithinMonthly) => policy with { WithinMonthly = ReadPeriod(given, rule.Value) },
                nameof(WithinYearly) => policy with { WithinYearly = ReadPeriod(given, rule.Value) },
                nameof(Tags) => policy with { Tags = ReadTags(given, rule.Value) },
                _ => throw BackupErrors.RetentionRuleUnknown(given, Names),
            };
        }

        return policy;
    }

    private static int ReadCount(string name, object? value)
    {
        string text = TextOf(value);
        if (text.Equals("unlimited", StringComparison.OrdinalIgnoreCase)) return Unlimited;
        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int count) && count >= Unlimited
            ? count
            : throw BackupErrors.RetentionRuleInvalid(name, text, "Give a number of backups, or -1 for all.");
    }

    private static RetentionPeriod ReadPeriod(string name, object? value)
    {
        if (value is TimeSpan { Minutes: 0, Seconds: 0, Milliseconds: 0 } span && span >= TimeSpan.Zero) return new RetentionPeriod(0, 0, span.Days, span.Hours);
        string text = TextOf(value);
        return RetentionPeriod.TryParse(text, out var period)
            ? period
            : throw BackupErrors.RetentionRuleInvalid(name, text, "Give years, months, days and hours such as '1y6m', '30d' or '36h' (m is months).");
    }

    private static IReadOnlyList<string>[] ReadTags(string name, object? value)
    {
        object?[] lists = value is IEnumerable several and not string ? [.. several] : [value];
        if (lists.Length == 0) throw BackupErrors.RetentionRuleInvalid(name, "", "Give tags, such as 'keep', or 'a,b' for backups that carry both.");
        return [.. lists.Select(list => (IReadOnlyList<string>)[.. TextOf(list).Split(',').Select(tag => tag.Trim())])];
    }

    private static string TextOf(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture)?.Trim() ?? "";
}
