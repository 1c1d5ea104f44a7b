using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ProdOps.Logging.Formats.Times;

/// <summary>
/// The minute of the time that was read last in some spelling. Lines in a row are mostly of the same minute: what differs is the second and its fraction, and all else
/// is compared at once. It answers only what reading the text anew would. For one thread.
/// </summary>
internal sealed class TimeMemory
{
    private const int Vector = 16;

    [ThreadStatic]
    private static TimeMemory? t_syslog, t_access, t_iso;

    private TimeContext? _context;
    private Vector128<byte> _head, _tail, _headFixed, _tailFixed;
    private int _compared, _length, _secondAt, _fractionAt, _fractionEnd;
    private bool _endsText;
    private long _minute, _offset;

    public static TimeMemory OfSyslog => t_syslog ??= new TimeMemory();

    public static TimeMemory OfAccess => t_access ??= new TimeMemory();

    public static TimeMemory OfIso => t_iso ??= new TimeMemory();

    /// <summary>Reads a time of the remembered minute, spelt in the same way.</summary>
    public bool TryRead(ReadOnlySpan<byte> text, TimeContext context, out DateTimeOffset time, out int length)
    {
        time = default;
        length = 0;
        if (!ReferenceEquals(context, _context) || (_endsText ? text.Length != _compared : text.Length < _compared)) return false;
        ref byte first = ref MemoryMarshal.GetReference(text);
        var different = ((Vector128.LoadUnsafe(ref first) ^ _head) & _headFixed) | ((Vector128.LoadUnsafe(ref first, (nuint)(_compared - Vector)) ^ _tail) & _tailFixed);
        if (different != Vector128<byte>.Zero) return false;
        int second = Civil.Two(text, _secondAt);
        if (second > 59) return false;
        long ticks = _minute + (second * TimeSpan.TicksPerSecond);
        if (_fractionEnd > _fractionAt)
        {
            long fraction = 0;
            for (int i = _fractionAt; i < _fractionEnd; i++)
            {
                uint digit = (uint)text[i] - '0';
                if (digit > 9) return false;
                fraction = (fraction * 10) + digit;
            }

            ticks += fraction * Scale(_fractionEnd - _fractionAt);
        }

        time = new DateTimeOffset(ticks, new TimeSpan(_offset));
        length = _length;
        return true;
    }

    /// <summary>Remembers a time that was just read, if others like it can be told from it.</summary>
    /// <param name="text">The text that begins with it.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="secondAt">Where the seconds stand.</param>
    /// <param name="ends">What ends it, if it is not the text's end: whatever follows changes nothing.</param>
    /// <param name="context">What completed it.</param>
    /// <param name="time">The time. Every other second of its minute has the same offset and year.</param>
    public void Learn(ReadOnlySpan<byte> text, int length, int secondAt, ReadOnlySpan<byte> ends, TimeContext context, DateTimeOffset time)
    {
        bool endsText = length == text.Length;
        int compared = endsText ? length : length + 1;
        if (compared is < Vector or > 2 * Vector || (!endsText && !ends.Contains(text[length]))) return;
        int fraction = secondAt + 2, fractionEnd = fraction;
        if (fraction < length && text[fraction] is (byte)'.' or (byte)',')
        {
            fraction++;
            fractionEnd = fraction;
            while (fractionEnd < length && char.IsAsciiDigit((char)text[fractionEnd])) fractionEnd++;
            // What is beyond a tick is passed over, which is rare.
            if (fractionEnd - fraction > 7) return;
        }

        long minute = time.Ticks - (time.Ticks % TimeSpan.TicksPerMinute);
        if (Civil.Two(text, secondAt) != time.Second) return;
        Span<byte> same = stackalloc byte[2 * Vector];
        same.Fill(0xFF);
        same.Slice(secondAt, 2).Clear();
        same[fraction..fractionEnd].Clear();
        _head = Vector128.Create(text[..Vector]);
        _headFixed = Vector128.Create<byte>(same[..Vector]);
        _tail = Vector128.Create(text.Slice(compared - Vector, Vector));
        _tailFixed = Vector128.Create<byte>(same.Slice(compared - Vector, Vector));
        (_context, _compared, _length, _endsText) = (context, compared, length, endsText);
        (_secondAt, _fractionAt, _fractionEnd) = (secondAt, fraction, fractionEnd);
        (_minute, _offset) = (minute, time.Offset.Ticks);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long Scale(int digits) => digits switch
    {
        1 => 1_000_000,
        2 => 100_000,
        3 => 10_000,
        4 => 1_000,
        5 => 100,
        6 => 10,
        _ => 1,
    };
}
