using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ProdOps.Logging.Matching.Regular;

/// <summary>What a node of an automaton does.</summary>
internal enum AutomatonStep : byte
{
    /// <summary>Takes a character of a set.</summary>
    Take,

    /// <summary>Goes two ways.</summary>
    Split,

    /// <summary>Goes on where an assertion holds.</summary>
    Assert,

    /// <summary>The end.</summary>
    Match,
}

/// <summary>A node of an automaton.</summary>
/// <param name="Step">What it does.</param>
/// <param name="Argument">Of <see cref="AutomatonStep.Take"/> the set's number, of <see cref="AutomatonStep.Assert"/> the <see cref="Assertion"/>.</param>
/// <param name="Next">The node behind it.</param>
/// <param name="Other">The second way.</param>
internal readonly record struct AutomatonNode(AutomatonStep Step, int Argument, int Next, int Other);

/// <summary>
/// A regular expression as Thompson's automaton over classes of characters: all characters between which the expression makes no
/// difference are one class. Immutable; any number of <see cref="LazyDfa"/> share it.
/// </summary>
internal sealed class Automaton
{
    /// <summary>As many characters and branches an expression may have when all repetitions are written out.</summary>
    public const int MaximumNodes = 40_000;

    private const int MaximumClasses = 240;
    private const char Member = '1';

    private readonly List<AutomatonNode> _nodes = [new(AutomatonStep.Match, 0, 0, 0)];
    private readonly Dictionary<CharSet, int> _sets = [];
    private readonly byte[] _classOfUnit = GC.AllocateUninitializedArray<byte>(CharSet.Units, pinned: true);
    private bool[][] _membership = [];

    private Automaton()
    {
    }

    /// <summary>Node 0 is the end.</summary>
    public AutomatonNode[] Nodes { get; private set; } = [];

    /// <summary>Where it begins.</summary>
    public int Start { get; private set; }

    public int ClassCount { get; private set; }

    /// <summary>Whether what matches depends on which characters are part of words.</summary>
    public bool HasWordBoundaries { get; private set; }

    /// <summary>The class of a line feed, which is not part of any line.</summary>
    public int FeedClass => _classOfUnit['\n'];

    /// <summary>The class of a carriage return, before which a line may end.</summary>
    public int ReturnClass => _classOfUnit['\r'];

    /// <summary>The classes that hold characters beyond ASCII.</summary>
    public IReadOnlyList<int> ClassesBeyondAscii { get; private set; } = [];

    /// <summary>The class of each unit. It does not move, and is there as long as this is.</summary>
    public unsafe byte* UnitClasses => (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_classOfUnit));

    public int ClassOf(char unit) => _classOfUnit[unit];

    /// <summary>The class of all characters of two or three bytes of which the first is this one, if it is the same.</summary>
    public int? ClassOfLead(int lead)
    {
        var (first, count) = lead switch
        {
            >= 0xc2 and < 0xe0 => ((lead & 0x1f) << 6, 1 << 6),
            > 0xe0 and < 0xf0 and not 0xed => ((lead & 0x0f) << 12, 1 << 12),
            _ => (0, 0),
        };
        if (count == 0) return null;
        byte common = _classOfUnit[first];
        return _classOfUnit.AsSpan(first, count).ContainsAnyExcept(common) ? null : common;
    }

    /// <summary>Whether the characters of a class belong to a set.</summary>
    public bool Holds(int set, int characterClass) => _membership[set][characterClass];

    /// <summary>Whether the characters of a class are part of words. Only where <see cref="HasWordBoundaries"/> is true.</summary>
    public bool IsWord(int characterClass) => _membership[_sets[CharSet.BoundaryWord]][characterClass];

    /// <summary>Makes one.</summary>
    /// <returns><see langword="null"/> where it would be too large, or something in the expression is foreign to automata.</returns>
    public static Automaton? For(RegexNode expression)
    {
        var automaton = new Automaton();
        if (automaton.Add(expression, 0) is not { } start) return null;
        automaton.Start = start;
        automaton.Nodes = [.. automaton._nodes];
        return automaton.TryClassify() ? automaton : null;
    }

    /// <summary>Adds an expression in front of a node.</summary>
    private int? Add(RegexNode expression, int next)
    {
        if (_nodes.Count > MaximumNodes) return null;
        switch (expression)
        {
            case SetNode set:
                return Add(new AutomatonNode(AutomatonStep.Take, NumberOf(set.Set), next, 0));
            case AssertNode assert:
                if (assert.Assertion is Assertion.WordBoundary or Assertion.NoWordBoundary)
                {
                    HasWordBoundaries = true;
                    NumberOf(CharSet.BoundaryWord);
                }

                return Add(new AutomatonNode(AutomatonStep.Assert, (int)assert.Assertion, next, 0));
            case ConcatNode concat:
                int? entry = next;
                for (int i = concat.Parts.Count - 1; i >= 0 && entry is not null; i--)
                    entry = Add(concat.Parts[i], entry.Value);
                return entry;
            case AlternateNode alternate:
                int? first = null;
                for (int i = alternate.Parts.Count - 1; i >= 0; i--)
                {
                    if (Add(alternate.Parts[i], next) is not { } part) return null;
                    first = first is null ? part : Add(new AutomatonNode(AutomatonStep.Split, 0, part, first.Value));
                }

                return first;
            case RepeatNode repeat:
                return AddRepeat(repeat, next);
            default:
                return null;
        }
    }

    private int? AddRepeat(RepeatNode repeat, int next)
    {
        if (repeat.Minimum > MaximumNodes || repeat.Maximum > MaximumNodes) return null;
        int? entry = next;
        if (repeat.Maximum is null)
        {
            int split = Add(default(AutomatonNode));
            if (Add(repeat.Body, split) is not { } body) return null;
            _nodes[split] = new AutomatonNode(AutomatonStep.Split, 0, body, next);
            entry = split;
        }

        for (int optional = repeat.Minimum; optional < (repeat.Maximum ?? repeat.Minimum); optional++)
        {
            if (Add(repeat.Body, entry.Value) is not { } body) return null;
            entry = Add(new AutomatonNode(AutomatonStep.Split, 0, body, next));
        }

        for (int i = 0; i < repeat.Minimum && entry is not null; i++)
        {
            int before = _nodes.Count;
            entry = Add(repeat.Body, entry.Value);
            // The empty text, however often, is the empty text.
            if (_nodes.Count == before) break;
        }

        return entry;
    }

    private int Add(AutomatonNode node)
    {
        _nodes.Add(node);
        return _nodes.Count - 1;
    }

    private int NumberOf(CharSet set)
    {
        if (_sets.TryGetValue(set, out int number)) return number;
        return _sets[set] = _sets.Count;
    }

    /// <summary>Between two neighbouring edges of any set all characters are alike; what belongs to the same sets is one class.</summary>
    private bool TryClassify()
    {
        var sets = _sets.OrderBy(entry => entry.Value).Select(entry => entry.Key).ToArray();
        int[] starts = StartsOf(sets);
        int width = sets.Length + 1;
        // Of each start, which sets it is in, and what else tells it from others.
        char[] keys = new char[starts.Length * width];
        for (int set = 0; set < sets.Length; set++)
        {
            int at = 0;
            foreach (var (first, last) in sets[set].Ranges)
            {
                while (starts[at] < first)
                    at++;
                for (; at < starts.Length && starts[at] <= last; at++)
                    keys[at * width + set] = Member;
            }
        }

        var classes = new Dictionary<string, byte>(StringComparer.Ordinal);
        var known = classes.GetAlternateLookup<ReadOnlySpan<char>>();
        var members = new List<bool[]>();
        var beyond = new HashSet<int>();
        for (int i = 0; i < starts.Length; i++)
        {
            var key = keys.AsSpan(i * width, width);
            // A line feed and a carriage return are each a class of their own, and no class is both ASCII and beyond.
            key[^1] = starts[i] switch { '\n' => 'n', '\r' => 'r', >= 0x80 => 'b', _ => 'a' };
            if (!known.TryGetValue(key, out byte number))
            {
                if (classes.Count == MaximumClasses) return false;
                number = known[key] = (byte)classes.Count;
                members.Add(Array.ConvertAll(key.ToArray(), member => member == Member));
            }

            int end = i + 1 < starts.Length ? starts[i + 1] : CharSet.Units;
            _classOfUnit.AsSpan(starts[i], end - starts[i]).Fill(number);
            if (starts[i] >= 0x80) beyond.Add(number);
        }

        ClassCount = members.Count;
        _membership = [.. Enumerable.Range(0, sets.Length).Select(set => members.Select(member => member[set]).ToArray())];
        ClassesBeyondAscii = [.. beyond];
        return true;
    }

    /// <summary>Each character that may differ from the one before it.</summary>
    private static int[] StartsOf(CharSet[] sets)
    {
        var edges = new List<int> { 0, '\n', '\n' + 1, '\r', '\r' + 1, 0x80 };
        foreach (var set in sets)
        {
            foreach (var (first, last) in set.Ranges)
            {
                edges.Add(first);
                if (last + 1 < CharSet.Units) edges.Add(last + 1);
            }
        }

        edges.Sort();
        return [.. edges.Distinct()];
    }
}
