namespace ProdOps;

/// <summary>A check of a server: one that the environment's file defines, or one that every server has.</summary>
public sealed record HealthCheck
{
    /// <summary>The server, or the host that is checked in the place of one.</summary>
    public string Server { get; init; } = "";

    /// <summary>What the check is called; its results carry the name.</summary>
    public string Check { get; init; } = "";

    /// <summary>Which of several it is, e.g. of <c>service</c> the service; <see langword="null"/> where that is not known before it is looked at.</summary>
    public string? Instance { get; init; }

    /// <summary>What kind of check it is: a <see cref="HealthCheckKind"/>, or <c>Reachability</c> or <c>Service</c>, which every server has.</summary>
    public string Kind { get; init; } = "";

    /// <summary>What it looks at.</summary>
    public string Target { get; init; } = "";

    /// <summary>How often.</summary>
    public TimeSpan Interval { get; init; }

    /// <summary>The rule about its results; <see langword="null"/> where that is switched off.</summary>
    public HealthRule? Rule { get; init; }

    /// <summary>The check as the environment's file defines it; <see langword="null"/> for one that every server has.</summary>
    public HealthCheckDefinition? Definition { get; init; }

    /// <summary>Why it cannot be run as the file has it; <see langword="null"/> as far as it can. It is reported as not known until that is corrected.</summary>
    public string? Problem { get; init; }

    /// <summary>The check, and which of several: <c>service nginx</c>.</summary>
    /// <returns>Name and instance.</returns>
    public override string ToString() => Instance is null ? Check : $"{Check} {Instance}";
}
