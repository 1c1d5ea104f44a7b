namespace ProdOps;

/// <summary>What publishing would change on one balancer, or did: what <c>-WhatIf</c> shows is what is carried out.</summary>
public sealed record LoadBalancerPublication
{
    /// <summary>The environment's entry, or several with commas between them.</summary>
    public required string LoadBalancer { get; init; }

    /// <summary>The balancer: the name of a server.</summary>
    public required string Server { get; init; }

    /// <summary>How it ended.</summary>
    public LoadBalancerPublicationStatus Status { get; init; }

    /// <summary>The revision that it has now, or would have.</summary>
    public string Revision { get; init; } = "";

    /// <summary>The revision that it had; <see langword="null"/> if the files were not ProdOps'.</summary>
    public string? PreviousRevision { get; init; }

    /// <summary>The files, with what changes in each.</summary>
    public IReadOnlyList<LoadBalancerFileChange> Files { get; init => field = Indexable.Of(value); } = [];

    /// <summary>What that means, in words: <c>server web3 joins pool web</c>, <c>port 443 opens</c>.</summary>
    public IReadOnlyList<string> Changes { get; init => field = Indexable.Of(value); } = [];

    /// <summary>What the balancer's own check warns of.</summary>
    public IReadOnlyList<string> Warnings { get; init => field = Indexable.Of(value); } = [];

    /// <summary>How long it took.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>When.</summary>
    public DateTimeOffset Time { get; init; }
}

/// <summary>How publishing ended on a balancer.</summary>
public enum LoadBalancerPublicationStatus
{
    /// <summary>It would be done (<c>-WhatIf</c>).</summary>
    Planned,

    /// <summary>The balancer has it already.</summary>
    Unchanged,

    /// <summary>The balancer serves by it.</summary>
    Published,

    /// <summary>It failed and what was there before is there again.</summary>
    PutBack,
}

/// <summary>A file that publishing changes.</summary>
/// <param name="Path">Its full path on the balancer.</param>
/// <param name="Diff">The change as a unified diff; empty without one. A file with a secret has none.</param>
public sealed record LoadBalancerFileChange(string Path, string Diff);

/// <summary>A configuration that was published and is kept on the balancer.</summary>
public sealed record LoadBalancerRevision
{
    /// <summary>Its number and beginning of its hash, e.g. <c>7-5ffc827e</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The environment's entry, or several with commas between them.</summary>
    public required string LoadBalancer { get; init; }

    /// <summary>The balancer: the name of a server.</summary>
    public required string Server { get; init; }

    /// <summary>When it was published.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>Who published it: user and host.</summary>
    public string By { get; init; } = "";

    /// <summary>True for the one that is in use.</summary>
    public bool IsCurrent { get; init; }

    /// <summary>What it changed, in words.</summary>
    public IReadOnlyList<string> Changes { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The files it consists of: full paths on the balancer.</summary>
    public IReadOnlyList<string> Files { get; init => field = Indexable.Of(value); } = [];
}

/// <summary>A certificate that was put on a balancer, or would be.</summary>
public sealed record LoadBalancerCertificate
{
    /// <summary>The environment's entries that use it, with commas between them.</summary>
    public required string LoadBalancer { get; init; }

    /// <summary>The balancer: the name of a server.</summary>
    public required string Server { get; init; }

    /// <summary>The file's full path there.</summary>
    public required string Path { get; init; }

    /// <summary>How it ended.</summary>
    public LoadBalancerPublicationStatus Status { get; init; }

    /// <summary>The names that it is for.</summary>
    public IReadOnlyList<string> Names { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Who issued it.</summary>
    public string Issuer { get; init; } = "";

    /// <summary>When it begins to be valid.</summary>
    public DateTimeOffset NotBefore { get; init; }

    /// <summary>When it ends to be valid.</summary>
    public DateTimeOffset NotAfter { get; init; }

    /// <summary>Its SHA-256 fingerprint.</summary>
    public string Fingerprint { get; init; } = "";

    /// <summary>The fingerprint of the one before; <see langword="null"/> without one.</summary>
    public string? PreviousFingerprint { get; init; }

    /// <summary>When the one before ends to be valid.</summary>
    public DateTimeOffset? PreviousNotAfter { get; init; }

    /// <summary>True if the process that serves took it without a reload.</summary>
    public bool IsLive { get; init; }

    /// <summary>What should be looked at: a short validity, a chain that has gaps, names that are gone.</summary>
    public IReadOnlyList<string> Warnings { get; init => field = Indexable.Of(value); } = [];

    /// <summary>How long it took.</summary>
    public TimeSpan Duration { get; init; }
}
