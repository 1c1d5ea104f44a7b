namespace ProdOps.Logging;

internal static partial class LoggingErrors
{
    public static ProdOpsException PatternHasLineBreak(string pattern) => new(
        "PatternHasLineBreak", ErrorKind.InvalidArgument,
        $"The pattern '{pattern.ReplaceLineEndings("\\n")}' has a line break in it, and so matches no line.",
        "Search for the lines one by one; -Context shows what stands around a line.") { Target = pattern };

    public static ProdOpsException RegexInvalid(string pattern, string why, int? position, Exception? cause = null) => new(
        "RegexInvalid", ErrorKind.InvalidArgument,
        $"The pattern '{pattern}' is not a regular expression{(position is { } at ? $": at character {at}" : "")}: {why.TrimEnd('.')}.",
        "Write \\ before a character that stands for itself, or leave out -Regex to search for the text as it is.", cause) { Target = pattern };

    public const string RegexTimeoutId = "RegexTimeout";

    public static ProdOpsException RegexTooLarge(string pattern) => new(
        "RegexTooLarge", ErrorKind.InvalidArgument,
        $"The regular expression '{pattern}' repeats parts of it too many times.",
        "Use smaller counts, or + for a repetition whose count does not matter.") { Target = pattern };

    public static ProdOpsException RegexTimeout(string pattern, TimeSpan limit, Exception cause) => new(
        RegexTimeoutId, ErrorKind.Timeout,
        $"The regular expression '{pattern}' took longer than {limit.TotalSeconds:0} seconds on one line.",
        "Make it simpler: it looks around, refers back or counts in a way that tries a line over and over again.", cause) { Target = pattern };
}
