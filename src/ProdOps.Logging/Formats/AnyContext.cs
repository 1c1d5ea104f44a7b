namespace ProdOps.Logging.Formats;

/// <summary>For reading what does not depend on the time.</summary>
internal static class AnyContext
{
    public static TimeContext Value { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), TimeZoneInfo.Utc);
}
