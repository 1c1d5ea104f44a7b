namespace ProdOps.Logging.Formats.Access;

/// <summary>The request line of HTTP: <c>GET /shop?item=7 HTTP/1.1</c>. What scanners send instead has no parts.</summary>
internal static class RequestLine
{
    /// <summary>Adds method, path, query and protocol of what stands from <paramref name="start"/> to <paramref name="end"/>.</summary>
    public static void Read(ReadOnlySpan<byte> line, int start, int end, FieldList fields)
    {
        int methodEnd = start;
        while (methodEnd < end && line[methodEnd] is >= (byte)'A' and <= (byte)'Z' or (byte)'_' or (byte)'-') methodEnd++;
        if (methodEnd == start || methodEnd == end || line[methodEnd] != ' ') return;
        fields.Add("Method", start, methodEnd - start);

        int target = methodEnd + 1;
        var rest = line[target..end];
        int space = rest.LastIndexOf((byte)' ');
        int targetEnd = end;
        if (space >= 0 && rest[(space + 1)..].StartsWith("HTTP/"u8))
        {
            targetEnd = target + space;
        }

        int question = line[target..targetEnd].IndexOf((byte)'?');
        int pathEnd = question < 0 ? targetEnd : target + question;
        if (pathEnd > target) fields.Add("Path", target, pathEnd - target);
        if (question >= 0 && targetEnd > pathEnd + 1) fields.Add("Query", pathEnd + 1, targetEnd - pathEnd - 1);
        if (targetEnd < end) fields.Add("Protocol", targetEnd + 1, end - targetEnd - 1);
    }
}
