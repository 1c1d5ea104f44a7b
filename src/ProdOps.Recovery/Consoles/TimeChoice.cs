using System.Globalization;
using ProdOps.Recovery.Html;
using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Recovery.Consoles;

/// <summary>The time that a page shows, as its address says it: so long until now, or from a moment until another.</summary>
/// <param name="From">When it begins.</param>
/// <param name="To">When it ends.</param>
/// <param name="Last">How long until now, as it was written; empty where two moments are named.</param>
/// <param name="Zone">The zone that moments are written in.</param>
internal sealed record TimeChoice(DateTimeOffset From, DateTimeOffset To, string Last, TimeZoneInfo Zone)
{
    // As browsers write a moment that somebody has chosen (HTML, "valid local date and time strings"); seconds are left out where they are 0.
    private static readonly string[] Local = ["yyyy-MM-ddTHH:mm:ss", "yyyy-MM-ddTHH:mm", "yyyy-MM-ddTHH:mm:ss.fff"];
    private static readonly string[] Usual = ["15m", "1h", "6h", "24h", "7d", "30d", "90d"];
    // The end of 2099: what is earlier and later than what is shown can still be told.
    private const long Latest = 4_102_444_800_000;

    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

    public TimeSpan Length => To - From;

    /// <exception cref="ProdOpsException">It is no time.</exception>
    public static TimeChoice Of(IReadOnlyDictionary<string, string> parameters, string usual, TimeZoneInfo zone, DateTimeOffset now)
    {
        string from = parameters.GetValueOrDefault("from", "").Trim(), to = parameters.GetValueOrDefault("to", "").Trim(), last = parameters.GetValueOrDefault("last", "").Trim();
        // A form has both: what somebody has changed of it is what they want.
        if ((from.Length == 0 && to.Length == 0) || (last.Length > 0 && parameters.GetValueOrDefault("was", "") == "moments"))
        {
            if (last.Length == 0) last = usual;
            var length = Quantity.ParseDuration(last) ?? throw RecoveryErrors.ConsoleTimeInvalid(last);
            if (length < Shortest || length > now - DateTimeOffset.UnixEpoch) throw RecoveryErrors.ConsoleTimeInvalid(last);
            return new TimeChoice(now - length, now.AddMilliseconds(1), last, zone);
        }

        var end = to.Length > 0 ? Moment(to, zone) : now.AddMilliseconds(1);
        var begin = from.Length > 0 ? Moment(from, zone) : end.AddDays(-1);
        return begin >= DateTimeOffset.UnixEpoch && end - begin >= Shortest ? new TimeChoice(begin, end, "", zone) : throw RecoveryErrors.ConsoleTimeInvalid($"{from} to {to}");
    }

    /// <summary>As it is written in an address.</summary>
    public IEnumerable<(string Name, string Value)> Parameters() => Last.Length > 0 ? [("last", Last)] : [("from", Text(From)), ("to", Text(To))];

    /// <summary>Another time of the same zone.</summary>
    public TimeChoice Between(DateTimeOffset from, DateTimeOffset to) => new(from, to, "", Zone);

    /// <summary>A moment as it is written in an address and in a field.</summary>
    public string Text(DateTimeOffset time)
    {
        var local = TimeZoneInfo.ConvertTime(time, Zone);
        return local.ToString(local.Millisecond == 0 ? Local[0] : Local[2], CultureInfo.InvariantCulture);
    }

    /// <summary>The fields to choose another.</summary>
    public void Fields(HtmlWriter html)
    {
        string[] lasts = Last.Length == 0 || Usual.Contains(Last) ? Usual : [Last, .. Usual];
        html.Add($"<label>Time <select name=\"last\">");
        if (Last.Length == 0) html.Add($"<option value=\"\" selected=\"selected\">from and until</option>");
        foreach (string one in lasts)
        {
            if (one == Last) html.Add($"<option selected=\"selected\">{one}</option>");
            else html.Add($"<option>{one}</option>");
        }

        string from = Last.Length > 0 ? "" : Text(From), to = Last.Length > 0 ? "" : Text(To);
        html.Add($"</select></label>\n");
        if (Last.Length == 0) html.Add($"<input type=\"hidden\" name=\"was\" value=\"moments\">\n");
        html.Add($"<label>or from <input type=\"datetime-local\" name=\"from\" step=\"any\" value=\"{from}\"></label>\n<label>until <input type=\"datetime-local\" name=\"to\" step=\"any\" value=\"{to}\"></label>\n");
    }

    /// <summary>A moment of a field, or milliseconds since 1970 as scripts have them. Local times that are there twice are the first of both; those that are left out are as much later.</summary>
    private static DateTimeOffset Moment(string text, TimeZoneInfo zone)
    {
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long milliseconds) && milliseconds < Latest) return DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
        if (!DateTime.TryParseExact(text, Local, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local) || local.Year is < 1970 or > 2099) throw RecoveryErrors.ConsoleTimeInvalid(text);
        return new DateTimeOffset(local, zone.IsInvalidTime(local) ? zone.BaseUtcOffset : zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local));
    }
}
