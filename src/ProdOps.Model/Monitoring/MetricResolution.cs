namespace ProdOps;

/// <summary>How fine the history of a metric is.</summary>
public enum MetricResolution
{
    /// <summary>What suits the length of time that is asked for, and what is still kept of it.</summary>
    Auto,

    /// <summary>Every sample.</summary>
    Raw,

    /// <summary>One value for 5 minutes.</summary>
    FiveMinutes,

    /// <summary>One value for an hour.</summary>
    Hour,
}
