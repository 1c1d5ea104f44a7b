using System.Globalization;
using System.Text.RegularExpressions;
using static System.FormattableString;

namespace ProdOps.Monitoring.Checks.Http;

/// <summary>Asks a web address: what it answers, how soon, and how long its certificate is good for. Two results for https, one for http.</summary>
/// <param name="subject">What the result is called; the certificate's is called <c>certificate</c>, of host and port.</param>
/// <param name="options">What is asked and expected.</param>
/// <param name="time">The clock.</param>
internal sealed class HttpCheck(CheckSubject subject, HttpCheckOptions options, TimeProvider time) : IHealthCheck
{
    /// <summary>What the results of an address are called that nobody has named.</summary>
    public static CheckSubject SubjectOf(Uri url) => new(url.Host, "http", Shown(url));

    public async Task<IReadOnlyList<HealthCheckResult>> RunAsync(CancellationToken cancellationToken)
    {
        using var exchange = new HttpExchange(options, time);
        var run = new CheckRun(subject, options.Timeout, time) { Describe = exchange.Describe };
        var results = await run.OneAsync((blank, limit) => AskAsync(exchange, blank, limit), cancellationToken).ConfigureAwait(false);
        return exchange.Certificate is { } certificate ? [.. results, CertificateCheck.Judge(certificate, exchange.Distrust, options, subject.Server, time.GetUtcNow())] : results;
    }

    private async Task<HealthCheckResult> AskAsync(HttpExchange exchange, HealthCheckResult blank, CancellationToken limit)
    {
        long begun = time.GetTimestamp();
        using var response = await exchange.SendAsync(limit).ConfigureAwait(false);
        var firstByte = time.GetElapsedTime(begun);
        string body = await exchange.BodyAsync(response, limit).ConfigureAwait(false);
        var elapsed = time.GetElapsedTime(begun);
        var (state, message) = Judge(response, body, elapsed);
        return blank with
        {
            State = state,
            Message = message,
            Value = elapsed.TotalSeconds,
            Unit = "s",
            Warning = LimitText(options.Seconds.Warning),
            Critical = LimitText(options.Seconds.Critical),
            Metrics = Metrics(exchange, response, firstByte, elapsed, blank.Time),
        };
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
        (string Name, double Value)[] values =
        [
            ("http.resolve", exchange.Resolve.TotalSeconds), ("http.connect", exchange.Connect.TotalSeconds), ("http.tls", exchange.Tls.TotalSeconds),
            ("http.first", firstByte.TotalSeconds), ("http.time", elapsed.TotalSeconds), ("http.status", (int)response.StatusCode),
        ];
        return [.. values.Where(value => value.Name != "http.tls" || exchange.Certificate is not null).Select(value => subject.Sample(value.Name, value.Value, now))];
    }

    // Neither a password nor a token in a query is shown.
    private static string Shown(Uri url) => url.IsAbsoluteUri
        ? url.GetComponents(UriComponents.Scheme | UriComponents.Host | UriComponents.Port | UriComponents.Path, UriFormat.UriEscaped)
        : url.ToString().Split('?')[0];

    private static string LimitText(double? seconds) => seconds is { } value ? string.Create(CultureInfo.InvariantCulture, $">= {value:0.###} s") : "";
}
