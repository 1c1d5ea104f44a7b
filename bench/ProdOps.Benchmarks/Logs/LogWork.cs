using ProdOps.Benchmarks.Corpora.Logs;
using ProdOps.Logging.Conditions;
using ProdOps.Logging.Searching;
using FieldComparison = ProdOps.Logging.Conditions.Comparison;

namespace ProdOps.Benchmarks.Logs;

/// <summary>Something to look for, said to ProdOps and to programs like grep.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Pattern">The pattern for programs that match lines.</param>
/// <param name="Query">The same for ProdOps.</param>
/// <param name="LogsQl">The same for VictoriaLogs.</param>
internal sealed record LogWork(string Name, string Pattern, LogQuery Query, string LogsQl)
{
    public bool IsRegex { get; init; }

    public bool IgnoreCase { get; init; }

    /// <summary>Whether the lines are wanted, written to a file, or only how many they are.</summary>
    public bool WantsLines { get; init; }

    /// <summary>Which files whoever knows them would search.</summary>
    public string Files { get; init; } = "*";

    /// <summary>Only the last so many lines; programs that match lines do not know which those are.</summary>
    public int? Newest { get; init; }

    /// <summary>Whether it is done on the files themselves too, without a store.</summary>
    public bool InPlace { get; init; }

    /// <summary>All of them for one corpus.</summary>
    public static IReadOnlyList<LogWork> Of(LogFacts facts)
    {
        var hour = new DateTimeOffset(facts.First.AddDays(facts.Days / 2), new TimeOnly(14, 0), TimeSpan.Zero);
        return
        [
            Text("needle", facts.Needle) with { WantsLines = true, InPlace = true },
            Text("absent needle", facts.Absent) with { WantsLines = true },
            Text("term in 1 %, count", "checkout"),
            Text("term in 1 %, lines", "checkout") with { WantsLines = true, InPlace = true },
            Text("two letters, count", "Qx"),
            Text("term, any case, count", "timeout", ignoreCase: true),
            Regex("regex with literals, count", "/api/v[12]/orders/[0-9]{5,7}/refund"),
            Regex("regex with a literal inside, count", @"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.25[0-5]\b.* 50[0-4]"),
            Regex("regex without literals, count", "[0-9a-f]{4}-[0-9]{2}[a-f]{3}") with { InPlace = true },
            new LogWork("one hour, count", FormattableString.Invariant($"{hour:dd/MMM/yyyy:HH}:|{hour:yyyy-MM-ddTHH}:|^{hour:MMM} {hour.Day,2} {hour:HH}:"), new LogQuery { After = hour, Before = hour.AddHours(1) },
                FormattableString.Invariant($"_time:[{hour:yyyy-MM-ddTHH:mm:ssZ}, {hour.AddHours(1):yyyy-MM-ddTHH:mm:ssZ})"))
                { IsRegex = true, Files = FormattableString.Invariant($"*-{hour:yyyyMMdd}.log*") },
            Text("newest 100 of the term", "checkout") with
            {
                WantsLines = true, Newest = 100, Query = new LogQuery { Patterns = ["checkout"], CaseSensitive = true, Newest = 100 }, LogsQl = "\"checkout\" | sort by (_time desc) limit 100",
            },
            new LogWork("Status -ge 500 of nginx, count", "\" 5[0-9][0-9] [0-9]+ \"", new LogQuery { Sources = [LogFile.Nginx], Where = new FieldComparison("Status", LogOperator.GreaterOrEqual, 500L, false) },
                $"{{source=\"{LogFile.Nginx}\"}} ~{Quote("\" 5[0-9][0-9] [0-9]+ \"")}")
                { IsRegex = true, Files = LogFile.Nginx + "-*" },
        ];
    }

    public static LogWork Named(LogFacts facts, string name) => Of(facts).FirstOrDefault(work => work.Name == name) ?? throw new UsageException($"There is no work '{name}'.");

    private static LogWork Text(string name, string text, bool ignoreCase = false) => new(name, text, new LogQuery { Patterns = [text], CaseSensitive = !ignoreCase },
        // Words are what it has an index of; what is none is matched as an expression.
        ignoreCase ? $"~{Quote("(?i)" + text)}" : text.Length < 3 ? $"~{Quote(text)}" : Quote(text)) { IgnoreCase = ignoreCase };

    private static LogWork Regex(string name, string regex) => new(name, regex, new LogQuery { Patterns = [regex], IsRegex = true, CaseSensitive = true }, $"~{Quote(regex)}") { IsRegex = true };

    private static string Quote(string text) => "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
}
