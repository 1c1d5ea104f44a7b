namespace ProdOps.Logging.Formats.Access;

/// <summary>Apache's access logs: "common", "combined", and "vhost_combined" with the virtual host and its port in front.</summary>
internal sealed class ApacheAccessFormat : LogFormat
{
    public override string Name => "apache-access";

    public override bool TryReadTime(ReadOnlySpan<byte> line, TimeContext context, out DateTimeOffset time) => AccessLine.TryReadTime(line, context, out time);

    public override LogLevel? ReadLevel(ReadOnlySpan<byte> line) => AccessLine.ReadLevel(LineText.WithoutReturn(line));

    public override bool TryReadTime(ReadOnlySpan<byte> line, TimeContext context, out DateTimeOffset time, out LogLevel? level) => AccessLine.TryReadTime(line, context, out time, out level);

    public override bool TryReadFields(ReadOnlySpan<byte> line, TimeContext context, FieldList fields)
    {
        fields.Clear();
        line = LineText.WithoutReturn(line);
        int at = VirtualHost(line, fields);
        var shape = AccessLine.TryRead(line, ref at, context, fields);
        if (shape == AccessShape.Combined) AccessExtras.Read(line, at, fields);
        return shape != AccessShape.None;
    }

    /// <summary>A name and a port in front of an address.</summary>
    private static int VirtualHost(ReadOnlySpan<byte> line, FieldList fields)
    {
        int end = LineText.WordEnd(line, 0);
        int colon = line[..end].LastIndexOf((byte)':');
        if (colon <= 0 || end == line.Length || !LineText.IsDigits(line[(colon + 1)..end])) return 0;
        int client = LineText.WordEnd(line, end + 1);
        if (!ValueKind.IsAddress(line[(end + 1)..client])) return 0;
        fields.Add("VirtualHost", 0, colon);
        fields.Add("Port", colon + 1, end - colon - 1, FieldKind.Number);
        return end + 1;
    }
}
