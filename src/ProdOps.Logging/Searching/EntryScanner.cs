using ProdOps.Logging.Formats;

namespace ProdOps.Logging.Searching;

/// <summary>
/// Goes through the entries of a block of lines: all of them, or those that hold a pattern. Knows each entry's time: that of its first line, or of the last line before it that has one.
/// </summary>
internal ref struct EntryScanner
{
    private readonly ReadOnlySpan<byte> _lines;
    private readonly LogFormat _format;
    private readonly TimeContext _context;
    private readonly bool _continued;
    private readonly LineTest _test;
    private int _next, _timedUpTo;
    private DateTimeOffset _time;

    /// <param name="lines">Whole lines.</param>
    /// <param name="block">What they belong to, and where in them to begin.</param>
    /// <param name="test">What is looked for.</param>
    public EntryScanner(ReadOnlySpan<byte> lines, LineBlock block, LineTest test)
    {
        _lines = lines;
        _format = block.Format;
        _context = block.Context;
        _continued = block.HasContinuations;
        _test = test;
        _time = new DateTimeOffset(block.CarriedTime, TimeSpan.Zero);
        _next = _timedUpTo = block.Start;
    }

    /// <summary>Where the present entry begins and how long it is, without its last line feed.</summary>
    public int Start { get; private set; }

    /// <inheritdoc cref="Start"/>
    public int Length { get; private set; }

    public readonly ReadOnlySpan<byte> Entry => _lines.Slice(Start, Length);

    /// <summary>Goes to the next entry whose patterns fit.</summary>
    public bool MoveNext()
    {
        if (_test.Matcher is null) return MoveToLine(_next);
        if (_test.IsNegated) return MoveToNegated();
        if (_next >= _lines.Length || !_test.Matcher.TryFind(_lines, _next, out int start, out int length)) return false;
        Set(start, length);
        return true;
    }

    /// <summary>The time of the present entry. To be asked for in the order of entries.</summary>
    public DateTimeOffset GetTime()
    {
        var line = FirstLine(Start);
        if (_format.TryReadTime(line, _context, out var own))
        {
            _time = own;
            _timedUpTo = Start + 1;
            return own;
        }

        // Back to the last line that has a time, but never over lines that were looked at before.
        for (int at = Start; at > _timedUpTo;)
        {
            at = _lines[..(at - 1)].LastIndexOf((byte)'\n') + 1;
            if (at < _timedUpTo || !_format.TryReadTime(FirstLine(at), _context, out var before)) continue;
            _time = before;
            break;
        }

        _timedUpTo = Start + 1;
        return _time;
    }

    private bool MoveToNegated()
    {
        while (MoveToLine(_next))
        {
            // With its last line feed: the last of its lines may be empty.
            if (!_test.Matcher!.TryFind(_lines[Start..Math.Min(_next, _lines.Length)], 0, out _, out _)) return true;
        }

        return false;
    }

    private bool MoveToLine(int start)
    {
        if (start >= _lines.Length) return false;
        Set(start, LineLength(start));
        return true;
    }

    /// <summary>Makes the entry that a line belongs to the present one.</summary>
    private void Set(int start, int length)
    {
        int end = start + length;
        if (_continued)
        {
            while (start > 0 && start > _next && _format.IsContinuation(FirstLine(start))) start = _lines[..(start - 1)].LastIndexOf((byte)'\n') + 1;
            while (end + 1 < _lines.Length)
            {
                int more = LineLength(end + 1);
                if (!_format.IsContinuation(_lines.Slice(end + 1, more))) break;
                end += 1 + more;
            }
        }

        Start = start;
        Length = end - start;
        _next = end + 1;
    }

    private readonly int LineLength(int start)
    {
        int length = _lines[start..].IndexOf((byte)'\n');
        return length < 0 ? _lines.Length - start : length;
    }

    private readonly ReadOnlySpan<byte> FirstLine(int start) => _lines.Slice(start, LineLength(start));
}
