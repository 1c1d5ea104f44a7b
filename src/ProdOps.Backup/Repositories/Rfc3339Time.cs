using System.Globalization;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Repositories;

/// <summary>A moment with its zone's offset, as Go's <c>time.RFC3339Nano</c> writes it: up to nine digits of a second, trailing zeros cut.</summary>
internal readonly record struct Rfc3339Time(UnixTime Time, TimeSpan Offset) : IComparable<Rfc3339Time>
{
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
        if (text.Length < 20 || text.Length > 64) return false;
        if (!DateTime.TryParseExact(text[..19], "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var local)) return false;
        text = text[19..];

        int nanoseconds = 0;
        if (text is ['.', ..])
        {
            int digits = text[1..].IndexOfAnyExceptInRange('0', '9');
            if (digits is < 1 or > 9) return false;
            nanoseconds = int.Parse(text.Slice(1, digits), NumberStyles.None, CultureInfo.InvariantCulture);
            for (int i = digits; i < 9; i++) nanoseconds *= 10;
            text = text[(1 + digits)..];
        }

        if (!TryParseOffset(text, out var offset)) return false;
        long seconds = (local.Ticks - offset.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerSecond;
        time = new Rfc3339Time(new UnixTime(seconds, nanoseconds), offset);
        return true;
    }

    private static bool TryParseOffset(ReadOnlySpan<char> text, out TimeSpan offset)
    {
        offset = default;
        if (text is "Z") return true;
        if (text is not [('+' or '-') and var sign, _, _, ':', _, _]) return false;
        if (!int.TryParse(text[1..3], NumberStyles.None, CultureInfo.InvariantCulture, out int hours)) return false;
        if (!int.TryParse(text[4..], NumberStyles.None, CultureInfo.InvariantCulture, out int minutes)) return false;
        // .NET's offsets end at 14 hours, and so do the world's.
        if (minutes > 59 || hours * 60 + minutes > 14 * 60) return false;
        offset = new TimeSpan(hours, minutes, 0) * (sign == '-' ? -1 : 1);
        return true;
    }
}
