using ProdOps.LoadBalancing.Rendering;
using ProdOps.Servers.Commands;

namespace ProdOps.LoadBalancing.Publishing;

/// <summary>What is to be done on one balancer: the very plan that <c>-WhatIf</c> shows is carried out.</summary>
internal sealed record PublishPlan
{
    public required IServerShell Shell { get; init; }

    public required BalancerSite Site { get; init; }

    /// <summary>The files: the balancer's configuration first, then keepalived's and its script.</summary>
    public required IReadOnlyList<RenderedFile> Files { get; init; }

    /// <summary>The beginning of the hash of all files, which the running process is asked for.</summary>
    public required string Hash { get; init; }

    public required BalancerFacts Facts { get; init; }

    /// <summary>What is shown.</summary>
    public required LoadBalancerPublication Publication { get; init; }

    /// <summary>True for what was there before and is no revision: it is kept as one.</summary>
    public bool KeepsFormer { get; init; }

    public bool IsNothing => Publication.Status == LoadBalancerPublicationStatus.Unchanged;
}

/// <summary>How to publish.</summary>
internal sealed record PublishOptions
{
    /// <summary>The folder on balancers that revisions are kept in, with a folder for each kind.</summary>
    public string Store { get; init; } = "/var/lib/prodops/balancer";

    /// <summary>Whether changing files there takes root.</summary>
    public bool AsRoot { get; init; } = true;

    /// <summary>Replace files that ProdOps did not write. They are kept as a revision.</summary>
    public bool Force { get; init; }

    /// <summary>Change those balancers that can be reached.</summary>
    public bool AllowPartial { get; init; }

    /// <summary>Who publishes: user and host.</summary>
    public string By { get; init; } = "";

    /// <summary>How long the new configuration may take to serve as the former did.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long errors are counted after that.</summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromSeconds(2);

    public string FolderOf(LoadBalancerKind kind) => kind == LoadBalancerKind.HAProxy ? $"{Store}/haproxy" : $"{Store}/nginx";
}
