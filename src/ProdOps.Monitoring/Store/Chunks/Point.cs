namespace ProdOps.Monitoring.Store.Chunks;

/// <summary>A value of a series; the time is in milliseconds since 1970, UTC.</summary>
internal readonly record struct Point(long Time, double Value);
