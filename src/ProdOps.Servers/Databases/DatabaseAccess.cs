using ProdOps.Servers.Secrets;

namespace ProdOps.Servers.Databases;

/// <summary>How a database server is reached from the machine that its client runs on.</summary>
internal sealed record DatabaseAccess
{
    /// <summary>A host, or the path of a socket (for PostgreSQL of its folder); <see langword="null"/> is what the client takes by itself.</summary>
    public string? Host { get; init; }

    /// <summary>A port; 0 is what the client takes by itself.</summary>
    public int Port { get; init; }

    /// <summary>The database's user; <see langword="null"/> is who the client runs as.</summary>
    public string? User { get; init; }

    /// <summary>The password, if one is needed.</summary>
    public SecretSource? Password { get; init; }

    /// <summary>Whether the client reads no settings of the machine: what they say is meant for another server.</summary>
    public bool IgnoresSettings { get; init; }

    public bool IsSocket => Host?.StartsWith('/') == true;

    /// <summary>Neither a place nor a user was named: the database's own system user is let in without a password, so the client runs as it.</summary>
    public bool IsDefault => Host is null && User is null;
}
