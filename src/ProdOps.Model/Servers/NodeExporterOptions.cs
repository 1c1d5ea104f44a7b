namespace ProdOps;

/// <summary>Where a server's node_exporter tells of it, and who asks.</summary>
public sealed record NodeExporterOptions
{
    /// <summary>The address of its metrics, without a login; <c>{server}</c> in it stands for the server's address.</summary>
    public required string Url { get; init; }

    /// <summary>The user, if it wants a login.</summary>
    public string? User { get; init; }

    /// <summary>Where the user's password comes from.</summary>
    public SecretReference? Password { get; init; }

    /// <summary>Where a bearer token comes from, instead of a user.</summary>
    public SecretReference? Token { get; init; }

    /// <summary>A PEM file with the only authorities to trust; <see langword="null"/> for those of the system.</summary>
    public string? CaCertificate { get; init; }

    /// <summary>The address.</summary>
    /// <returns><see cref="Url"/>.</returns>
    public override string ToString() => Url;
}
