namespace ProdOps.Logging.Engines;

/// <summary>A failure of an engine that may be gone when it is asked again.</summary>
internal sealed class EngineTroubleException(string errorId, ErrorKind kind, string message, string? recommendation = null, Exception? inner = null)
    : ProdOpsException(errorId, kind, message, recommendation, inner)
{
    /// <summary>How long the engine wants to be left alone.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>What was sent may have been taken, though the answer did not come.</summary>
    public bool MayHaveArrived { get; init; }
}
