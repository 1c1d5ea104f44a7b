using System.Buffers;
using System.Text;

namespace ProdOps.Backup.Selection;

/// <summary>
/// One part of a pattern, between two slashes, with the syntax and the quirks of Go's path/filepath.Match on Unix: <c>*</c>,
/// <c>?</c>, <c>[a-z]</c>, <c>[^a-z]</c> and <c>\</c> before a character that stands for itself. Characters are UTF-8;
/// a byte that is none counts as one character.
/// </summary>
internal sealed class GlobPart
{
    private readonly Kind _kind;
    private readonly byte[] _literal = [];
    private readonly Chunk[] _chunks = [];

    private GlobPart(Kind kind, byte[] literal)
    {
        _kind = kind;
        _literal = literal;
    }

    private GlobPart(Chunk[] chunks)
    {
        _kind = Kind.Glob;
        _chunks = chunks;
    }

    private enum Kind
    {
        Literal,
        AnyParts,
        Suffix,
        Prefix,
        Glob,
    }

    /// <summary>Whether it is <c>**</c>, which stands for any number of parts.</summary>
    public bool IsAnyParts => _kind == Kind.AnyParts;

    /// <summary>The compiled part, or null if it is malformed.</summary>
    public static GlobPart? TryParse(ReadOnlySpan<byte> pattern)
    {
        // An empty part comes of the pattern "/", which restic treats as "/**".
        if (pattern.IsEmpty || pattern.SequenceEqual("**"u8)) return new GlobPart(Kind.AnyParts, []);
        if (!pattern.ContainsAny("\\[]*?"u8)) return new GlobPart(Kind.Literal, pattern.ToArray());
        if (pattern[0] == '*' && !pattern[1..].ContainsAny("\\[]*?"u8)) return new GlobPart(Kind.Suffix, pattern[1..].ToArray());
        if (pattern[^1] == '*' && !pattern[..^1].ContainsAny("\\[]*?"u8)) return new GlobPart(Kind.Prefix, pattern[..^1].ToArray());

        var chunks = new List<Chunk>();
        while (!pattern.IsEmpty)
        {
            if (Chunk.TryParse(ref pattern) is not { } chunk) return null;
            chunks.Add(chunk);
        }
        return new GlobPart([.. chunks]);
    }

    public bool Matches(ReadOnlySpan<byte> name) => _kind switch
    {
        Kind.Literal => name.SequenceEqual(_literal),
        Kind.Suffix => name.EndsWith(_literal),
        Kind.Prefix => name.StartsWith(_literal),
        Kind.AnyParts => true,
        _ => MatchesChunks(name),
    };

    private bool MatchesChunks(ReadOnlySpan<byte> name)
    {
        for (int i = 0; i < _chunks.Length; i++)
        {
            var chunk = _chunks[i];
            bool isLast = i == _chunks.Length - 1;
            if (chunk.AfterStar && chunk.IsEmpty) return true;
            // Behind a star the first place that fits is as good as any, but for the last chunk, which must reach the end.
            int furthest = chunk.AfterStar ? name.Length : 0, skipped = 0, length;
            while ((length = chunk.MatchLength(name[skipped..])) < 0 || (isLast && skipped + length < name.Length))
            {
                if (++skipped > furthest) return false;
            }
            name = name[(skipped + length)..];
        }
        return name.IsEmpty;
    }

    /// <summary>What stands between two stars.</summary>
    private sealed class Chunk(bool afterStar, Token[] tokens)
    {
        public bool AfterStar => afterStar;

        public bool IsEmpty => tokens.Length == 0;

        public static Chunk? TryParse(ref ReadOnlySpan<byte> pattern)
        {
            bool afterStar = pattern[0] == '*';
            pattern = pattern.TrimStart((byte)'*');
            var tokens = new List<Token>();
            while (!pattern.IsEmpty && pattern[0] != '*')
            {
                if (Token.TryParse(ref pattern) is not { } token) return null;
                tokens.Add(token);
            }
            return new Chunk(afterStar, [.. tokens]);
        }

        /// <summary>How many bytes at the start of the name it takes, or -1.</summary>
        public int MatchLength(ReadOnlySpan<byte> name)
        {
            int length = 0;
            foreach (var token in tokens)
            {
                if (length == name.Length || token.MatchLength(name[length..]) is not (> 0 and int taken)) return -1;
                length += taken;
            }
            return length;
        }
    }

    /// <summary>A byte, any character (no ranges), or a class of characters.</summary>
    private sealed class Token
    {
        private byte _byte;
        private bool _isByte, _isNegated;
        private (int First, int Last)[]? _ranges;

        public static Token? TryParse(ref ReadOnlySpan<byte> pattern)
        {
            byte first = pattern[0];
            pattern = pattern[1..];
            switch (first)
            {
                case (byte)'?': return new Token();
                case (byte)'[': return TryParseClass(ref pattern);
                case (byte)'\\':
                    if (pattern.IsEmpty) return null;
                    first = pattern[0];
                    pattern = pattern[1..];
                    break;
            }
            return new Token { _isByte = true, _byte = first };
        }

        public int MatchLength(ReadOnlySpan<byte> name)
        {
            if (_isByte) return name[0] == _byte ? 1 : -1;
            var (character, length) = Decode(name);
            if (_ranges is null) return length;
            bool found = false;
            foreach (var (first, last) in _ranges) found |= first <= character && character <= last;
            return found != _isNegated ? length : -1;
        }

        private static Token? TryParseClass(ref ReadOnlySpan<byte> pattern)
        {
            bool isNegated = pattern is [(byte)'^', ..];
            if (isNegated) pattern = pattern[1..];
            var ranges = new List<(int, int)>();
            while (ranges.Count == 0 || pattern[0] != ']')
            {
                if (!TryReadBound(ref pattern, out int first)) return null;
                int last = first;
                if (pattern[0] == '-')
                {
                    pattern = pattern[1..];
                    if (!TryReadBound(ref pattern, out last)) return null;
                }
                ranges.Add((first, last));
            }
            pattern = pattern[1..];
            return new Token { _ranges = [.. ranges], _isNegated = isNegated };
        }

        /// <summary>Reads one end of a range; something must follow, were it only the bracket.</summary>
        private static bool TryReadBound(ref ReadOnlySpan<byte> pattern, out int character)
        {
            character = 0;
            if (pattern.IsEmpty || pattern[0] is (byte)'-' or (byte)']') return false;
            if (pattern[0] == '\\') pattern = pattern[1..];
            if (pattern.IsEmpty || Rune.DecodeFromUtf8(pattern, out var rune, out int length) != OperationStatus.Done) return false;
            character = rune.Value;
            pattern = pattern[length..];
            return !pattern.IsEmpty;
        }

        private static (int Character, int Length) Decode(ReadOnlySpan<byte> name) =>
            Rune.DecodeFromUtf8(name, out var rune, out int length) == OperationStatus.Done ? (rune.Value, length) : (Rune.ReplacementChar.Value, 1);
    }
}
