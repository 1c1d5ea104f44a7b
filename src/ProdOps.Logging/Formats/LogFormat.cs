namespace ProdOps.Logging.Formats;

/// <summary>
/// How the lines of a source are read. A format has no state and any thread may use it; whatever the bytes, it answers and never throws.
/// A line is without its line feed; a carriage return at its end is not part of any value.
/// </summary>
internal abstract class LogFormat
{
    /// <summary>What it is called: <c>nginx-access</c>, <c>syslog</c>, <c>json</c>. Lower case, and part of what is stored.</summary>
    public abstract string Name { get; }

    /// <summary>Reads when the line was written. It is asked for every line that is stored, so it looks no further than the time.</summary>
    /// <returns>False for a line that has no time of its own in this format.</returns>
    public abstract bool TryReadTime(ReadOnlySpan<byte> line, TimeContext context, out DateTimeOffset time);

    /// <summary>Reads how severe the line is, as cheaply as can be; <see langword="null"/> if it does not say.</summary>
    public abstract LogLevel? ReadLevel(ReadOnlySpan<byte> line);

    /// <summary>Reads both at once, for what is stored: much of a line is looked at for either.</summary>
    public virtual bool TryReadTime(ReadOnlySpan<byte> line, TimeContext context, out DateTimeOffset time, out LogLevel? level)
    {
        level = ReadLevel(line);
        return TryReadTime(line, context, out time);
    }

    /// <summary>Tells the line's parts. What is left of <paramref name="fields"/> when it answers false means nothing.</summary>
    public abstract bool TryReadFields(ReadOnlySpan<byte> line, TimeContext context, FieldList fields);

    /// <summary>Whether the line belongs to the entry before it: the second line of a stack trace.</summary>
    public virtual bool IsContinuation(ReadOnlySpan<byte> line) => false;
}

/// <summary>
/// What completes times that leave out the year, the day or the zone. For one source; any thread may use it.
/// </summary>
/// <param name="Reference">When the line was received at the latest, or the file's last change: no line is from later, but for a wrong clock.</param>
/// <param name="Zone">The server's time zone.</param>
internal sealed record TimeContext(DateTimeOffset Reference, TimeZoneInfo Zone);
