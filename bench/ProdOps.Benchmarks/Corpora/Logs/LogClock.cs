using System.Globalization;
using System.Text;

namespace ProdOps.Benchmarks.Corpora.Logs;

/// <summary>The time of the line that is being written, in the spellings that logs have; of a spelling only what changed is written anew.</summary>
internal sealed class LogClock
{
    private readonly byte[] _common;
    private readonly byte[] _syslog;
    private readonly byte[] _iso;
    private long _second = -1;

    public LogClock(DateOnly day)
    {
        byte[] Text(string format, string time) => Encoding.ASCII.GetBytes(day.ToString(format, CultureInfo.InvariantCulture) + time);
        _common = Text("dd/MMM/yyyy", ":00:00:00");
        _iso = Text("yyyy-MM-dd", "T00:00:00");
        // RFC 3164, 4.1.2: a day of one digit has a space before it.
        _syslog = Encoding.ASCII.GetBytes(day.ToString("MMM ", CultureInfo.InvariantCulture) + $"{day.Day,2} 00:00:00");
    }

    /// <summary><c>04/Nov/2026:13:05:09</c>.</summary>
    public ReadOnlySpan<byte> Common => _common;

    /// <summary><c>Nov  4 13:05:09</c>.</summary>
    public ReadOnlySpan<byte> Syslog => _syslog;

    /// <summary><c>2026-11-04T13:05:09</c>.</summary>
    public ReadOnlySpan<byte> Iso => _iso;

    /// <summary>Behind the second.</summary>
    public int Microsecond { get; private set; }

    /// <summary>Seconds since midnight.</summary>
    public int Second => (int)_second;

    /// <summary>Whether servers fail in this minute.</summary>
    public bool Incident { get; set; }

    public void Set(long microseconds)
    {
        (long second, long rest) = Math.DivRem(microseconds, 1_000_000);
        Microsecond = (int)rest;
        if (second == _second)
            return;
        _second = second;
        Write(_common.AsSpan(^8..));
        Write(_syslog.AsSpan(^8..));
        Write(_iso.AsSpan(^8..));
    }

    private void Write(Span<byte> text)
    {
        Two(text, (int)(_second / 3600));
        Two(text[3..], (int)(_second / 60 % 60));
        Two(text[6..], (int)(_second % 60));
    }

    private static void Two(Span<byte> text, int value)
    {
        text[0] = (byte)('0' + (value / 10));
        text[1] = (byte)('0' + (value % 10));
    }
}
