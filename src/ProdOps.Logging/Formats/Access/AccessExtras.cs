namespace ProdOps.Logging.Formats.Access;

/// <summary>What administrators put behind the combined format. Nothing here is required, and what is not known is passed over.</summary>
internal static class AccessExtras
{
    public static void Read(ReadOnlySpan<byte> line, int at, FieldList fields)
    {
        bool forwarded = false;
        int seconds = 0;
        while (at < line.Length)
        {
            if (line[at] == ' ')
            {
                at++;
                continue;
            }

            if (line[at] == '"')
            {
                int close = LineText.ClosingQuote(line, at + 1);
                if (close < 0) return;
                var value = line[(at + 1)..close];
                if (IsSeconds(value))
                {
                    AddSeconds(line, at + 1, close, fields, ref seconds);
                }
                else if (!forwarded)
                {
                    fields.AddUnlessNothing(line, "ForwardedFor", at + 1, close, FieldKind.Address);
                    forwarded = true;
                }

                at = close + 1;
                continue;
            }

            at = ReadWord(line, at, fields, ref seconds);
        }
    }

    private static int ReadWord(ReadOnlySpan<byte> line, int at, FieldList fields, ref int seconds)
    {
        int end = LineText.WordEnd(line, at);
        int equals = line[at..end].IndexOf((byte)'=');
        if (equals > 0)
        {
            int value = at + equals + 1;
            int valueEnd = end;
            int behind = end;
            if (LineText.Has(line, value, (byte)'"'))
            {
                int close = LineText.ClosingQuote(line, ++value);
                if (close < 0) return line.Length;
                valueEnd = close;
                behind = close + 1;
            }

            var (name, kind) = Known(line.Slice(at, equals));
            fields.AddUnlessNothing(line, name ?? FieldNames.Of(line.Slice(at, equals)), value, valueEnd, kind ?? ValueKind.Of(line[value..valueEnd]));
            return behind;
        }

        if (IsSeconds(line[at..end]) || LineText.IsNothing(line[at..end])) AddSeconds(line, at, end, fields, ref seconds);
        return end;
    }

    /// <summary>The first number of seconds is the request's, the second the upstream's.</summary>
    private static void AddSeconds(ReadOnlySpan<byte> line, int start, int end, FieldList fields, ref int seconds)
    {
        if (seconds < 2) fields.AddUnlessNothing(line, seconds == 0 ? "RequestTime" : "UpstreamTime", start, end, FieldKind.Seconds);
        seconds++;
    }

    private static bool IsSeconds(ReadOnlySpan<byte> value)
    {
        int point = value.IndexOf((byte)'.');
        return point > 0 && LineText.IsDigits(value[..point]) && LineText.IsDigits(value[(point + 1)..]);
    }

    private static (string? Name, FieldKind? Kind) Known(ReadOnlySpan<byte> name)
    {
        if (name.SequenceEqual("rt"u8) || name.SequenceEqual("request_time"u8)) return ("RequestTime", FieldKind.Seconds);
        if (name.SequenceEqual("urt"u8) || name.SequenceEqual("upstream_response_time"u8)) return ("UpstreamTime", FieldKind.Seconds);
        if (name.SequenceEqual("uct"u8) || name.SequenceEqual("upstream_connect_time"u8)) return ("UpstreamConnectTime", FieldKind.Seconds);
        if (name.SequenceEqual("uht"u8) || name.SequenceEqual("upstream_header_time"u8)) return ("UpstreamHeaderTime", FieldKind.Seconds);
        return (null, null);
    }
}
