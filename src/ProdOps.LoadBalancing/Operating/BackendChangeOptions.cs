namespace ProdOps.LoadBalancing.Operating;

/// <summary>How a change of a pool's server is made.</summary>
internal record BackendChangeOptions
{
    /// <summary>Do it although fewer servers than <see cref="MinimumHealthy"/> are left, and past checks.</summary>
    public bool Force { get; init; }

    /// <summary>Do it although a balancer cannot be reached.</summary>
    public bool AllowPartial { get; init; }

    /// <summary>How many servers of the pool must still take requests on each balancer.</summary>
    public int MinimumHealthy { get; init; } = 1;

    /// <summary>How long to wait for what is waited for: requests that end, checks that pass.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How often the balancers are looked at meanwhile.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMilliseconds(250);
}

/// <summary>How a server is taken out.</summary>
internal sealed record DisableOptions : BackendChangeOptions
{
    /// <summary>Leave it draining, checked and ready for those who are bound to it, instead of taking it out altogether.</summary>
    public bool DrainOnly { get; init; }

    /// <summary>Wait until it has finished what it had.</summary>
    public bool Wait { get; init; } = true;

    /// <summary>What to do with what is left when the time is over.</summary>
    public DrainTimeoutAction OnTimeout { get; init; }
}

/// <summary>How a server is put back.</summary>
internal sealed record EnableOptions : BackendChangeOptions
{
    /// <summary>How long it takes from a tenth of its weight to the whole; zero for the whole at once.</summary>
    public TimeSpan Ramp { get; init; }
}
