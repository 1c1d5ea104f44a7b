using System.Text;
using System.Text.RegularExpressions;

namespace ProdOps.Logging.Conditions;

/// <summary>PowerShell's wildcards, beside what <see cref="Servers.Inventory.NamePattern"/> matches.</summary>
internal static class Wildcards
{
    /// <summary>What takes a wildcard's meaning away.</summary>
    public const char Escape = '`';

    /// <summary>The same as a regular expression over the whole text, for matching with case or escapes.</summary>
    public static string ToRegex(string pattern)
    {
        var regex = new StringBuilder("(?s)\\A");
        for (int i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] == Escape && i + 1 < pattern.Length)
            {
                regex.Append(Regex.Escape(pattern[++i].ToString()));
                continue;
            }

            int close = pattern[i] == '[' ? pattern.IndexOf(']', i + 1) : -1;
            if (close > i + 1)
            {
                regex.Append('[').Append(pattern[(i + 1)..close].Replace("\\", "\\\\", StringComparison.Ordinal).Replace("^", "\\^", StringComparison.Ordinal)).Append(']');
                i = close;
            }
            else
            {
                regex.Append(pattern[i] switch { '*' => ".*", '?' => ".", char c => Regex.Escape(c.ToString()) });
            }
        }

        return regex.Append("\\z").ToString();
    }

    /// <summary>The longest run of characters that a matching text must hold.</summary>
    public static string LongestRun(string pattern)
    {
        string longest = "";
        int start = 0;
        for (int i = 0; i <= pattern.Length; i++)
        {
            if (i < pattern.Length && pattern[i] is not ('*' or '?' or '[' or ']' or '`')) continue;
            if (i - start > longest.Length) longest = pattern[start..i];
            // What stands between brackets is a choice.
            if (i < pattern.Length && pattern[i] == '[' && pattern.IndexOf(']', i) is > 0 and int close) i = close;
            start = i + 1;
        }

        return longest;
    }
}
