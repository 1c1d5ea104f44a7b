namespace ProdOps;

/// <summary>How severe a log line is: the eight severities of syslog with their numbers (RFC 5424, section 6.2.1). A smaller number is worse.</summary>
public enum LogLevel
{
    /// <summary>The system is unusable.</summary>
    Emergency = 0,

    /// <summary>Something must be done at once.</summary>
    Alert = 1,

    /// <summary>A critical condition.</summary>
    Critical = 2,

    /// <summary>An error.</summary>
    Error = 3,

    /// <summary>A warning.</summary>
    Warning = 4,

    /// <summary>Normal but significant.</summary>
    Notice = 5,

    /// <summary>Informational.</summary>
    Informational = 6,

    /// <summary>For debugging.</summary>
    Debug = 7,
}
