using System.Globalization;

namespace ProdOps.Servers.Ssh.Config;

/// <summary>Where a setting was given.</summary>
/// <param name="File">The file, or <c>given</c> for what the command in hand or the inventory says.</param>
/// <param name="Line">The line in it; 0 where there is no file.</param>
internal readonly record struct SshConfigOrigin(string File, int Line)
{
    public static SshConfigOrigin Given { get; } = new("given", 0);

    public override string ToString() => Line == 0 ? File : $"{File}:{Line}";
}

/// <summary>A keyword's value: the words, and where they stand.</summary>
internal sealed record SshConfigValue(IReadOnlyList<string> Words, SshConfigOrigin Origin)
{
    public string Word => Words[0];
}

/// <summary>The notations of single values (misc.c).</summary>
internal static class SshValue
{
    /// <summary>A port; the one service name that makes sense is understood too.</summary>
    public static int? Port(string text) => text == "ssh" ? 22
        : int.TryParse(text, NumberStyles.AllowLeadingWhite | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int port) && port is > 0 and <= 65535 ? port : null;

    /// <summary>A whole number from 0.</summary>
    public static int? Number(string text) =>
        int.TryParse(text, NumberStyles.AllowLeadingWhite | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) && number >= 0 ? number : null;

    /// <summary>A time such as <c>90</c>, <c>90s</c>, <c>1h30m</c>, in seconds; <see langword="null"/> for what is none.</summary>
    public static int? Seconds(string text)
    {
        if (text.Length == 0) return null;
        long total = 0;
        for (int i = 0; i < text.Length;)
        {
            int start = i;
            while (i < text.Length && char.IsAsciiDigit(text[i])) i++;
            if (i == start || !long.TryParse(text.AsSpan(start, i - start), CultureInfo.InvariantCulture, out long count) || count > int.MaxValue) return null;
            long unit = i == text.Length ? 1 : text[i++] switch
            {
                's' or 'S' => 1,
                'm' or 'M' => 60,
                'h' or 'H' => 3600,
                'd' or 'D' => 86400,
                'w' or 'W' => 604800,
                _ => 0,
            };
            total += count * unit;
            if (unit == 0 || count * unit > int.MaxValue || total > int.MaxValue) return null;
        }

        return (int)total;
    }

    /// <summary>What a word of yes and no says.</summary>
    public static bool IsYes(string word) => word.Equals("yes", StringComparison.OrdinalIgnoreCase) || word.Equals("true", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether it is the word that stands for nothing at all.</summary>
    public static bool IsNone(string word) => word.Equals("none", StringComparison.OrdinalIgnoreCase);
}
