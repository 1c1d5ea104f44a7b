namespace ProdOps.Backup.Databases.Loading;

/// <summary>What a piece of SQL is.</summary>
internal enum SqlTokenKind
{
    Word,
    QuotedName,
    Text,
    Sign,
}

/// <summary>A piece of SQL text.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Start">Where it begins.</param>
/// <param name="End">Where the next one may begin.</param>
internal readonly record struct SqlToken(SqlTokenKind Kind, int Start, int End);

/// <summary>A statement of a script, without the semicolon.</summary>
/// <param name="Text">The script.</param>
/// <param name="Tokens">The statement's pieces.</param>
internal sealed record SqlStatement(string Text, IReadOnlyList<SqlToken> Tokens)
{
    /// <summary>Whether it begins with these words.</summary>
    public bool Begins(params ReadOnlySpan<string> words)
    {
        if (Tokens.Count < words.Length) return false;
        for (int i = 0; i < words.Length; i++)
            if (!IsWord(i, words[i])) return false;
        return true;
    }

    /// <summary>The place of a word after the first ones; -1 if it has none.</summary>
    public int Find(string word, int from = 0)
    {
        for (int i = from; i < Tokens.Count; i++)
            if (IsWord(i, word)) return i;
        return -1;
    }

    /// <summary>The name that a piece is; <see langword="null"/> if it is no name.</summary>
    public string? NameAt(int index)
    {
        if (index < 0 || index >= Tokens.Count) return null;
        var token = Tokens[index];
        return token.Kind switch
        {
            SqlTokenKind.Word => Text[token.Start..token.End],
            SqlTokenKind.QuotedName => Text[(token.Start + 1)..(token.End - 1)].Replace("\"\"", "\"", StringComparison.Ordinal),
            _ => null,
        };
    }

    /// <summary>Its text with one piece replaced.</summary>
    public string With(int index, string replacement) => $"{Text[Tokens[0].Start..Tokens[index].Start]}{replacement}{Text[Tokens[index].End..Tokens[^1].End]};";

    public override string ToString() => Tokens.Count == 0 ? "" : $"{Text[Tokens[0].Start..Tokens[^1].End]};";

    private bool IsWord(int index, string word) =>
        index < Tokens.Count && Tokens[index].Kind == SqlTokenKind.Word && Text.AsSpan(Tokens[index].Start, Tokens[index].End - Tokens[index].Start).Equals(word, StringComparison.OrdinalIgnoreCase);
}

/// <summary>
/// PostgreSQL's SQL as pg_dump and pg_dumpall print it (PostgreSQL documentation, "Lexical Structure"): names, texts, comments, and the lines that are
/// meant for psql. Anything can be given to it; what is left open at the end ends there.
/// </summary>
internal static class SqlText
{
    public static string Name(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    public static string Literal(string text) => text.Contains('\\') ? $" E'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal)}'" : $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>The statements of a script. Lines of psql (<c>\connect</c>) and comments are passed over.</summary>
    public static IReadOnlyList<SqlStatement> Split(string text)
    {
        var statements = new List<SqlStatement>();
        var tokens = new List<SqlToken>();
        for (int at = 0; at < text.Length;)
        {
            char letter = text[at];
            if (char.IsWhiteSpace(letter)) at++;
            else if (letter == '-' && Next(text, at) == '-') at = LineEnd(text, at);
            else if (letter == '/' && Next(text, at) == '*') at = CommentEnd(text, at);
            else if (letter == '\\' && tokens.Count == 0) at = LineEnd(text, at);
            else if (letter == ';')
            {
                if (tokens.Count > 0) statements.Add(new SqlStatement(text, tokens));
                tokens = [];
                at++;
            }
            else
            {
                var token = Read(text, at);
                tokens.Add(token);
                at = token.End;
            }
        }
        // A statement without its end is none: the script was cut off.
        return statements;
    }

    private static SqlToken Read(string text, int at)
    {
        char letter = text[at];
        if (letter == '"') return new SqlToken(SqlTokenKind.QuotedName, at, QuoteEnd(text, at, '"', escapes: false));
        if (letter == '\'') return new SqlToken(SqlTokenKind.Text, at, QuoteEnd(text, at, '\'', escapes: false));
        if (letter is 'E' or 'e' && Next(text, at) == '\'') return new SqlToken(SqlTokenKind.Text, at, QuoteEnd(text, at + 1, '\'', escapes: true));
        if (letter == '$' && DollarEnd(text, at) is { } end) return new SqlToken(SqlTokenKind.Text, at, end);
        if (!IsWordLetter(letter)) return new SqlToken(SqlTokenKind.Sign, at, at + 1);
        int word = at + 1;
        while (word < text.Length && (IsWordLetter(text[word]) || text[word] == '$')) word++;
        return new SqlToken(SqlTokenKind.Word, at, word);
    }

    private static int QuoteEnd(string text, int open, char quote, bool escapes)
    {
        for (int at = open + 1; at < text.Length; at++)
        {
            if (escapes && text[at] == '\\') at++;
            else if (text[at] == quote && Next(text, at) == quote) at++;
            else if (text[at] == quote) return at + 1;
        }
        return text.Length;
    }

    private static int? DollarEnd(string text, int at)
    {
        int close = at + 1;
        while (close < text.Length && IsWordLetter(text[close])) close++;
        if (close >= text.Length || text[close] != '$') return null;
        int end = text.IndexOf(text[at..(close + 1)], close + 1, StringComparison.Ordinal);
        return end < 0 ? text.Length : end + close + 1 - at;
    }

    private static int LineEnd(string text, int at) => text.IndexOf('\n', at) is var end and >= 0 ? end + 1 : text.Length;

    // Comments nest.
    private static int CommentEnd(string text, int at)
    {
        int depth = 0;
        for (; at < text.Length; at++)
        {
            if (text[at] == '/' && Next(text, at) == '*') (depth, at) = (depth + 1, at + 1);
            else if (text[at] == '*' && Next(text, at) == '/') (depth, at) = (depth - 1, at + 1);
            if (depth == 0) return at + 1;
        }
        return text.Length;
    }

    private static char Next(string text, int at) => at + 1 < text.Length ? text[at + 1] : '\0';

    private static bool IsWordLetter(char letter) => char.IsLetterOrDigit(letter) || letter == '_' || letter > 127;
}
