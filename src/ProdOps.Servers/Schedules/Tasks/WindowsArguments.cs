using System.Text;

namespace ProdOps.Servers.Schedules.Tasks;

/// <summary>The one text that a Windows program gets its arguments in, as nearly all programs take it apart (CommandLineToArgvW, and the C runtime).</summary>
internal static class WindowsArguments
{
    /// <summary>Windows starts nothing with more than 32,767 characters, the NUL at the end among them (CreateProcessW); this leaves room for the program's own path.</summary>
    public const int MaximumLength = 32_000;

    public static string Join(IEnumerable<string> arguments) => string.Join(' ', arguments.Select(Quote));

    private static string Quote(string argument)
    {
        if (argument.Length > 0 && !argument.AsSpan().ContainsAny(" \t\n\v\"")) return argument;
        var text = new StringBuilder("\"");
        int backslashes = 0;
        foreach (char c in argument)
        {
            // Backslashes mean themselves, except in front of a quote.
            if (c == '"') text.Append('\\', backslashes + 1);
            backslashes = c == '\\' ? backslashes + 1 : 0;
            text.Append(c);
        }

        return text.Append('\\', backslashes).Append('"').ToString();
    }
}
