namespace ProdOps.Backup.Storage;

/// <summary>A failure of a remote place that may be gone when it is asked again. Each place decides what is one; <see cref="ResilientStorage"/> asks again.</summary>
internal sealed class StorageTroubleException(string errorId, ErrorKind kind, string message, string? recommendation = null, Exception? inner = null)
    : ProdOpsException(errorId, kind, message, recommendation, inner)
{
    /// <summary>How long the server wants to be left alone.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>No connection came about. Before one ever did, the address is likelier to be wrong than the network to be down.</summary>
    public bool IsConnecting { get; init; }
}
