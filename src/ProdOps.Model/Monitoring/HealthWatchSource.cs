namespace ProdOps;

/// <summary>Where Watch-HealthStatus knows from how servers are.</summary>
public enum HealthWatchSource
{
    /// <summary>The monitor's store while a monitor is at work that knows all of the servers, else the servers.</summary>
    Auto,

    /// <summary>The monitor's store: what the monitor is certain of. No server is asked.</summary>
    Store,

    /// <summary>The servers, each asked from here.</summary>
    Servers,
}
