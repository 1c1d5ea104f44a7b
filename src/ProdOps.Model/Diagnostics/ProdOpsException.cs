namespace ProdOps;

/// <summary>
/// A failure that ProdOps knows: a stable id, a kind, a message that says what happened, and what to do next.
/// Messages never hold a secret.
/// </summary>
public class ProdOpsException : Exception
{
    /// <summary>Makes an error from its catalogue entry.</summary>
    /// <param name="errorId">Stable Pascal-case id, e.g. <c>RepositoryNotFound</c>; scripts compare it.</param>
    /// <param name="kind">What sort of failure it is.</param>
    /// <param name="message">What happened, in a sentence that names the thing.</param>
    /// <param name="recommendation">What to do next, or <see langword="null"/>.</param>
    /// <param name="innerException">The failure below, or <see langword="null"/>.</param>
    public ProdOpsException(string errorId, ErrorKind kind, string message, string? recommendation = null, Exception? innerException = null)
        : base(message, innerException)
    {
        ErrorId = errorId;
        Kind = kind;
        Recommendation = recommendation;
    }

    /// <summary>The stable id, the first part of PowerShell's FullyQualifiedErrorId.</summary>
    public string ErrorId { get; }

    /// <summary>What sort of failure it is.</summary>
    public ErrorKind Kind { get; }

    /// <summary>What to do next; PowerShell shows it as "Recommendation".</summary>
    public string? Recommendation { get; }

    /// <summary>What the user named: a path, a server, a repository.</summary>
    public object? Target { get; init; }
}
