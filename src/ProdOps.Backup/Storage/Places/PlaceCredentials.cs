using ProdOps.Servers.Secrets;

namespace ProdOps.Backup.Storage;

/// <summary>What the environment's file says about opening a place; what it does not say is taken from restic's variables.</summary>
internal sealed record PlaceCredentials
{
    /// <summary>Nothing is said.</summary>
    public static PlaceCredentials None { get; } = new();

    /// <summary>A user, an access key's id, an account.</summary>
    public string? User { get; init; }

    /// <summary>What proves it.</summary>
    public SecretSource? Secret { get; init; }

    /// <summary>An S3 bucket's region.</summary>
    public string? Region { get; init; }
}
