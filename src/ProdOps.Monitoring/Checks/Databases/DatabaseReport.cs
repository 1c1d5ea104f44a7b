namespace ProdOps.Monitoring.Checks.Databases;

/// <summary>What a database server tells of itself; what it does not tell is <see langword="null"/>.</summary>
internal sealed record DatabaseReport
{
    public double? Connections { get; init; }

    /// <summary>How many connections there may be, those kept for superusers left out.</summary>
    public double? MostConnections { get; init; }

    /// <summary>How many seconds the longest transaction has been open; 0 without any.</summary>
    public double? Transaction { get; init; }

    /// <summary>What the user lacks to see others' transactions.</summary>
    public string? TransactionHidden { get; init; }

    /// <summary>How many replicas it feeds.</summary>
    public double? Replicas { get; init; }

    /// <summary>How it follows its primary; <see langword="null"/> for one that follows none.</summary>
    public ReplicationReport? Replication { get; init; }

    /// <summary>What a query of the admin's own came to; <see langword="null"/> where none was asked.</summary>
    public QueryAnswer? Answer { get; init; }
}

/// <summary>How a replica follows its primary.</summary>
internal sealed record ReplicationReport
{
    /// <summary>How many seconds it is behind; <see langword="null"/> if that is not known.</summary>
    public double? Lag { get; init; }

    /// <summary>Why it does not follow; <see langword="null"/> if it does.</summary>
    public string? Problem { get; init; }

    /// <summary>What the user lacks to see it.</summary>
    public string? Hidden { get; init; }
}
