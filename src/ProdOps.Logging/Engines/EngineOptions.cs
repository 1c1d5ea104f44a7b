using ProdOps.Logging.Formats;
using ProdOps.Logging.Store;
using ProdOps.Servers.Secrets;

namespace ProdOps.Logging.Engines;

/// <summary>How an engine elsewhere is reached.</summary>
internal sealed record EngineOptions
{
    public required LogEngine Kind { get; init; }

    /// <summary>Where it is, without a slash at the end and without a login.</summary>
    public required Uri Url { get; init; }

    public string? User { get; init; }

    public SecretSource? Password { get; init; }

    /// <summary>A bearer token, instead of user and password.</summary>
    public SecretSource? Token { get; init; }

    /// <summary>Whose logs they are, where an engine keeps those of several.</summary>
    public string? Tenant { get; init; }

    /// <summary>A PEM file with the only authorities to trust, or <see langword="null"/> for those of the system.</summary>
    public string? CaCertificate { get; init; }

    /// <summary>Where it is noted how far logs were collected.</summary>
    public required string StateFolder { get; init; }

    public IFormatCatalog Formats { get; init; } = FormatCatalog.BuiltIn;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>An answer that stands still for so long is given up.</summary>
    public TimeSpan MaximumSilence { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>For how long the same is asked again.</summary>
    public TimeSpan RetryFor { get; init; } = TimeSpan.FromMinutes(2);

    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromMilliseconds(500);

    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How often new lines are looked for where the engine cannot hand them on by itself.</summary>
    public TimeSpan PollPause { get; init; } = TimeSpan.FromSeconds(1);
}
