using System.Globalization;
using System.Text;
using ProdOps.Backup.Trees;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Repositories;

/// <summary>A moment with its zone's offset, as Go's <c>time.RFC3339Nano</c> writes it: up to nine digits of a second, trailing zeros cut.</summary>
internal readonly record struct Rfc3339Time(UnixTime Time, TimeSpan Offset) : IComparable<Rfc3339Time>
{
    /// <summary>Far more than any moment takes.</summary>
    private const int MaxLength = 64;

    public static Rfc3339Time Now(TimeProvider timeProvider) => From(timeProvider.GetLocalNow());

    public static Rfc3339Time From(DateTimeOffset time) => new(UnixTime.From(time), time.Offset);

    public int CompareTo(Rfc3339Time other) => Time.CompareTo(other.Time);

    public DateTimeOffset ToDateTimeOffset()
    {
        var time = Time.ToDateTimeOffset();
        // A zone may carry the first or last hours of the calendar beyond it.
        long local = time.UtcTicks + Offset.Ticks;
        return local < 0 || local > DateTimeOffset.MaxValue.Ticks ? time : time.ToOffset(Offset);
    }

    public override string ToString()
    {
        var local = ToDateTimeOffset();
        string text = local.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
        if (Time.Nanoseconds != 0) text += "." + Time.Nanoseconds.ToString("d9", CultureInfo.InvariantCulture).TrimEnd('0');
        return local.Offset == TimeSpan.Zero ? text + "Z" : text + local.ToString("zzz", CultureInfo.InvariantCulture);
    }

    public static bool TryParse(ReadOnlySpan<char> text, out Rfc3339Time time)
    {
        time = default;
        if (text.Length > MaxLength || !Ascii.IsValid(text)) return false;
        Span<byte> utf8 = stackalloc byte[text.Length];
        Encoding.ASCII.GetBytes(text, utf8);
        // .NET's offsets end at 14 hours, and so do the world's.
        if (!Rfc3339.TryParse(utf8, out var moment, out int offset) || Math.Abs(offset) > 14 * 3600) return false;
        time = new Rfc3339Time(moment, TimeSpan.FromSeconds(offset));
        return true;
    }
}
