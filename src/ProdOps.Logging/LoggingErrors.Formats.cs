using ProdOps.Servers.Inventory;

namespace ProdOps.Logging;

internal static partial class LoggingErrors
{
    public static ProdOpsException GrokPatternUnknown(string filter, int position, string name, IEnumerable<string> names) => new(
        "GrokPatternUnknown", ErrorKind.InvalidArgument,
        $"{Filter(filter)}: there is no pattern '{name}' (at position {position + 1}).",
        $"{Meant(name, names)}Patterns of your own go into the filter's Patterns.") { Target = filter };

    public static ProdOpsException GrokPatternInvalid(string filter, int position, string reason, Exception? cause) => new(
        "GrokPatternInvalid", ErrorKind.InvalidArgument,
        $"{Filter(filter)}: the pattern cannot be used: {reason} (at position {position + 1}).",
        "Brackets, parentheses and braces that are meant as they stand need a backslash. What is not %{…} is a regular expression of .NET.", cause) { Target = filter };

    public static ProdOpsException GrokPatternRecursive(string filter, int position, string name) => new(
        "GrokPatternRecursive", ErrorKind.InvalidArgument,
        $"{Filter(filter)}: pattern '{name}' refers to itself (at position {position + 1}).",
        "Give one of the patterns another name, or write out what it stands for.") { Target = filter };

    public static ProdOpsException GrokPatternTooLarge(string filter, int position, int most) => new(
        "GrokPatternTooLarge", ErrorKind.InvalidArgument,
        $"{Filter(filter)}: the pattern is more than {most} characters with all that it refers to, or refers too deep (at position {position + 1}).",
        "Make it of fewer and simpler patterns.") { Target = filter };

    public static ProdOpsException GrokTypeUnknown(string filter, int position, string type) => new(
        "GrokTypeUnknown", ErrorKind.InvalidArgument,
        $"{Filter(filter)}: there is no type '{type}' (at position {position + 1}).",
        $"{Meant(type, ["int", "float", "string"])}The types are int, float and string.") { Target = filter };

    public static ProdOpsException FilterFieldUnknown(string filter, string setting, string name, IEnumerable<string> names) => new(
        "LogFilterFieldUnknown", ErrorKind.InvalidArgument,
        $"{Filter(filter)}: {setting} is '{name}', and the pattern has no field of that name.",
        $"{Meant(name, names)}The fields are {(names.Any() ? string.Join(", ", names) : "none: name them as in %{IP:client}")}.") { Target = filter };

    public static ProdOpsException TimeFormatInvalid(string filter, int position, string reason) => new(
        "LogTimeFormatInvalid", ErrorKind.InvalidArgument,
        $"{Filter(filter)}: the time format cannot be used: {reason} (at position {position + 1}).",
        "Write it as 'yyyy-MM-dd HH:mm:ss.fff zzz', with what is no letter of a format in quotes; or ISO8601, UNIX, UNIX_MS.") { Target = filter };

    public static ProdOpsException FormatAndPattern() => new(
        "LogFormatAndPattern", ErrorKind.InvalidArgument,
        "-Format and -Pattern are both given.",
        "Use -Format for a format or a filter of the environment, and -Pattern to try a pattern.");

    public static ProdOpsException PatternMissing() => new(
        "GrokPatternMissing", ErrorKind.InvalidArgument,
        "-Patterns, -TimeField, -TimeFormat, -LevelField and -MessageField belong to a pattern, and none is given.",
        "Add -Pattern; or use -Format for a filter of the environment, which says all that itself.");

    private static string Filter(string name) => name.Length == 0 ? "The filter" : $"Filter '{name}'";

    private static string Meant(string name, IEnumerable<string> names) => Nearest.Find(name, names) is { } nearest ? $"Did you mean '{nearest}'? " : "";
}
