namespace ProdOps;

/// <summary>How something is. The values are in the order of how much they want attention, so that sorting puts the worst last.</summary>
public enum HealthState
{
    /// <summary>Nothing is wrong.</summary>
    OK = 0,

    /// <summary>Worked on: what is measured is kept, nobody is told.</summary>
    Maintenance = 1,

    /// <summary>Not bad yet, but somebody should look.</summary>
    Warning = 2,

    /// <summary>It could not be found out: the value is missing, stale, or not understood. Never taken for OK.</summary>
    Unknown = 3,

    /// <summary>It could not be asked, since something in front of it is down.</summary>
    Unreachable = 4,

    /// <summary>Broken, or about to be.</summary>
    Critical = 5,
}
