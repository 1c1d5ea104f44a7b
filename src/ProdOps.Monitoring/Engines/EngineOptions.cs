using ProdOps.Servers.Secrets;

namespace ProdOps.Monitoring.Engines;

/// <summary>How something elsewhere that has Prometheus' or Alertmanager's HTTP API is reached.</summary>
internal sealed record EngineOptions
{
    /// <summary>Where it is, with the path that it may have, without a login.</summary>
    public required Uri Url { get; init; }

    public string? User { get; init; }

    public SecretSource? Password { get; init; }

    /// <summary>A bearer token, instead of user and password.</summary>
    public SecretSource? Token { get; init; }

    /// <summary>A PEM file with the only authorities to trust, or <see langword="null"/> for those of the system.</summary>
    public string? CaCertificate { get; init; }

    /// <summary>How long a question and its answer may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The most bytes of an answer that are read.</summary>
    public int LongestAnswer { get; init; } = 32 * 1024 * 1024;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>What an environment says of its engine.</summary>
    /// <param name="options">What the environment says.</param>
    /// <param name="url">Another place to ask, which gets the environment's login only if it is the same host and port.</param>
    /// <param name="vault">What reads the session's vaults, or <see langword="null"/> where there is no session.</param>
    /// <exception cref="ProdOpsException">The address is none.</exception>
    public static EngineOptions Of(MonitoringOptions options, string? url, ISecretVault? vault)
    {
        var place = Place(url ?? options.Url);
        // A login is for the place that it was written down for.
        bool isOwn = url is null || (options.Url is not null && Place(options.Url) is var own && own.Scheme == place.Scheme && own.Authority.Equals(place.Authority, StringComparison.OrdinalIgnoreCase));
        var known = isOwn ? options : new MonitoringOptions();
        return new EngineOptions
        {
            Url = place,
            User = known.User,
            Password = known.Password is { } password ? SecretSource.From(password, vault) : null,
            Token = known.Token is { } token ? SecretSource.From(token, vault) : null,
            CaCertificate = known.CaCertificate,
        };
    }

    /// <summary>An address without a login, a query or a fragment.</summary>
    /// <exception cref="ProdOpsException">It is none.</exception>
    public static Uri Place(string? text)
    {
        if (Uri.TryCreate(text?.TrimEnd('/'), UriKind.Absolute, out var url) && url is { Scheme: "http" or "https", Host.Length: > 0, UserInfo.Length: 0, Query.Length: 0, Fragment.Length: 0 }) return url;
        throw MonitoringErrors.EngineAddressInvalid(url is { UserInfo.Length: > 0 } ? url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped) : text);
    }
}
