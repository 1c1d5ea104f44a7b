namespace ProdOps.Logging.Store;

/// <summary>Time zones by name.</summary>
internal static class Zones
{
    /// <summary>The zone of an IANA name; UTC if this machine does not know it.</summary>
    public static TimeZoneInfo Find(string name)
    {
        if (name == "UTC") return TimeZoneInfo.Utc;
        return TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) ? zone : TimeZoneInfo.Utc;
    }
}
