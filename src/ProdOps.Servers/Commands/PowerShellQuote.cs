namespace ProdOps.Servers.Commands;

/// <summary>Texts for PowerShell, as <see cref="ShellQuote"/> has words for a shell.</summary>
internal static class PowerShellQuote
{
    /// <summary>Whether PowerShell takes a character for a single quote: it takes the typographic ones as well.</summary>
    public static bool IsSingleQuote(char c) => c is '\'' or '\u2018' or '\u2019' or '\u201A' or '\u201B';

    /// <summary>A text that PowerShell takes as it is: in single quotes, with those within doubled.</summary>
    public static string Text(string text) => $"'{string.Concat(text.Select(static c => IsSingleQuote(c) ? $"{c}{c}" : c.ToString()))}'";
}
