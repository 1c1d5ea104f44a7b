using System.Text;

namespace ProdOps.Servers.Schedules;

/// <summary>Text in systemd's unit files (systemd.syntax(7), systemd.service(5) "COMMAND LINES").</summary>
internal static class UnitText
{
    /// <summary>A setting's value. Specifiers do not expand, and it stays one line that does not go on below.</summary>
    public static string Value(string text)
    {
        var value = new StringBuilder(text.Length);
        foreach (char c in text) value.Append(char.IsControl(c) ? " " : c == '%' ? "%%" : c);
        // A backslash at the end of a line takes the next line in; before white space, which is dropped, it does not.
        return value.Length > 0 && value[^1] == '\\' ? value.Append(' ').ToString() : value.ToString();
    }

    /// <summary>Words of ExecStart=, each of which arrives at the program as it is.</summary>
    public static string CommandLine(IEnumerable<string> words) => string.Join(' ', words.Select(Word));

    private static string Word(string text)
    {
        var word = new StringBuilder(text.Length + 2).Append('"');
        bool plain = text.Length > 0;
        foreach (char c in text)
        {
            plain &= char.IsAsciiLetterOrDigit(c) || c is '/' or '-' or '_' or '.' or '=' or ',' or ':';
            _ = c switch
            {
                '"' => word.Append("\\\""),
                '\\' => word.Append("\\\\"),
                '%' => word.Append("%%"),
                '$' => word.Append("$$"),
                '\n' => word.Append("\\n"),
                '\r' => word.Append("\\r"),
                '\t' => word.Append("\\t"),
                < ' ' or '\u007f' => word.Append($"\\x{(int)c:x2}"),
                _ => word.Append(c),
            };
        }

        return plain ? text : word.Append('"').ToString();
    }
}
