using System.Globalization;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using System.Text.RegularExpressions;
using static System.FormattableString;

namespace ProdOps.Monitoring.Checks.Http;

/// <summary>Asks a web address: what it answers, how soon, and how long its certificate is good for. Two results for https, one for http.</summary>
internal sealed class HttpCheck(HttpCheckOptions options, TimeProvider time) : IHealthCheck
{
    private readonly string _server = options.Server ?? options.Url.Host;

    // Neither a password nor a token in a query is shown.
    private readonly string _shown = options.Url.GetComponents(UriComponents.Scheme | UriComponents.Host | UriComponents.Port | UriComponents.Path, UriFormat.UriEscaped);

    public async Task<IReadOnlyList<HealthCheckResult>> RunAsync(CancellationToken cancellationToken)
    {
        using var exchange = new HttpExchange(options, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.Timeout);
        long begun = time.GetTimestamp();
        var result = new HealthCheckResult { Server = _server, Check = "http", Instance = _shown, Unit = "s", Time = time.GetUtcNow(), Warning = LimitText(options.Seconds.Warning), Critical = LimitText(options.Seconds.Critical) };
        try
        {
            using var response = await exchange.SendAsync(limit.Token).ConfigureAwait(false);
            var firstByte = time.GetElapsedTime(begun);
            string body = await ReadAsync(response, limit.Token).ConfigureAwait(false);
            var elapsed = time.GetElapsedTime(begun);
            var (state, message) = Judge(response, body, elapsed);
            result = result with { State = state, Message = message, Value = elapsed.TotalSeconds, Duration = elapsed, Metrics = Metrics(exchange, response, firstByte, elapsed, result.Time) };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            result = result with { State = HealthState.Critical, Duration = time.GetElapsedTime(begun), Message = Invariant($"no answer within {options.Timeout.TotalSeconds:0.###} s") };
        }
        catch (Exception error) when (error is HttpRequestException or IOException or SocketException or AuthenticationException)
        {
            result = result with { State = HealthState.Critical, Duration = time.GetElapsedTime(begun), Message = Describe(error, exchange) };
        }

        return exchange.Certificate is { } certificate ? [result, CertificateCheck.Judge(certificate, exchange.Distrust, options, _server, time.GetUtcNow())] : [result];
    }

    private (HealthState State, string Message) Judge(HttpResponseMessage response, string body, TimeSpan elapsed)
    {
        int status = (int)response.StatusCode;
        string took = Invariant($"{status} {response.ReasonPhrase} in {elapsed.TotalSeconds:0.000} s").Replace("  ", " ", StringComparison.Ordinal);
        if (status < options.Status.Lowest || status > options.Status.Highest)
        {
            string where = response.Headers.Location is { } location ? $", to {Shown(location)}" : "";
            string wanted = options.Status.Lowest == options.Status.Highest ? Invariant($"{options.Status.Lowest}") : Invariant($"{options.Status.Lowest} to {options.Status.Highest}");
            return (HealthState.Critical, $"{took}{where}; expected {wanted}");
        }

        if (options.Contains is { } text && !body.Contains(text, StringComparison.Ordinal)) return (HealthState.Critical, $"{took}, but the answer does not hold '{text}'");
        try
        {
            if (options.Matches is { } expression && !expression.IsMatch(body)) return (HealthState.Critical, $"{took}, but the answer does not match '{expression}'");
        }
        catch (RegexMatchTimeoutException)
        {
            return (HealthState.Unknown, $"{took}, but matching '{options.Matches}' took too long");
        }

        return (options.Seconds.OfHigh(elapsed.TotalSeconds), took);
    }

    private MetricSample[] Metrics(HttpExchange exchange, HttpResponseMessage response, TimeSpan firstByte, TimeSpan elapsed, DateTimeOffset now)
    {
        (string Name, double Value, string Unit)[] values =
        [
            ("http.resolve", exchange.Resolve.TotalSeconds, "s"), ("http.connect", exchange.Connect.TotalSeconds, "s"), ("http.tls", exchange.Tls.TotalSeconds, "s"),
            ("http.first", firstByte.TotalSeconds, "s"), ("http.time", elapsed.TotalSeconds, "s"), ("http.status", (int)response.StatusCode, ""),
        ];
        return [.. values.Where(value => value.Name != "http.tls" || exchange.Certificate is not null)
            .Select(value => new MetricSample { Server = _server, Name = value.Name, Instance = _shown, Value = value.Value, Unit = value.Unit, Time = now })];
    }

    private async Task<string> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[16 * 1024];
        var body = new MemoryStream();
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        int length;
        while (body.Length < options.MaximumBody && (length = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
            body.Write(buffer, 0, (int)Math.Min(length, options.MaximumBody - body.Length));
        return Encoding.UTF8.GetString(body.GetBuffer(), 0, (int)body.Length);
    }

    private string Describe(Exception error, HttpExchange exchange)
    {
        if (exchange.Distrust is { } distrust) return $"the certificate is not believed: {distrust}";
        for (Exception? cause = error; cause is not null; cause = cause.InnerException)
        {
            if (cause is SocketException socket) return NetworkConnect.Describe(socket, options.ConnectTo ?? options.Url.Host, options.Url.Port);
            if (cause is AuthenticationException tls) return $"TLS did not come about: {tls.Message}";
        }

        return error.Message;
    }

    private static string Shown(Uri location) => location.IsAbsoluteUri
        ? location.GetComponents(UriComponents.Scheme | UriComponents.Host | UriComponents.Port | UriComponents.Path, UriFormat.UriEscaped)
        : location.ToString().Split('?')[0];

    private static string LimitText(double? seconds) => seconds is { } value ? string.Create(CultureInfo.InvariantCulture, $">= {value:0.###} s") : "";
}
