using System.Globalization;
using System.Text;

namespace ProdOps.Monitoring.Notifications.Syslog;

/// <summary>A message as a line of a log.</summary>
internal static class SyslogText
{
    // RFC 5424, section 6.2.1: the facility of system daemons.
    private const int Facility = 3;
    private const int LongestHost = 255;
    private const string App = "prodops";

    /// <summary>As RFC 5424 has it.</summary>
    /// <param name="message">The message.</param>
    /// <param name="host">This machine's name.</param>
    /// <param name="limit">How many bytes it may take.</param>
    public static byte[] Write(NotificationMessage message, string host, int limit)
    {
        string name = string.Concat(host.Where(static c => c is > ' ' and <= '~').Take(LongestHost));
        string time = message.Time.ToString("yyyy-MM-dd'T'HH:mm:ss.fffzzz", CultureInfo.InvariantCulture);
        string header = string.Create(CultureInfo.InvariantCulture, $"<{Priority(message)}>1 {time} {(name.Length > 0 ? name : "-")} {App} {Environment.ProcessId} {message.Kind} - ");
        // Section 6.4: the mark says that what follows is UTF-8.
        return Bounded(header + '\uFEFF', message, limit);
    }

    /// <summary>As the C library's syslog() writes to this machine's own: it knows the host, and takes the time in its zone.</summary>
    public static byte[] WriteLocal(NotificationMessage message, TimeZoneInfo zone, int limit)
    {
        var time = TimeZoneInfo.ConvertTime(message.Time, zone);
        string header = string.Create(CultureInfo.InvariantCulture, $"<{Priority(message)}>{time:MMM} {time.Day,2} {time:HH:mm:ss} {App}[{Environment.ProcessId}]: ");
        return Bounded(header, message, limit);
    }

    private static byte[] Bounded(string header, NotificationMessage message, int limit)
    {
        var line = new StringBuilder(header).Append(MessageText.Subject(message));
        foreach (string own in MessageText.OwnLines(message)) line.Append("; ").Append(own);
        foreach (var item in message.Incidents)
        {
            if (MessageText.Heading(message, item) is { } heading) line.Append("; ").Append(heading);
            foreach (var check in item.Checks.Take(MessageText.MostChecks)) line.Append("; ").Append(MessageText.Check(check));
            if (MessageText.MoreChecks(item, MessageText.MostChecks) is { } more) line.Append("; and ").Append(more);
            if (line.Length > limit) break;
        }

        // The number comes last and is never cut off: by it a repetition can be told.
        string end = string.Create(CultureInfo.InvariantCulture, $" (message {message.Id})");
        byte[] bytes = Encoding.UTF8.GetBytes(line.ToString());
        int room = limit - end.Length;
        if (bytes.Length <= room) return [.. bytes, .. Encoding.UTF8.GetBytes(end)];
        int length = room - 3;
        while ((bytes[length] & 0xC0) == 0x80) length--;
        return [.. bytes.AsSpan(0, length), .. "…"u8, .. Encoding.UTF8.GetBytes(end)];
    }

    private static int Priority(NotificationMessage message) => Facility * 8 + (message.Kind is NotificationKind.Recovery ? 5 : message.Severity switch
    {
        HealthState.Critical or HealthState.Unreachable => 2,
        HealthState.Unknown => 3,
        HealthState.Warning => 4,
        _ => 5,
    });
}
