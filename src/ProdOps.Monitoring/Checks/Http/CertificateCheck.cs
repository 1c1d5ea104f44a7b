using System.Security.Cryptography.X509Certificates;
using static System.FormattableString;

namespace ProdOps.Monitoring.Checks.Http;

/// <summary>How long a certificate is good for.</summary>
internal static class CertificateCheck
{
    /// <param name="certificate">The one that was shown.</param>
    /// <param name="distrust">Why it is not believed, or <see langword="null"/>.</param>
    /// <param name="options">The check it was shown to.</param>
    /// <param name="server">Whose it is.</param>
    /// <param name="now">The time.</param>
    public static HealthCheckResult Judge(X509Certificate2 certificate, string? distrust, HttpCheckOptions options, string server, DateTimeOffset now)
    {
        DateTimeOffset end = certificate.NotAfter, start = certificate.NotBefore;
        double days = (end - now).TotalDays;
        string name = certificate.GetNameInfo(X509NameType.DnsName, forIssuer: false), issuer = certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: true);
        var (state, message) = days < 0 ? (HealthState.Critical, Invariant($"expired {end.UtcDateTime:yyyy-MM-dd}"))
            : now < start ? (HealthState.Critical, Invariant($"not good before {start.UtcDateTime:yyyy-MM-dd HH:mm} UTC"))
            : distrust is not null ? (HealthState.Critical, $"not believed: {distrust}")
            : (options.CertificateDays.OfLow(days), Invariant($"good until {end.UtcDateTime:yyyy-MM-dd}, {Math.Floor(days):0} days"));
        return new HealthCheckResult
        {
            Server = server,
            Check = "certificate",
            Instance = Invariant($"{options.Url.Host}:{options.Url.Port}"),
            State = state,
            Value = Math.Round(days, 2),
            Warning = DaysText(options.CertificateDays.Warning),
            Critical = DaysText(options.CertificateDays.Critical),
            Message = $"{message}; {(name.Length > 0 ? name : certificate.Subject)}, by {issuer}",
            Metrics = [new MetricSample { Server = server, Name = "certificate.days", Instance = Invariant($"{options.Url.Host}:{options.Url.Port}"), Value = Math.Round(days, 2), Time = now }],
            Time = now,
        };
    }

    private static string DaysText(double? days) => days is { } value ? Invariant($"< {value:0.##} days") : "";
}
