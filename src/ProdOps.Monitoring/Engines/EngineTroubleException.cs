namespace ProdOps.Monitoring.Engines;

/// <summary>A failure of an engine that may be gone when it is asked again.</summary>
internal sealed class EngineTroubleException(string errorId, ErrorKind kind, string message, string recommendation, Exception? inner = null) : ProdOpsException(errorId, kind, message, recommendation, inner)
{
    /// <summary>What was sent may have been taken, though the answer did not come.</summary>
    public bool MayHaveArrived { get; init; }
}
