using ProdOps.Servers.Secrets;

namespace ProdOps.Monitoring.Checks.Snmp;

/// <summary>How an agent is asked.</summary>
internal sealed record SnmpOptions
{
    public required string Host { get; init; }

    public int Port { get; init; } = 161;

    /// <summary>The object's id: numbers with dots between.</summary>
    public required string ObjectId { get; init; }

    /// <summary>The user of version 3; <see langword="null"/> for version 2c.</summary>
    public string? User { get; init; }

    /// <summary>The user's password; of version 2c the community, <c>public</c> if there is none.</summary>
    public SecretSource? Password { get; init; }

    public SnmpAuthentication Authentication { get; init; }

    public SnmpPrivacy Privacy { get; init; }

    /// <summary>The password for encryption; <see langword="null"/> for <see cref="Password"/>.</summary>
    public SecretSource? PrivacyPassword { get; init; }

    /// <summary>How long it may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);
}
