using System.Globalization;
using System.Net;
using System.Security.Authentication;
using System.Text;
using Polly;
using Polly.Retry;
using ProdOps.Servers.Connections;
using ProdOps.Servers.Secrets;

namespace ProdOps.Logging.Engines;

/// <summary>Asks an engine over HTTP: with a login, in time, again where that helps, and with what goes wrong as an error of the catalogue.</summary>
internal sealed class EngineHttp : IDisposable
{
    /// <summary>Names whose logs they are, where an engine keeps those of several.</summary>
    public const string TenantHeader = "X-Scope-OrgID";

    // Of an answer that is an error only the beginning is read.
    private const int LongestError = 4096;

    private static readonly ResiliencePropertyKey<string> Operation = new("operation");
    private static readonly ResiliencePropertyKey<long> Started = new("started");

    private readonly EngineOptions _options;
    private readonly IActivity _activity;
    private readonly HttpClient _client;
    private readonly ResiliencePipeline _pipeline;
    private readonly CertificateTrust _trust;

    public EngineHttp(EngineOptions options, IActivity activity)
    {
        (_options, _activity) = (options, activity);
        Login = new HttpLogin(options.Token, options.User, options.Password);
        Location = options.Url.AbsoluteUri.TrimEnd('/');
        _trust = new CertificateTrust(options.CaCertificate, LoggingErrors.EngineCaUnreadable);
        Handler = new SocketsHttpHandler
        {
            // The login must not follow a redirection to somebody else.
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.GZip,
            ConnectTimeout = TimeSpan.FromSeconds(15),
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
            SslOptions = _trust.Options,
        };
        _client = new HttpClient(Handler, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.UserAgent.ParseAdd("ProdOps");
        if (options.Tenant is { } tenant) _client.DefaultRequestHeaders.TryAddWithoutValidation(TenantHeader, tenant);
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = options.Time }.AddRetry(new RetryStrategyOptions
        {
            MaxRetryAttempts = int.MaxValue,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = options.FirstDelay,
            MaxDelay = options.LongestDelay,
            ShouldHandle = attempt => ValueTask.FromResult(attempt.Outcome.Exception is EngineTroubleException
                && options.Time.GetElapsedTime(attempt.Context.Properties.GetValue(Started, 0L)) < options.RetryFor),
            // An engine may say when, but not that we wait for a day.
            DelayGenerator = attempt => ValueTask.FromResult(
                attempt.Outcome.Exception is EngineTroubleException { RetryAfter: { } after } ? (TimeSpan?)(after < options.LongestDelay ? after : options.LongestDelay) : null),
            OnRetry = attempt =>
            {
                _activity.Verbose(string.Create(CultureInfo.InvariantCulture,
                    $"Trying again in {attempt.RetryDelay.TotalSeconds:0.0} s to {attempt.Context.Properties.GetValue(Operation, "")} (attempt {attempt.AttemptNumber + 2}): {attempt.Outcome.Exception?.Message}"));
                return ValueTask.CompletedTask;
            },
        }).Build();
    }

    /// <summary>The engine, for messages.</summary>
    public string Location { get; }

    /// <summary>Whose logs they are, if that is said.</summary>
    public string? Tenant => _options.Tenant;

    /// <summary>What connections are made with.</summary>
    public SocketsHttpHandler Handler { get; }

    /// <summary>Does something, and again if it fails in a way that may pass.</summary>
    /// <param name="operation">What it is, for the log: "search".</param>
    /// <param name="action">Asks and reads the whole answer.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<T> RunAsync<T>(string operation, Func<CancellationToken, Task<T>> action, CancellationToken cancellationToken)
    {
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(Operation, operation);
        context.Properties.Set(Started, _options.Time.GetTimestamp());
        try
        {
            return await _pipeline.ExecuteAsync(static async (context, action) => await action(context.CancellationToken).ConfigureAwait(false), context, action).ConfigureAwait(false);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    /// <summary>Asks once, and hands the body of a good answer (2xx) to a reader.</summary>
    /// <param name="request">The request. It is disposed here.</param>
    /// <param name="read">Reads the body, telling the watch that it goes on.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<T> AskAsync<T>(HttpRequestMessage request, Func<Stream, EngineWatch, Task<T>> read, CancellationToken cancellationToken)
    {
        using (request)
        {
            request.Headers.Authorization = await Login.GetAsync(cancellationToken).ConfigureAwait(false);
            using var watch = new EngineWatch(_options, cancellationToken);
            try
            {
                using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, watch.Token).ConfigureAwait(false);
                watch.Alive();
                await using var body = await response.Content.ReadAsStreamAsync(watch.Token).ConfigureAwait(false);
                if (!response.IsSuccessStatusCode) throw await ErrorOfAsync(response, body, watch).ConfigureAwait(false);
                return await read(body, watch).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (watch.HasStalled)
            {
                throw LoggingErrors.EngineSilent(Location, _options.MaximumSilence);
            }
            catch (HttpRequestException error)
            {
                throw Translate(error);
            }
            catch (IOException error)
            {
                throw LoggingErrors.EngineUnreachable(Location, error.Message, isConnecting: false, error);
            }
        }
    }

    /// <summary>The error of a request that got no answer.</summary>
    public ProdOpsException Translate(HttpRequestException error)
    {
        if (error.HttpRequestError == HttpRequestError.SecureConnectionError && error.InnerException is AuthenticationException)
            return LoggingErrors.EngineNotTrusted(Location, _trust.Distrust ?? error.InnerException.Message, error);
        bool connecting = error.HttpRequestError is HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.ProxyTunnelError;
        return LoggingErrors.EngineUnreachable(Location, (error.InnerException as System.Net.Sockets.SocketException)?.Message ?? error.Message, connecting, error);
    }

    /// <summary>Who asks, for what does not go through here.</summary>
    public HttpLogin Login { get; }

    public void Dispose()
    {
        _client.Dispose();
        Handler.Dispose();
    }

    private async Task<ProdOpsException> ErrorOfAsync(HttpResponseMessage response, Stream body, EngineWatch watch)
    {
        byte[] buffer = new byte[LongestError];
        int length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, watch.Token).ConfigureAwait(false);
        int status = (int)response.StatusCode;
        // What it says may repeat what it was sent.
        string said = SecretRedactor.Shared.Redact(EngineText.Clean(Encoding.UTF8.GetString(buffer, 0, length)));
        string answer = said.Length == 0 ? $"HTTP {status}" : $"{said} (HTTP {status})";
        return response.StatusCode switch
        {
            HttpStatusCode.Unauthorized => LoggingErrors.EngineLoginFailed(Location, Login.IsGiven),
            HttpStatusCode.Forbidden => LoggingErrors.EngineDenied(Location, answer),
            HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout
                => LoggingErrors.EngineBusy(Location, answer, RetryAfter(response)),
            >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest => LoggingErrors.EngineMisbehaves(Location, $"it sends us to another address (HTTP {status})"),
            HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed => LoggingErrors.EngineMisbehaves(Location, $"it does not know what was asked: {answer}"),
            // Loki says so when a part of it is not there yet.
            HttpStatusCode.InternalServerError when _options.Kind == LogEngine.Loki => LoggingErrors.EngineBusy(Location, answer, RetryAfter(response)),
            _ => LoggingErrors.EngineRefused(Location, answer, response.StatusCode, Encoding.UTF8.GetString(buffer, 0, length)),
        };
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date - _options.Time.GetUtcNow() is var wait && wait > TimeSpan.Zero => wait,
        _ => null,
    };
}

/// <summary>Ends an exchange in which nothing moves any more.</summary>
internal sealed class EngineWatch : IDisposable
{
    private readonly TimeSpan _silence;
    private readonly CancellationToken _caller;
    private readonly CancellationTokenSource _limit, _both;

    public EngineWatch(EngineOptions options, CancellationToken cancellationToken)
    {
        (_silence, _caller) = (options.MaximumSilence, cancellationToken);
        _limit = new CancellationTokenSource(_silence, options.Time);
        _both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _limit.Token);
    }

    /// <summary>Cancelled by the caller, or because of silence.</summary>
    public CancellationToken Token => _both.Token;

    /// <summary>Whether it was silence.</summary>
    public bool HasStalled => _limit.IsCancellationRequested && !_caller.IsCancellationRequested;

    /// <summary>Something moved.</summary>
    public void Alive() => _limit.CancelAfter(_silence);

    public void Dispose()
    {
        _both.Dispose();
        _limit.Dispose();
    }
}
