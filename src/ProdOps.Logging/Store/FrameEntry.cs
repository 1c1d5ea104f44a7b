using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ProdOps.Servers.Files;

namespace ProdOps.Logging.Store;

/// <summary>What the index says of one frame of lines. It is written to the index as it lies in memory, little-endian.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
internal struct FrameEntry
{
    /// <summary>Where the frame begins in the segment, and where its content begins in all of the segment's.</summary>
    public long Offset, RawOffset;

    /// <summary>The earliest and the latest time of its lines, in UTC ticks of 100 ns. A line without a time has that of the line before it.</summary>
    public long MinTime, MaxTime;

    /// <summary>The time of the line before the first, and of the last.</summary>
    public long CarriedTime, LastTime;

    /// <summary>When the lines came, what completes their times, and how far the server's clock was ahead (<see cref="NoClock"/> if nobody measured).</summary>
    public long ReceivedTime, ReferenceTime, ClockOffset;

    /// <summary>Its length in the segment, the length of its content, and how many lines (line feeds) that has.</summary>
    public int StoredLength, RawLength, Lines;

    public FrameFlags Flags;

    /// <summary>How many entries have each level, and at last how many have none.</summary>
    public LevelCounts Levels;

    /// <summary>Where its filter begins in the index, and how many blocks the filter's second part has; 0 without one.</summary>
    public int FilterOffset, GramBlocks;

    /// <summary><see cref="Crc32C.OfLanes"/> of the frame as it is stored, and of its filter: whoever reads checks what he reads, at a tenth of what zstd's checksum of the content costs.</summary>
    public uint StoredChecksum, FilterChecksum;

    public const long NoClock = long.MinValue;
}

[Flags]
internal enum FrameFlags
{
    None = 0,

    /// <summary>No line is earlier than one before it.</summary>
    Sorted = 1,

    /// <summary>Some lines belong to the entry before them: entries are fewer than lines.</summary>
    HasContinuations = 2,

    /// <summary>It holds U+017F or U+212A, which are an s and a k where case does not matter.</summary>
    FoldedLetters = 4,
}

/// <summary>A number for each of syslog's eight levels, and at index 8 for none.</summary>
[InlineArray(Count)]
internal struct LevelCounts
{
    public const int Count = 9, None = 8;

    private int _first;

    public static int IndexOf(LogLevel? level) => level is { } known ? (int)known : None;

    /// <summary>All of them together.</summary>
    public readonly int Total
    {
        get
        {
            int sum = 0;
            for (int i = 0; i < Count; i++) sum += this[i];
            return sum;
        }
    }
}
