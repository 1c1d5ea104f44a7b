using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;

namespace ProdOps.Logging.Matching.Regular;

/// <content>
/// The loops. One character's state must be known before the next can be looked up, so a single run waits for memory most of its time:
/// four parts of the buffer, each of whole lines, are run through side by side.
/// </content>
internal sealed unsafe partial class LazyDfa
{
    private const int Lanes = 4;
    private const int Block = 8;
    private const int SmallestLane = 1 << 10;
    private const int LargestLane = 16 << 10;
    private const int FewestStops = 32;
    private const int BytesBetweenStops = 64;

    // They are pinned and this object's own.
    private byte* _inUse;

    private enum Outcome
    {
        AtEnd,
        Matched,
        GaveUp,
    }

    /// <summary>Finds the first line that matches.</summary>
    /// <param name="lines">Whole lines.</param>
    /// <param name="start">Where a line begins.</param>
    /// <returns>A place in it, its line feed included; -1 if there is none, or if it gave up.</returns>
    public int Find(ReadOnlySpan<byte> lines, int start)
    {
        fixed (byte* text = lines)
        {
            // The next match may be near: one part alone at first, for what the others do behind a match is done in vain.
            int found = FindAlone(text, lines.Length, ref start, SmallestLane);
            for (int size = SmallestLane; found == -1 && start < lines.Length && !HasGivenUp; size = Math.Min(size * 2, LargestLane))
            {
                found = lines.Length - start < Lanes * SmallestLane
                    ? FindAlone(text, lines.Length, ref start, Lanes * SmallestLane)
                    : FindSideBySide(text, lines.Length, ref start, size);
            }

            return HasGivenUp ? -1 : found;
        }
    }

    /// <summary>Whether one line matches; without its line feed. False if it gave up.</summary>
    public bool IsMatch(ReadOnlySpan<byte> line)
    {
        fixed (byte* text = line)
        {
            Use(_columns);
            var lane = new Lane(0, line.Length, _start);
            _bytes += line.Length;
            var outcome = Run(text, ref lane, line.Length);
            return outcome == Outcome.Matched || (outcome == Outcome.AtEnd && Step(lane.Row, _automaton.FeedClass) == MatchRow);
        }
    }

    private int FindAlone(byte* text, int length, ref int start, int size)
    {
        var lane = new Lane(start, EndOfLine(text, length, start + size), _start);
        _bytes += lane.End - start;
        Use(text, start, lane.End);
        start = lane.End;
        return Finish(text, length, ref lane);
    }

    private int FindSideBySide(byte* text, int length, ref int start, int size)
    {
        var lanes = stackalloc Lane[Lanes];
        int begin = start;
        for (int i = 0; i < Lanes; i++)
        {
            // What is left of the buffer is shared by all.
            int share = Math.Min(size, (length - start) / (Lanes - i));
            lanes[i] = new Lane(start, EndOfLine(text, length, start + share), _start);
            start = lanes[i].End;
        }

        _bytes += start - begin;
        Use(text, begin, start);
        int generation = _generation;
        int resets = 0;
        int stops = 0;
        while (RunSideBySide(text, lanes))
        {
            // In text that is mostly beyond ASCII the lanes hold each other up.
            if (++stops >= FewestStops && lanes[0].At - begin < stops * BytesBetweenStops) return FinishInOrder(text, length, lanes, Lanes, -1);
            // One of them needs more than the table: each goes through the block by itself.
            for (int i = 0; i < Lanes; i++)
            {
                var outcome = Run(text, ref lanes[i], lanes[i].At + Block);
                if (outcome == Outcome.GaveUp) return -1;
                if (_generation != generation) Reset(text, lanes, i);
                if (outcome == Outcome.Matched) return FinishInOrder(text, length, lanes, i, lanes[i].At);
                if (_generation == generation) continue;
                generation = _generation;
                if (++resets > 1) return FinishInOrder(text, length, lanes, Lanes, -1);
            }
        }

        return FinishInOrder(text, length, lanes, Lanes, -1);
    }

    /// <summary>Brings the lanes before a match to their ends, since the first match counts.</summary>
    private int FinishInOrder(byte* text, int length, Lane* lanes, int count, int match)
    {
        for (int i = 0; i < count; i++)
        {
            int generation = _generation;
            int found = Finish(text, length, ref lanes[i]);
            if (found >= 0 || HasGivenUp) return found;
            if (_generation != generation) Reset(text, lanes, i);
        }

        return match;
    }

    /// <summary>The states were forgotten while a lane ran: the others begin their lines anew.</summary>
    private void Reset(byte* text, Lane* lanes, int except)
    {
        for (int i = 0; i < Lanes; i++)
        {
            if (i == except) continue;
            int begin = lanes[i].Begin;
            lanes[i].At = begin + new ReadOnlySpan<byte>(text + begin, lanes[i].At - begin).LastIndexOf(Matching.Lines.Feed) + 1;
            lanes[i].Row = _start;
        }
    }

    private int Finish(byte* text, int length, ref Lane lane)
    {
        if (lane.Begin == lane.End) return -1;
        var outcome = Run(text, ref lane, lane.End);
        if (outcome == Outcome.Matched) return lane.At;
        if (outcome == Outcome.GaveUp) return -1;
        // The last line of all may lack its line feed.
        bool isOpen = lane.End == length && text[length - 1] != Matching.Lines.Feed;
        return isOpen && Step(lane.Row, _automaton.FeedClass) == MatchRow ? length - 1 : -1;
    }

    /// <summary>Runs one lane until a place, or a character beyond it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Outcome Run(byte* text, ref Lane lane, int end)
    {
        int* table = Table;
        byte* classes = _inUse;
        byte* unitClasses = _automaton.UnitClasses;
        int special = SpecialEnd;
        int beyondAscii = BeyondAscii << _shift;
        int at = lane.At;
        int row = lane.Row;
        while (true)
        {
            while (at < end)
            {
                int next = table[row + classes[text[at]]];
                int length = 1;
                if (next == beyondAscii)
                {
                    // Letters of most languages are two or three bytes; what is longer or damaged is decoded below.
                    length = DecodeQuickly(text + at, lane.End - at, out int unit);
                    if (length == 0) break;
                    next = table[row + unitClasses[unit]];
                }

                if (next < special) break;
                row = next;
                at += length;
            }

            (lane.At, lane.Row) = (at, row);
            if (at >= end) return Outcome.AtEnd;
            var outcome = StepSlowly(text, ref lane);
            if (outcome != Outcome.AtEnd) return outcome;
            (at, row) = (lane.At, lane.Row);
            table = Table;
        }
    }

    /// <summary>Decodes a character of two or three bytes.</summary>
    /// <returns>How many; 0 if it is another.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int DecodeQuickly(byte* text, int length, out int unit)
    {
        unit = 0;
        int lead = text[0];
        if (length < 2 || lead < 0xc2 || (text[1] & 0xc0) != 0x80) return 0;
        unit = (lead & 0x1f) << 6 | text[1] & 0x3f;
        if (lead < 0xe0) return 2;
        if (length < 3 || lead >= 0xf0 || (text[2] & 0xc0) != 0x80) return 0;
        unit = (lead & 0x0f) << 12 | (text[1] & 0x3f) << 6 | text[2] & 0x3f;
        return unit >= 0x800 && !char.IsSurrogate((char)unit) ? 3 : 0;
    }

    private Outcome StepSlowly(byte* text, ref Lane lane)
    {
        lane.Row = MakeRoom(lane.Row);
        if (HasGivenUp) return Outcome.GaveUp;
        int next = Step(lane.Row, _inUse[text[lane.At]]);
        if (next == MatchRow) return Outcome.Matched;
        if (next != BeyondAscii << _shift)
        {
            lane.Row = next;
            lane.At++;
            return Outcome.AtEnd;
        }

        Rune.DecodeFromUtf8(new ReadOnlySpan<byte>(text + lane.At, lane.End - lane.At), out var rune, out int consumed);
        Span<char> units = stackalloc char[2];
        foreach (char unit in units[..rune.EncodeToUtf16(units)])
        {
            next = Step(lane.Row, _automaton.ClassOf(unit));
            if (next == MatchRow) return Outcome.Matched;
            lane.Row = next;
        }

        lane.At += consumed;
        return Outcome.AtEnd;
    }

    /// <summary>Runs all lanes for as many whole blocks as each has left.</summary>
    /// <returns>True if it stopped before a block of which the table does not know all.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool RunSideBySide(byte* text, Lane* lanes)
    {
        int blocks = int.MaxValue;
        for (int i = 0; i < Lanes; i++)
            blocks = Math.Min(blocks, (lanes[i].End - lanes[i].At) / Block);
        int* table = Table;
        byte* classes = _inUse;
        int special = SpecialEnd;
        byte* text0 = text + lanes[0].At, text1 = text + lanes[1].At, text2 = text + lanes[2].At, text3 = text + lanes[3].At;
        int row0 = lanes[0].Row, row1 = lanes[1].Row, row2 = lanes[2].Row, row3 = lanes[3].Row;
        int left = blocks;
        for (; left > 0; left--)
        {
            int next0 = row0, next1 = row1, next2 = row2, next3 = row3;
            for (int i = 0; i < Block; i += 2)
            {
                next0 = table[next0 + classes[text0[i]]];
                next1 = table[next1 + classes[text1[i]]];
                next2 = table[next2 + classes[text2[i]]];
                next3 = table[next3 + classes[text3[i]]];
                next0 = table[next0 + classes[text0[i + 1]]];
                next1 = table[next1 + classes[text1[i + 1]]];
                next2 = table[next2 + classes[text2[i + 1]]];
                next3 = table[next3 + classes[text3[i + 1]]];
            }

            if (((next0 - special) | (next1 - special) | (next2 - special) | (next3 - special)) < 0) break;
            (row0, row1, row2, row3) = (next0, next1, next2, next3);
            text0 += Block;
            text1 += Block;
            text2 += Block;
            text3 += Block;
        }

        int passed = (blocks - left) * Block;
        for (int i = 0; i < Lanes; i++)
            lanes[i].At += passed;
        (lanes[0].Row, lanes[1].Row, lanes[2].Row, lanes[3].Row) = (row0, row1, row2, row3);
        return left > 0;
    }

    private int* Table => (int*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_table));

    /// <summary>Chooses the column of each byte for a part of the text.</summary>
    private void Use(byte* text, int start, int end) => Use(Utf8.IsValid(new ReadOnlySpan<byte>(text + start, end - start)) ? _columnsOfUtf8 : _columns);

    private void Use(byte[] columns) => _inUse = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(columns));

    /// <summary>Where the line ends that a place is in, behind its line feed.</summary>
    private static int EndOfLine(byte* text, int length, int place)
    {
        if (place >= length) return length;
        int feed = new ReadOnlySpan<byte>(text + place, length - place).IndexOf(Matching.Lines.Feed);
        return feed < 0 ? length : place + feed + 1;
    }

    /// <summary>A part of the buffer that is run through.</summary>
    private struct Lane(int begin, int end, int row)
    {
        public readonly int Begin = begin;
        public readonly int End = end;
        public int At = begin;
        public int Row = row;
    }
}
