using System.Buffers;
using System.Text;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Selection;

/// <summary>
/// Patterns as restic has them (its internal/filter): an absolute pattern begins at the root, any other one matches
/// anywhere in a path; what lies below a match is matched too; <c>**</c> stands for any number of folders; a pattern
/// after <c>!</c> takes back what those before it matched.
/// </summary>
internal sealed class PatternSet
{
    // Paths of more parts than this are cut off on the heap instead of the stack.
    private const int PartsOnStack = 64;

    private readonly Pattern[] _patterns;
    private readonly bool _ignoreCase;
    private readonly bool _hasNegation;

    private PatternSet(Pattern[] patterns, bool ignoreCase)
    {
        _patterns = patterns;
        _ignoreCase = ignoreCase;
        _hasNegation = patterns.Any(p => p.IsNegated);
    }

    public static PatternSet Empty { get; } = new([], false);

    public bool IsEmpty => _patterns.Length == 0;

    /// <summary>Compiles patterns; empty ones are ignored, malformed ones are <c>PatternInvalid</c>.</summary>
    public static PatternSet Parse(IEnumerable<string> patterns, bool ignoreCase = false)
    {
        var compiled = new List<Pattern>();
        foreach (string text in patterns)
        {
            if (text.Length == 0) continue;
            byte[] bytes = FileNames.Encode(text);
            if (ignoreCase) bytes = Lower(bytes).ToArray();
            compiled.Add(Pattern.TryParse(bytes) ?? throw BackupErrors.PatternInvalid(text));
        }
        return compiled.Count == 0 ? Empty : new PatternSet([.. compiled], ignoreCase);
    }

    public bool Matches(ReadOnlySpan<byte> path) => !IsEmpty && Match(path, withChildren: false).Matches;

    public bool Matches(string path) => Matches(FileNames.Encode(path));

    /// <summary>Whether the path matches and whether anything below it may: the way to the files that an include names.</summary>
    public (bool Matches, bool ChildMayMatch) MatchWithChildren(ReadOnlySpan<byte> path) => IsEmpty ? (false, false) : Match(path, withChildren: true);

    private (bool Matches, bool ChildMayMatch) Match(ReadOnlySpan<byte> path, bool withChildren)
    {
        if (path.IsEmpty) return (false, false);
        if (_ignoreCase) path = Lower(path);
        int count = path.Count((byte)'/') + 1;
        Span<Range> parts = count <= PartsOnStack ? stackalloc Range[PartsOnStack] : new Range[count];
        bool isAbsolute = path[0] == '/';
        if (isAbsolute) path = path[1..];
        int used = 0;
        foreach (var part in path.Split((byte)'/')) parts[used++] = part;
        var split = new SplitPath(path, parts[..used], isAbsolute);

        bool matches = false, childMayMatch = false;
        foreach (var pattern in _patterns)
        {
            bool match = pattern.Matches(split);
            if (pattern.IsNegated)
            {
                matches &= !match;
                childMayMatch &= !match;
                continue;
            }
            matches |= match;
            childMayMatch |= !withChildren || pattern.MayMatchBelow(split);
            if (matches && childMayMatch && !_hasNegation) break;
        }
        return (matches, childMayMatch && withChildren);
    }

    /// <summary>Go's strings.ToLower: simple mapping of each character, and U+FFFD for a byte that is none.</summary>
    private static ReadOnlySpan<byte> Lower(ReadOnlySpan<byte> text)
    {
        // A character's lower case is at most one byte longer (U+023A is two bytes and becomes three), a bad byte becomes three.
        byte[] lower = new byte[Ascii.IsValid(text) ? text.Length : text.Length * 3];
        int length = 0;
        while (!text.IsEmpty)
        {
            if (text[0] < 0x80)
            {
                lower[length++] = text[0] is >= (byte)'A' and <= (byte)'Z' ? (byte)(text[0] | 0x20) : text[0];
                text = text[1..];
                continue;
            }
            bool isValid = Rune.DecodeFromUtf8(text, out var rune, out int taken) == OperationStatus.Done;
            // The invariant culture leaves the dotted capital I alone; Unicode's simple mapping does not.
            rune = rune.Value == 0x130 ? new Rune('i') : Rune.ToLowerInvariant(rune);
            length += rune.EncodeToUtf8(lower.AsSpan(length));
            text = text[(isValid ? taken : 1)..];
        }
        return lower.AsSpan(0, length);
    }

    private readonly ref struct SplitPath(ReadOnlySpan<byte> text, ReadOnlySpan<Range> parts, bool isAbsolute)
    {
        private readonly ReadOnlySpan<byte> _text = text;
        private readonly ReadOnlySpan<Range> _parts = parts;

        public bool IsAbsolute { get; } = isAbsolute;

        public int Count => _parts.Length;

        public ReadOnlySpan<byte> this[int index] => _text[_parts[index]];
    }

    private sealed class Pattern(GlobPart[] parts, bool isAbsolute, bool isNegated)
    {
        // With three of them or more, the ways to divide a long path among them are too many to try each.
        private readonly bool _remembers = parts.Count(part => part.IsAnyParts) > 2;

        public bool IsNegated => isNegated;

        public static Pattern? TryParse(ReadOnlySpan<byte> text)
        {
            bool isNegated = text[0] == '!';
            string clean = GoPath.Clean(FileNames.Decode(isNegated ? text[1..] : text));
            bool isAbsolute = clean[0] == '/';
            string[] texts = (isAbsolute ? clean[1..] : clean).Split('/');
            var parts = new GlobPart[texts.Length];
            for (int i = 0; i < parts.Length; i++)
            {
                if (GlobPart.TryParse(FileNames.Encode(texts[i])) is not { } part) return null;
                parts[i] = part;
            }
            return new Pattern(parts, isAbsolute, isNegated);
        }

        public bool Matches(in SplitPath path)
        {
            // The root counts as a part, of an absolute pattern as of an absolute path.
            int slack = path.Count + (path.IsAbsolute ? 1 : 0) - parts.Length - (isAbsolute ? 1 : 0);
            Span<bool> failed = _remembers ? new bool[parts.Length * (path.Count + 1)] : default;
            if (isAbsolute) return path.IsAbsolute && MatchesFrom(path, 0, 0, slack, failed);
            for (int start = path.Count - 1; start >= 0; start--)
            {
                failed.Clear();
                if (MatchesFrom(path, start, 0, slack, failed)) return true;
            }
            return false;
        }

        /// <summary>Whether the path is on the way to something the pattern may match.</summary>
        public bool MayMatchBelow(in SplitPath path)
        {
            if (!isAbsolute) return true;
            if (!path.IsAbsolute) return false;
            for (int i = 0; i < path.Count && i < parts.Length && !parts[i].IsAnyParts; i++)
            {
                if (!parts[i].Matches(path[i])) return false;
            }
            return true;
        }

        /// <summary>
        /// Whether the parts from here on match a run of the path's; what follows the run does not matter. restic lets a <c>**</c>
        /// stand for as many parts as the path has left over, where each <c>**</c> to come counts as one part: of two in a row
        /// one must stand for something. <paramref name="slack"/> is how many parts are left over if this one counts as well; it follows
        /// from the position and the part, so that what has <paramref name="failed"/> there once fails again.
        /// </summary>
        private bool MatchesFrom(in SplitPath path, int position, int part, int slack, Span<bool> failed)
        {
            for (; part < parts.Length; part++, position++)
            {
                if (parts[part].IsAnyParts)
                {
                    int here = part * (path.Count + 1) + position;
                    if (!failed.IsEmpty && failed[here]) return false;
                    for (int skipped = 0; skipped <= slack + 1 && position + skipped <= path.Count; skipped++)
                    {
                        if (MatchesFrom(path, position + skipped, part + 1, slack + 1 - skipped, failed)) return true;
                    }
                    if (!failed.IsEmpty) failed[here] = true;
                    return false;
                }
                if (position == path.Count || !parts[part].Matches(path[position])) return false;
            }
            return true;
        }
    }
}
