using ProdOps.Logging.Formats.Times;
using ProdOps.Logging.Formats.Values;

namespace ProdOps.Logging.Formats.Access;

/// <summary>Which of the lines that web servers agree on one is.</summary>
internal enum AccessShape : byte
{
    /// <summary>None of them.</summary>
    None,

    /// <summary>Up to the number of bytes.</summary>
    Common,

    /// <summary>With the referer and the user agent.</summary>
    Combined,
}

/// <summary>
/// The line that Apache's "common" and "combined" formats and nginx's "combined" share:
/// <c>192.0.2.7 - jo [04/Nov/2026:00:00:05 +0000] "GET / HTTP/1.1" 200 612 "https://example.com/" "Mozilla/5.0"</c>.
/// </summary>
internal static class AccessLine
{
    public static bool TryReadTime(ReadOnlySpan<byte> line, TimeContext context, out DateTimeOffset time)
    {
        time = default;
        int bracket = line.IndexOf(" ["u8);
        return bracket > 0 && NamedMonthTime.TryAccess(line[(bracket + 2)..], context, out time, out int length) && LineText.Has(line, bracket + 2 + length, (byte)']');
    }

    /// <summary>The level by the status behind the request, which is in quotes; or, at a rarer line, in what looks like it.</summary>
    public static LogLevel? ReadLevel(ReadOnlySpan<byte> line)
    {
        int request = line.IndexOf("] \""u8);
        if (request < 0) return null;
        return LevelBehind(line, request + 3);
    }

    /// <summary>Both. The request stands behind the time in all but rare lines, and what is before it has no bracket that closes.</summary>
    public static bool TryReadTime(ReadOnlySpan<byte> line, TimeContext context, out DateTimeOffset time, out LogLevel? level)
    {
        int bracket = line.IndexOf(" ["u8);
        if (bracket > 0 && NamedMonthTime.TryAccess(line[(bracket + 2)..], context, out time, out int length))
        {
            int end = bracket + 2 + length;
            if (line.Length - end > 3 && line[end] == ']' && line[end + 1] == ' ' && line[end + 2] == '"' && !line[..bracket].Contains((byte)']'))
            {
                level = LevelBehind(LineText.WithoutReturn(line), end + 3);
                return true;
            }
        }

        level = ReadLevel(LineText.WithoutReturn(line));
        return TryReadTime(line, context, out time);
    }

    private static LogLevel? LevelBehind(ReadOnlySpan<byte> line, int request)
    {
        int close = LineText.ClosingQuote(line, request);
        if (close < 0 || close + 2 > line.Length) return null;
        int end = LineText.WordEnd(line, close + 2);
        return LevelText.OfStatus(line[(close + 2)..end]);
    }

    /// <summary>Reads the line from the client on.</summary>
    /// <param name="line">The line without its end.</param>
    /// <param name="at">Where the client stands; moves behind what was read.</param>
    /// <param name="context">What completes the time.</param>
    /// <param name="fields">Gets the parts.</param>
    public static AccessShape TryRead(ReadOnlySpan<byte> line, ref int at, TimeContext context, FieldList fields)
    {
        int clientEnd = LineText.WordEnd(line, at);
        if (clientEnd == at || clientEnd == line.Length) return AccessShape.None;
        int identityEnd = LineText.WordEnd(line, clientEnd + 1);
        // An address there is the client's: the line begins with a virtual host.
        if (ValueKind.IsAddress(line[Math.Min(clientEnd + 1, identityEnd)..identityEnd])) return AccessShape.None;
        // A user's name may have spaces in it: the time's bracket ends it.
        int bracket = line[identityEnd..].IndexOf(" ["u8);
        if (bracket < 0) return AccessShape.None;
        bracket += identityEnd;
        if (!NamedMonthTime.TryAccess(line[(bracket + 2)..], context, out var time, out int length)) return AccessShape.None;
        int behindTime = bracket + 2 + length;
        if (line.Length - behindTime < 4 || !line[behindTime..].StartsWith("] \""u8)) return AccessShape.None;
        int request = behindTime + 3;
        int requestEnd = LineText.ClosingQuote(line, request);
        if (requestEnd < 0 || !LineText.Has(line, requestEnd + 1, (byte)' ')) return AccessShape.None;
        int status = requestEnd + 2;
        int statusEnd = LineText.WordEnd(line, status);
        if (statusEnd - status != 3 || !LineText.IsDigits(line[status..statusEnd]) || statusEnd == line.Length) return AccessShape.None;
        int bytes = statusEnd + 1;
        int bytesEnd = LineText.WordEnd(line, bytes);
        if (!LineText.IsDigits(line[bytes..bytesEnd]) && !LineText.IsNothing(line[bytes..bytesEnd])) return AccessShape.None;

        fields.Time = time;
        fields.Level = LevelText.OfStatus(line[status..statusEnd]);
        fields.SetMessage(line, request - 1);
        fields.Add("ClientIp", at, clientEnd - at, FieldKind.Address);
        if (bracket > identityEnd) fields.AddUnlessNothing(line, "User", identityEnd + 1, bracket);
        RequestLine.Read(line, request, requestEnd, fields);
        fields.Add("Status", status, 3, FieldKind.Number);
        fields.AddUnlessNothing(line, "Bytes", bytes, bytesEnd, FieldKind.Number);
        at = bytesEnd;
        return TryReadAgent(line, ref at, fields) ? AccessShape.Combined : AccessShape.Common;
    }

    private static bool TryReadAgent(ReadOnlySpan<byte> line, ref int at, FieldList fields)
    {
        if (line.Length - at < 6 || line[at + 1] != '"') return false;
        int referer = at + 2;
        int refererEnd = LineText.ClosingQuote(line, referer);
        if (refererEnd < 0 || line.Length - refererEnd < 3 || line[refererEnd + 1] != ' ' || line[refererEnd + 2] != '"') return false;
        int agent = refererEnd + 3;
        int agentEnd = LineText.ClosingQuote(line, agent);
        if (agentEnd < 0) return false;
        fields.AddUnlessNothing(line, "Referer", referer, refererEnd);
        fields.AddUnlessNothing(line, "UserAgent", agent, agentEnd);
        at = agentEnd + 1;
        return true;
    }
}
