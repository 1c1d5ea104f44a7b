namespace ProdOps;

/// <summary>An address that moved from one balancer to another, as it was seen from this machine.</summary>
public sealed record LoadBalancerSwitch
{
    /// <summary>The environment's entry.</summary>
    public required string LoadBalancer { get; init; }

    /// <summary>The address.</summary>
    public required string Address { get; init; }

    /// <summary>The balancer that had it: the name of a server.</summary>
    public required string From { get; init; }

    /// <summary>The balancer that has it now: the name of a server.</summary>
    public required string To { get; init; }

    /// <summary>The longest time without a good answer; <see langword="null"/> where the address was not asked.</summary>
    public TimeSpan? Gap { get; init; }

    /// <summary>How often the address was asked meanwhile.</summary>
    public int Requests { get; init; }

    /// <summary>How often there was no good answer.</summary>
    public int Failed { get; init; }

    /// <summary>How long it took until the address had arrived and answered again and again.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>When it began.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>What moved.</summary>
    /// <returns>E.g. <c>10.77.0.100: lb1 -> lb2</c>.</returns>
    public override string ToString() => $"{Address}: {From} -> {To}";
}
