using ProdOps.Logging.Collecting;
using ProdOps.Logging.Engines.Loki;
using ProdOps.Logging.Engines.VictoriaLogs;
using ProdOps.Logging.Searching;
using ProdOps.Logging.Store;
using ProdOps.Servers.FileSystem;
using ProdOps.Servers.Secrets;

namespace ProdOps.Logging.Engines;

/// <summary>Opens the engine that an environment names.</summary>
internal static class LogEngines
{
    /// <summary>Opens an engine. Nothing is asked of it yet.</summary>
    /// <param name="logging">What the environment says; it names an engine.</param>
    /// <param name="vault">What reads the session's secrets, or <see langword="null"/>.</param>
    /// <param name="formats">The formats there are.</param>
    /// <param name="activity">Told what is asked, and what goes wrong on the way.</param>
    /// <exception cref="ProdOpsException">LogEngineNotSupported, LogEngineAddressInvalid, LogEngineStateMissing, LogEngineCaCertificateUnreadable.</exception>
    public static OpenEngine Open(LoggingOptions logging, ISecretVault? vault, IFormatCatalog formats, IActivity activity)
    {
        var kind = logging.Engine ?? throw new ArgumentException("No engine is named.", nameof(logging));
        if (!Uri.TryCreate(logging.Url?.TrimEnd('/'), UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.UserInfo.Length > 0 || url.Query.Length > 0 || url.Fragment.Length > 0)
            throw LoggingErrors.EngineAddressInvalid(url is { UserInfo.Length: > 0 } ? url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped) : logging.Url);
        return Open(new EngineOptions
        {
            Kind = kind,
            Url = url,
            User = logging.User,
            Password = logging.Password is { } password ? SecretSource.From(password, vault) : null,
            Token = logging.Token is { } token ? SecretSource.From(token, vault) : null,
            Tenant = logging.Tenant,
            CaCertificate = logging.CaCertificate,
            // The same engine by another path or port may be another, and each tenant has logs of its own.
            StateFolder = Path.Combine(UserFolders.State ?? throw LoggingErrors.EngineHasNoState(), "logging", StoreNames.Encode($"{url.Authority}{url.AbsolutePath.TrimEnd('/')}{(logging.Tenant is { } tenant ? $" {tenant}" : "")}")),
            Formats = formats,
        }, activity);
    }

    public static OpenEngine Open(EngineOptions options, IActivity activity)
    {
        if (options.Kind is not (LogEngine.VictoriaLogs or LogEngine.Loki)) throw LoggingErrors.EngineNotSupported(options.Kind);
        var http = new EngineHttp(options, activity);
        return options.Kind == LogEngine.Loki
            ? new OpenEngine(new LokiSearch(http, options, activity), new EngineSink(new LokiPush(http, activity), options), http)
            : new OpenEngine(new VictoriaLogsSearch(http, options, activity), new EngineSink(new VictoriaLogsPush(http, activity), options), http);
    }
}

/// <summary>An engine that answers and takes lines.</summary>
/// <param name="Search">What answers queries.</param>
/// <param name="Sink">What takes lines.</param>
/// <param name="Connections">Closed when it is over.</param>
internal sealed record OpenEngine(ILogSearch Search, ILogSink Sink, IDisposable Connections) : IDisposable
{
    public void Dispose() => Connections.Dispose();
}
