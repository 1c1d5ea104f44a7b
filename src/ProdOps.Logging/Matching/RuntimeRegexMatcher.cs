using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;
using ProdOps.Logging.Matching.Literals;

namespace ProdOps.Logging.Matching;

/// <summary>
/// A regular expression left to .NET, for what no automaton can do: looking around, referring back. Line by line, and where literals
/// are known that a matching line holds, only the lines that hold one.
/// </summary>
internal sealed class RuntimeRegexMatcher : LineMatcher
{
    /// <summary>How long one line may take.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    /// <summary>In nanoseconds a byte: .NET is so much slower that even frequent literals pay.</summary>
    private const double MaximumCost = 5;

    /// <summary>Behind so many lines it pays to have .NET make code of the expression.</summary>
    private const int LinesBeforeCompiling = 20_000;

    private readonly SharedRegex _regex;
    private readonly LiteralSearch? _search;
    private char[] _characters = new char[1024];
    private int _lines;

    /// <param name="pattern">The expression in .NET's syntax.</param>
    /// <param name="caseSensitive">Whether case matters.</param>
    /// <param name="required">Groups of literals of which a matching line holds one each; null if none are known.</param>
    public RuntimeRegexMatcher(string pattern, bool caseSensitive, IReadOnlyList<IReadOnlyList<Literal>>? required = null)
        : this(new SharedRegex(Parse(pattern, caseSensitive)), new RequiredLiterals(required ?? []), SearchChoice.For(required ?? [], MaximumCost).Current)
    {
    }

    private RuntimeRegexMatcher(SharedRegex regex, RequiredLiterals required, LiteralSearch? search)
    {
        _regex = regex;
        Required = required;
        _search = search;
    }

    public override RequiredLiterals Required { get; }

    public override bool TryFind(ReadOnlySpan<byte> lines, int start, out int lineStart, out int lineLength)
    {
        for (lineStart = start; lineStart < lines.Length; lineStart += lineLength + 1)
        {
            if (_search is null)
            {
                lineLength = Lines.LengthAt(lines, lineStart);
            }
            else
            {
                int found = _search.IndexOf(lines[lineStart..]);
                if (found < 0) break;
                (lineStart, lineLength) = Lines.Around(lines, lineStart, lineStart + found);
            }

            if (IsLineMatch(lines.Slice(lineStart, lineLength))) return true;
        }

        (lineStart, lineLength) = (-1, 0);
        return false;
    }

    public override bool IsMatch(ReadOnlySpan<byte> line) => (_search is null || _search.IndexOf(line) >= 0) && IsLineMatch(line);

    public override LineMatcher Clone() => new RuntimeRegexMatcher(_regex, Required, _search);

    private bool IsLineMatch(ReadOnlySpan<byte> line)
    {
        // A byte never becomes more than one character.
        if (_characters.Length < line.Length) _characters = new char[Math.Max(line.Length, _characters.Length * 2)];
        if (Ascii.ToUtf16(line, _characters, out int length) != OperationStatus.Done) length = Encoding.UTF8.GetChars(line, _characters);
        var text = _characters.AsSpan(0, length);
        if (++_lines == LinesBeforeCompiling) _regex.Compile();
        var regex = _regex.Current;
        try
        {
            // The line's end is before a carriage return as well as behind it.
            return regex.IsMatch(text) || (line is [.., (byte)'\r'] && regex.IsMatch(text[..^1]));
        }
        catch (RegexMatchTimeoutException exception)
        {
            throw LoggingErrors.RegexTimeout(regex.ToString(), Limit, exception);
        }
    }

    /// <summary>Whether .NET takes it; throws what is wrong with it otherwise.</summary>
    public static Regex Parse(string pattern, bool caseSensitive)
    {
        try
        {
            return new Regex(pattern, RegexOptions.CultureInvariant | (caseSensitive ? 0 : RegexOptions.IgnoreCase), Limit);
        }
        catch (RegexParseException exception)
        {
            throw LoggingErrors.RegexInvalid(pattern, Why(exception), exception.Offset, exception);
        }
        catch (ArgumentException exception)
        {
            throw LoggingErrors.RegexInvalid(pattern, exception.Message, null, exception);
        }
    }

    /// <summary>.NET's message repeats the pattern and the place first: <c>Invalid pattern '…' at offset 3. Not enough )'s.</c></summary>
    private static string Why(RegexParseException exception)
    {
        string message = exception.Message;
        string place = $" at offset {exception.Offset}. ";
        int end = message.LastIndexOf(place, StringComparison.Ordinal);
        return end < 0 ? message : message[(end + place.Length)..];
    }

    /// <summary>An expression that several threads match with, interpreted at first: making code of it takes longer than a small search.</summary>
    private sealed class SharedRegex(Regex regex)
    {
        private readonly Lock _lock = new();
        private volatile Regex _current = regex;

        public Regex Current => _current;

        public void Compile()
        {
            lock (_lock)
            {
                if ((_current.Options & RegexOptions.Compiled) == 0) _current = new Regex(_current.ToString(), _current.Options | RegexOptions.Compiled, Limit);
            }
        }
    }
}
