using System.Text;

namespace ProdOps.Servers.Secrets;

/// <summary>
/// Splits a command line into words as a POSIX shell does before it expands anything (XCU 2.2 Quoting): blanks separate, single
/// quotes keep everything, double quotes and backslashes keep the next. On Windows a backslash is part of a path, and only
/// <c>\"</c> is an escape.
/// </summary>
internal static class CommandLine
{
    public static IReadOnlyList<string> Split(string line) => Split(line, OperatingSystem.IsWindows());

    public static IReadOnlyList<string> Split(string line, bool backslashIsPath)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        bool inWord = false;
        for (int i = 0; i < line.Length; i++)
        {
            char c = line[i];
            if (char.IsWhiteSpace(c))
            {
                if (inWord) words.Add(word.ToString());
                word.Clear();
                inWord = false;
                continue;
            }

            inWord = true;
            switch (c)
            {
                case '\'':
                    int end = line.IndexOf('\'', i + 1);
                    if (end < 0) throw ServersErrors.SecretCommandInvalid("a single quote is not closed");
                    word.Append(line, i + 1, end - i - 1);
                    i = end;
                    break;
                case '"':
                    i = ReadDoubleQuoted(line, i + 1, word, backslashIsPath);
                    break;
                case '\\' when !backslashIsPath || Next(line, i) == '"':
                    if (++i == line.Length) throw ServersErrors.SecretCommandInvalid("it ends with a backslash");
                    word.Append(line[i]);
                    break;
                default:
                    word.Append(c);
                    break;
            }
        }

        if (inWord) words.Add(word.ToString());
        return words.Count > 0 && words[0].Length > 0 ? words : throw ServersErrors.SecretCommandInvalid("it names no program");
    }

    /// <summary>Reads up to the closing quote and returns its position.</summary>
    private static int ReadDoubleQuoted(string line, int start, StringBuilder word, bool backslashIsPath)
    {
        for (int i = start; i < line.Length; i++)
        {
            char c = line[i];
            if (c == '"') return i;
            bool escapes = c == '\\' && (backslashIsPath ? Next(line, i) == '"' : Next(line, i) is '"' or '\\' or '$' or '`');
            word.Append(escapes ? line[++i] : c);
        }

        throw ServersErrors.SecretCommandInvalid("a double quote is not closed");
    }

    private static char Next(string line, int i) => i + 1 < line.Length ? line[i + 1] : '\0';
}
