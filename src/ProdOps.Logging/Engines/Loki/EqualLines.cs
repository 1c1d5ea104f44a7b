using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ProdOps.Logging.Engines.Loki;

/// <summary>
/// Tells equal lines of one moment apart. Loki keeps one of several lines of a stream that are equal and of the same nanosecond. Moments here are counted in ticks of 100 ns, so the second of
/// two equal lines is sent one nanosecond later, and so on; after those a mark behind the line tells them apart too. The same lines, sent again from the same place, get the same
/// nanoseconds: then what Loki drops is just what it should. None is sent on the tick itself: Loki counts what is there with the interval before.
/// </summary>
internal sealed class EqualLines
{
    /// <summary>How many nanoseconds a tick has.</summary>
    public const int TickLength = 100;

    /// <summary>How many equal lines of a moment are told apart by their nanoseconds.</summary>
    public const int PerTick = TickLength - 1;

    // Whatever is behind the last line feed of a marked line: signs that no text holds, from the end of Unicode's planes for private use.
    private const int FirstSign = 0x10FFF0;

    // Lines of a batch may be equal to some of the batch before: of its last moments it is known how many nanoseconds are taken.
    private const int KnownTicks = 32;

    private readonly Dictionary<(long Ticks, ulong Hash), int> _seen = [];
    private readonly SortedList<long, int> _taken = [];
    private readonly Dictionary<long, int> _next = [];

    /// <param name="note">What <see cref="Note"/> said after the batch before.</param>
    public EqualLines(string? note)
    {
        foreach (string part in (note ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] pair = part.Split(':');
            if (pair.Length == 2 && long.TryParse(pair[0], NumberStyles.None, CultureInfo.InvariantCulture, out long ticks) && int.TryParse(pair[1], NumberStyles.None, CultureInfo.InvariantCulture, out int next))
                _taken[ticks] = next;
        }
    }

    /// <summary>Takes the next line.</summary>
    /// <returns>How many equal ones of the same moment there were.</returns>
    public int Take(long ticks, ReadOnlySpan<byte> text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text, hash);
        ref int seen = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_seen, (ticks, BinaryPrimitives.ReadUInt64LittleEndian(hash)), out bool exists);
        if (!exists) seen = _taken.GetValueOrDefault(ticks);
        int number = seen++;
        _next[ticks] = Math.Max(_next.GetValueOrDefault(ticks), seen);
        return number;
    }

    /// <summary>What must be known of the lines so far when the next ones come.</summary>
    public string Note()
    {
        foreach (var (ticks, next) in _next) _taken[ticks] = next;
        return string.Join(' ', _taken.TakeLast(KnownTicks).Select(static pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key}:{pair.Value}")));
    }

    /// <summary>A line with a mark behind it.</summary>
    public static byte[] Mark(ReadOnlySpan<byte> text, int number)
    {
        var mark = new StringBuilder("\n");
        foreach (char digit in number.ToString(CultureInfo.InvariantCulture)) mark.Append(char.ConvertFromUtf32(FirstSign + digit - '0'));
        return [.. text, .. Encoding.UTF8.GetBytes(mark.ToString())];
    }

    /// <summary>A line without its mark.</summary>
    public static string Unmark(string text) => text.LastIndexOf('\n') is >= 0 and var end ? text[..end] : text;
}
