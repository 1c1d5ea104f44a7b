using System.Globalization;
using System.Numerics;

namespace ProdOps.Servers.Schedules;

/// <summary>
/// A crontab's five time fields as Vixie cron reads them (crontab(5)): numbers, names of months and days, lists, ranges, steps behind a
/// <c>*</c> or a range, and the <c>@hourly</c> family. What other programs add (seconds, L, W, #) is refused, since cron would.
/// </summary>
internal sealed class CronExpression
{
    private static readonly Dictionary<string, string> Macros = new(StringComparer.OrdinalIgnoreCase)
    {
        ["@hourly"] = "0 * * * *",
        ["@daily"] = "0 0 * * *",
        ["@midnight"] = "0 0 * * *",
        ["@weekly"] = "0 0 * * 0",
        ["@monthly"] = "0 0 1 * *",
        ["@yearly"] = "0 0 1 1 *",
        ["@annually"] = "0 0 1 1 *",
    };

    private static readonly CronField[] Fields =
    [
        new("minute", 0, 59, []),
        new("hour", 0, 23, []),
        new("day of the month", 1, 31, []),
        new("month", 1, 12, ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]),
        new("day of the week", 0, 7, ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
    ];

    private readonly ulong[] _sets;

    private CronExpression(string text, ulong[] sets, bool eitherDay)
    {
        Text = text;
        _sets = sets;
        EitherDay = eitherDay;
    }

    /// <summary>The five fields in numbers, with a space between each: what every cron understands.</summary>
    public string Text { get; }

    public ulong Minutes => _sets[0];

    public ulong Hours => _sets[1];

    public ulong Days => _sets[2];

    public ulong Months => _sets[3];

    /// <summary>Bit 0 is Sunday.</summary>
    public ulong WeekDays => _sets[4];

    /// <summary>True where either day field is enough: cron's rule when neither begins with a star. Otherwise both must fit.</summary>
    public bool EitherDay { get; }

    /// <summary>Reads it.</summary>
    /// <exception cref="ProdOpsException">It is not a cron expression; the message names the field.</exception>
    public static CronExpression Parse(string text)
    {
        string expanded = text.Trim();
        if (expanded.StartsWith('@'))
            expanded = Macros.TryGetValue(expanded, out string? macro) ? macro : throw ServersErrors.CronInvalid(text, $"'{expanded}' is none of {string.Join(", ", Macros.Keys)}");
        string[] words = expanded.Split((char[]?)[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length != Fields.Length) throw ServersErrors.CronInvalid(text, $"it has {words.Length} fields instead of five: minute, hour, day of the month, month, day of the week");
        ulong[] sets = new ulong[Fields.Length];
        for (int i = 0; i < Fields.Length; i++) (sets[i], words[i]) = Fields[i].Parse(words[i], text);
        // Sunday is 0 and 7.
        sets[4] = (sets[4] | (sets[4] >> 7)) & 0x7F;
        return new CronExpression(string.Join(' ', words), sets, words[2][0] != '*' && words[4][0] != '*');
    }

    public override string ToString() => Text;

    private sealed record CronField(string Name, int Minimum, int Maximum, string[] Names)
    {
        public (ulong Set, string Text) Parse(string word, string expression)
        {
            ulong set = 0;
            var parts = new List<string>();
            foreach (string part in word.Split(','))
            {
                string[] halves = part.Split('/');
                if (halves.Length > 2) throw Wrong(part, expression, "has more than one step");
                var (first, last, range) = ParseRange(halves[0], expression);
                int step = 1;
                if (halves.Length == 2)
                {
                    if (halves[0] != "*" && !halves[0].Contains('-')) throw ServersErrors.CronInvalid(expression, $"in the {Name} '{part}' is a step without a range; cron wants {halves[0]}-{Maximum}/{halves[1]}");
                    step = Number(halves[1], part, expression);
                    if (step < 1 || step > Maximum) throw Wrong(part, expression, "has a step that leads nowhere");
                }

                for (int value = first; value <= last; value += step) set |= 1UL << value;
                parts.Add(halves.Length == 2 ? $"{range}/{step}" : range);
            }

            return (set, string.Join(',', parts));
        }

        private (int First, int Last, string Text) ParseRange(string text, string expression)
        {
            if (text == "*") return (Minimum, Names.Length == 7 ? 6 : Maximum, text);
            string[] ends = text.Split('-');
            if (ends.Length > 2) throw Wrong(text, expression, "is no range");
            int first = Value(ends[0], text, expression);
            int last = ends.Length == 2 ? Value(ends[1], text, expression) : first;
            if (last < first) throw Wrong(text, expression, "is a range that ends before it begins; write it as two");
            return (first, last, ends.Length == 2 ? $"{first}-{last}" : first.ToString(CultureInfo.InvariantCulture));
        }

        private int Value(string text, string part, string expression)
        {
            int name = Array.FindIndex(Names, known => known.Equals(text, StringComparison.OrdinalIgnoreCase));
            // The first month is 1, the first day of the week 0.
            int value = name >= 0 ? name + Minimum : Number(text, part, expression);
            return value >= Minimum && value <= Maximum ? value : throw Wrong(part, expression, $"is not from {Minimum} to {Maximum}");
        }

        private int Number(string text, string part, string expression) =>
            text.Length is > 0 and <= 3 && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : throw Wrong(part, expression, "is not understood");

        private ProdOpsException Wrong(string part, string expression, string why) => ServersErrors.CronInvalid(expression, $"in the {Name} '{part}' {why}");
    }
}

/// <summary>Sets of small numbers.</summary>
internal static class BitSet
{
    public static IEnumerable<int> Values(ulong set)
    {
        for (; set != 0; set &= set - 1) yield return BitOperations.TrailingZeroCount(set);
    }
}
