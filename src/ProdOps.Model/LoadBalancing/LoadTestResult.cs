namespace ProdOps;

/// <summary>What a client saw of requests at a fixed rate. Durations are from when a request was due, so that a stall counts for all that waited for it.</summary>
public sealed record LoadTestResult
{
    /// <summary>What was asked.</summary>
    public required string Target { get; init; }

    /// <summary>The environment's entry; <see langword="null"/> for a URL.</summary>
    public string? LoadBalancer { get; init; }

    /// <summary>What the ids of the requests begin with, in their <c>X-Request-Id</c> headers: <c>5f0c9a12de77-0000000042</c> is the 42nd of a run.</summary>
    public string Run { get; init; } = "";

    /// <summary>Requests that were sent, or were due and could not be.</summary>
    public long Requests { get; init; }

    /// <summary>Requests that had no good answer: the sum of the kinds below.</summary>
    public long Failed { get; init; }

    /// <summary>Connecting failed or took too long.</summary>
    public long ConnectFailures { get; init; }

    /// <summary>A connection that had been used before ended before the answer was whole.</summary>
    public long ResetOnReused { get; init; }

    /// <summary>A new connection ended before the answer was whole.</summary>
    public long ResetOnFresh { get; init; }

    /// <summary>The answer did not come in time.</summary>
    public long Timeouts { get; init; }

    /// <summary>Answers with 5xx.</summary>
    public long ServerErrors { get; init; }

    /// <summary>Answers with 4xx, or of another content than was to be expected.</summary>
    public long Wrong { get; init; }

    /// <summary>Requests that a server got more than once, by their ids; <see langword="null"/> where no server counts them.</summary>
    public long? Replayed { get; init; }

    /// <summary>Requests that no server got, by their ids; <see langword="null"/> where no server counts them.</summary>
    public long? Lost { get; init; }

    /// <summary>Requests a second.</summary>
    public double Rate { get; init; }

    /// <summary>Half of the answers came within this time.</summary>
    public TimeSpan Median { get; init; }

    /// <summary>95 of 100 did.</summary>
    public TimeSpan Percentile95 { get; init; }

    /// <summary>99 of 100 did.</summary>
    public TimeSpan Percentile99 { get; init; }

    /// <summary>The slowest.</summary>
    public TimeSpan Maximum { get; init; }

    /// <summary>The longest time without a good answer.</summary>
    public TimeSpan LongestGap { get; init; }

    /// <summary>When that time began; <see langword="null"/> without any request.</summary>
    public DateTimeOffset? LongestGapStart { get; init; }

    /// <summary>When the first of the requests that failed was due; <see langword="null"/> if none did.</summary>
    public DateTimeOffset? FirstFailure { get; init; }

    /// <summary>When the last of them was due.</summary>
    public DateTimeOffset? LastFailure { get; init; }

    /// <summary>Which server answered how often, where the answers say it.</summary>
    public IReadOnlyList<LoadTestShare> Servers { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Failures in words with how often each was seen, the most frequent first; at most ten.</summary>
    public IReadOnlyList<LoadTestFailure> Failures { get; init => field = Indexable.Of(value); } = [];

    /// <summary>When it began.</summary>
    public DateTimeOffset Start { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Duration { get; init; }
}

/// <summary>A server's share of the answers.</summary>
/// <param name="Server">The server, as the balancer or the application names it.</param>
/// <param name="Requests">Its answers.</param>
/// <param name="Failed">Those of them that were not good.</param>
public sealed record LoadTestShare(string Server, long Requests, long Failed);

/// <summary>A way in which requests failed.</summary>
/// <param name="Text">What happened, in words.</param>
/// <param name="Requests">How many requests.</param>
public sealed record LoadTestFailure(string Text, long Requests);
