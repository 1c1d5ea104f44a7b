namespace ProdOps.Logging.Matching.Regular;

/// <summary>
/// The deterministic automaton of an expression, made while lines are read: a state's row of the table holds where each class of
/// characters leads, and is filled in as they come. For one thread.
/// </summary>
/// <remarks>
/// A line feed leads from everywhere to where lines begin, so buffers are read through without a call for each line. Bytes beyond ASCII
/// share one column: it holds a state where whatever character it is, and however many, lead to that state; otherwise the character is
/// decoded. Where the text is known to be UTF-8, a first byte stands for its character if all that begin with it are of one class, and the
/// bytes that follow are passed over. Three rows lead to themselves, so that the loop need not look at each byte whether it is in one of them.
/// </remarks>
internal sealed unsafe partial class LazyDfa
{
    private const int Unknown = 0;
    private const int Match = 1;
    private const int BeyondAscii = 2;
    private const int Special = 3;

    private const int MaximumStates = 6000;
    private const int MaximumNodes = 2_000_000;
    private const int MaximumTable = 1 << 20;

    private readonly Automaton _automaton;
    private readonly int _shift;
    private readonly int _columnBeyondAscii;
    private readonly int _columnSkip;
    private readonly byte[] _columns = GC.AllocateArray<byte>(256, pinned: true);
    private readonly byte[] _columnsOfUtf8 = GC.AllocateArray<byte>(256, pinned: true);
    private readonly Dictionary<DfaState, int> _numbers = [];
    private readonly List<DfaState?> _states = [];
    private readonly NodeSet _scratch;
    private readonly NodeSet _next;
    private readonly bool _hasEnds;

    // Entries are the beginnings of rows: a state is its number times the width.
    private int[] _table = [];
    private int _start;
    private int _keptNodes;
    private int _generation;
    private long _bytes;
    private long _bytesAtFlush;
    private int _earlyFlushes;

    public LazyDfa(Automaton automaton)
    {
        _automaton = automaton;
        _columnBeyondAscii = automaton.ClassCount;
        _columnSkip = _columnBeyondAscii + 1;
        while (1 << _shift < automaton.ClassCount + 2)
            _shift++;
        for (int value = 0; value < 256; value++)
        {
            _columns[value] = (byte)(value < 0x80 ? automaton.ClassOf((char)value) : _columnBeyondAscii);
            _columnsOfUtf8[value] = value is >= 0x80 and < 0xc0 ? (byte)_columnSkip : (byte)(automaton.ClassOfLead(value) ?? _columns[value]);
        }

        _scratch = new NodeSet(automaton.Nodes.Length);
        _next = new NodeSet(automaton.Nodes.Length);
        _hasEnds = Array.Exists(automaton.Nodes, node => node.Step == AutomatonStep.Assert && node.Argument != (int)Assertion.LineStart);
        Clear();
    }

    /// <summary>It makes new states faster than it uses old ones: something else is to match instead.</summary>
    public bool HasGivenUp { get; private set; }

    /// <summary>The empty text at a line's start matches already; it is not to be run at all.</summary>
    public bool MatchesEveryLine { get; private set; }

    private int SpecialEnd => Special << _shift;

    private int MatchRow => Match << _shift;

    /// <summary>Forgets all states.</summary>
    private void Clear()
    {
        _generation++;
        _numbers.Clear();
        _states.Clear();
        _keptNodes = 0;
        if (_table.Length == 0) _table = GC.AllocateArray<int>(32 << _shift, pinned: true);
        for (int row = 0; row < Special; row++)
        {
            _states.Add(null);
            _table.AsSpan(row << _shift, 1 << _shift).Fill(row << _shift);
        }

        _next.Clear();
        MatchesEveryLine = AddClosure(_next, _automaton.Start, atStart: true);
        _start = Enter(_next, atStart: true, behindWord: false, endsBeforeReturn: false);
    }

    /// <summary>Makes room for new states.</summary>
    /// <returns>The row of the state that was in a row before.</returns>
    private int MakeRoom(int row)
    {
        if (_states.Count < MaximumStates && _keptNodes < MaximumNodes && _states.Count << _shift < MaximumTable) return row;
        if (_bytes - _bytesAtFlush < 40L * MaximumStates && ++_earlyFlushes == 3) HasGivenUp = true;
        _bytesAtFlush = _bytes;
        var state = _states[row >> _shift]!;
        Clear();
        return Enter(state);
    }

    /// <summary>Finds out where a class of characters leads from a state, or the column of all bytes beyond ASCII.</summary>
    private int Learn(int row, int column)
    {
        // The table may be another one afterwards.
        int target = column == _columnBeyondAscii ? LearnBeyondAscii(row) : Follow(row, column);
        return _table[row + column] = target;
    }

    private int Step(int row, int characterClass) =>
        _table[row + characterClass] is var known && known != Unknown ? known : Learn(row, characterClass);

    private int LearnBeyondAscii(int row)
    {
        int target = Step(row, _automaton.ClassesBeyondAscii[0]);
        foreach (int characterClass in _automaton.ClassesBeyondAscii)
        {
            if (Step(row, characterClass) != target || (target >= SpecialEnd && Step(target, characterClass) != target))
                return BeyondAscii << _shift;
        }

        return target;
    }

    private int Follow(int row, int characterClass)
    {
        var state = _states[row >> _shift]!;
        bool isEnd = characterClass == _automaton.FeedClass;
        bool isWord = _automaton.HasWordBoundaries && _automaton.IsWord(characterClass);
        if (Resolve(state, isWord, isEnd)) return MatchRow;
        if (isEnd) return state.EndsBeforeReturn ? MatchRow : _start;
        _next.Clear();
        for (int i = 0; i < _scratch.Count; i++)
        {
            var node = _automaton.Nodes[_scratch[i]];
            if (node.Step == AutomatonStep.Take && _automaton.Holds(node.Argument, characterClass) && AddClosure(_next, node.Next, atStart: false))
                return MatchRow;
        }

        // A match may begin behind any character.
        if (AddClosure(_next, _automaton.Start, atStart: false)) return MatchRow;
        bool endsBeforeReturn = _hasEnds && characterClass == _automaton.ReturnClass && Resolve(state, isWord: false, isEnd: true);
        return Enter(_next, atStart: false, isWord, endsBeforeReturn);
    }

    /// <summary>Passes each assertion of a state that holds before what comes next; the nodes are left in the scratch set.</summary>
    /// <returns>Whether the end is reached.</returns>
    private bool Resolve(DfaState state, bool isWord, bool isEnd)
    {
        _scratch.Clear();
        foreach (int node in state.Nodes)
            _scratch.Add(node);
        // Nodes that are added are visited as well.
        for (int i = 0; i < _scratch.Count; i++)
        {
            var node = _automaton.Nodes[_scratch[i]];
            if (node.Step != AutomatonStep.Assert) continue;
            bool holds = (Assertion)node.Argument switch
            {
                Assertion.LineEnd => isEnd,
                Assertion.WordBoundary => state.BehindWord != isWord,
                _ => state.BehindWord == isWord,
            };
            if (holds && AddClosure(_scratch, node.Next, state.AtStart)) return true;
        }

        return false;
    }

    /// <summary>Adds all nodes that are reached without a character, but for those behind an assertion.</summary>
    /// <returns>Whether the end is reached.</returns>
    private bool AddClosure(NodeSet set, int node, bool atStart)
    {
        bool isEnd = false;
        var pending = set.Pending;
        pending.Push(node);
        while (pending.TryPop(out int number))
        {
            var found = _automaton.Nodes[number];
            switch (found.Step)
            {
                case AutomatonStep.Split:
                    if (!set.Visit(number)) break;
                    pending.Push(found.Next);
                    pending.Push(found.Other);
                    break;
                case AutomatonStep.Match:
                    isEnd = true;
                    break;
                case AutomatonStep.Assert when found.Argument == (int)Assertion.LineStart:
                    if (atStart && set.Visit(number)) pending.Push(found.Next);
                    break;
                default:
                    set.Add(number);
                    break;
            }
        }

        return isEnd;
    }

    private int Enter(NodeSet nodes, bool atStart, bool behindWord, bool endsBeforeReturn)
    {
        int[] numbers = nodes.ToSorted();
        // What stands before is of interest to assertions only; states that differ in it alone are one.
        bool asks = Array.Exists(numbers, number => _automaton.Nodes[number].Step == AutomatonStep.Assert);
        return Enter(new DfaState(numbers, atStart && asks, behindWord && asks, endsBeforeReturn));
    }

    private int Enter(DfaState state)
    {
        if (_numbers.TryGetValue(state, out int row)) return row;
        row = _states.Count << _shift;
        if (row + (1 << _shift) > _table.Length)
        {
            int[] table = GC.AllocateArray<int>(_table.Length * 2, pinned: true);
            _table.CopyTo(table, 0);
            _table = table;
        }

        _table.AsSpan(row, 1 << _shift).Fill(Unknown);
        _table[row + _columnSkip] = row;
        _states.Add(state);
        _keptNodes += state.Nodes.Length;
        _numbers[state] = row;
        return row;
    }
}
