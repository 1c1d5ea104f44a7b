using System.Globalization;
using System.Text;

namespace ProdOps.Monitoring.Engines;

/// <summary>Pieces of PromQL, with everything that comes from elsewhere quoted.</summary>
internal static class PromQl
{
    // In RE2; the dot and whatever else could be a sign of its own.
    private const string Signs = @"\.+*?()|[]{}^$-";

    /// <summary>A text in quotes: Go's escapes, which PromQL has.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (char c in text)
        {
            if (c is '"' or '\\') quoted.Append('\\').Append(c);
            else if (c == '\n') quoted.Append("\\n");
            else if (c < ' ' || c == '\u007F') quoted.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}");
            // Half of a pair of surrogates is no text in UTF-8.
            else quoted.Append(c);
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>A text as a regular expression for itself alone.</summary>
    public static string Literal(string text)
    {
        var literal = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            if (Signs.Contains(c, StringComparison.Ordinal)) literal.Append('\\');
            literal.Append(c);
        }

        return literal.ToString();
    }

    /// <summary>PowerShell's wildcards as a regular expression; engines anchor it at both ends.</summary>
    public static string Pattern(string wildcards)
    {
        var pattern = new StringBuilder("(?i:");
        for (int i = 0; i < wildcards.Length; i++)
        {
            char c = wildcards[i];
            int end = c == '[' ? wildcards.IndexOf(']', i + 1) : -1;
            if (c == '*') pattern.Append(".*");
            else if (c == '?') pattern.Append('.');
            else if (end > i + 1)
            {
                pattern.Append('[');
                for (int at = i + 1; at < end; at++)
                {
                    // A hyphen between two characters is a range in both.
                    bool isRange = wildcards[at] == '-' && at > i + 1 && at + 1 < end;
                    if (!isRange && !char.IsAsciiLetterOrDigit(wildcards[at]) && wildcards[at] < 128) pattern.Append('\\');
                    pattern.Append(wildcards[at]);
                }

                pattern.Append(']');
                i = end;
            }
            else pattern.Append(Literal(c.ToString()));
        }

        return pattern.Append(')').ToString();
    }

    /// <summary>A matcher for any of some values.</summary>
    public static string AnyOf(string label, IReadOnlyList<string> values) =>
        values.Count == 1 ? $"{label}={Quote(values[0])}" : $"{label}=~{Quote(string.Join('|', values.Select(Literal)))}";

    /// <summary>A length of time; whole milliseconds are the least.</summary>
    public static string Duration(TimeSpan length) => length.TotalMilliseconds % 1000 == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{(long)length.TotalSeconds}s") : string.Create(CultureInfo.InvariantCulture, $"{(long)length.TotalMilliseconds}ms");

    /// <summary>A moment as the API takes it: seconds since 1970.</summary>
    public static string Moment(long milliseconds) => (milliseconds / 1000m).ToString("0.000", CultureInfo.InvariantCulture);

    public static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
