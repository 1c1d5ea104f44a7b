namespace ProdOps.Logging.Engines.VictoriaLogs;

/// <summary>
/// The fields that lines are sent with. Those of a line have their own names, in lower case since case does not count here and does there; numbers, durations and addresses are written
/// in one way each, so that equal values are equal texts.
/// </summary>
internal static class LogsQlFields
{
    public const string Server = "server", Source = "source", Level = "level";

    /// <summary>The format's name; who has none was sent by others.</summary>
    public const string Format = "prodops.format";

    /// <summary>When the line came, in microseconds since 1970, each later than the one before.</summary>
    public const string Received = "prodops.received";

    /// <summary>The zone of times without one, where that is not UTC.</summary>
    public const string Zone = "prodops.zone";

    /// <summary>The names, between bars, of fields whose value is sent in another writing than the line's, or that are texts and look like something else.</summary>
    public const string Texts = "prodops.texts";

    /// <summary>Some fields of the line were left out: there are too many, or they are too long.</summary>
    public const string Partial = "prodops.partial";

    /// <summary>The line is empty; the engine takes no empty message.</summary>
    public const string Blank = "prodops.blank";

    /// <summary>Where nothing is known of a line's fields.</summary>
    public static string Doubt { get; } = $"({LogsQlText.Quote(Format)}:\"\" or {LogsQlText.Quote(Partial)}:*)";

    /// <summary>What others have sent.</summary>
    public static string Foreign { get; } = $"{LogsQlText.Quote(Format)}:\"\"";

    public static string NameOf(string field) => field.ToLowerInvariant();

    /// <summary>Whether a field's value is not to be taken at its word.</summary>
    public static string IsOtherText(string field) => $"{LogsQlText.Quote(Texts)}:~{LogsQlText.Quote(GoRegex.Of($"|{NameOf(field)}|", caseSensitive: true)?.Text ?? "")}";

    /// <summary>Whether a text could be taken for a number, a duration, an address or a truth.</summary>
    public static bool LooksTyped(ReadOnlySpan<byte> text) => text.Length > 0
        && (char.IsAsciiDigit((char)text[0]) || text[0] is (byte)'-' or (byte)'+' or (byte)'.' or (byte)':' || text.IndexOf((byte)':') is > 0 and < 5
            || text.Length <= 5 && (System.Text.Ascii.EqualsIgnoreCase(text, "true"u8) || System.Text.Ascii.EqualsIgnoreCase(text, "false"u8)));
}
