using System.Globalization;
using ProdOps.Monitoring.Engines;
using ProdOps.Monitoring.Notifications;

namespace ProdOps.Monitoring;

internal static partial class MonitoringErrors
{
    public const string EngineAnswerTooLongId = "MetricEngineAnswerTooLong";

    public static ProdOpsException EngineAddressInvalid(string? url) => new(
        "MetricEngineAddressInvalid", ErrorKind.InvalidArgument,
        $"'{PlainLine.OfAnswer(url)}' is no address of Prometheus or VictoriaMetrics.",
        "Write where it listens, without a login: http://metrics:8428, https://prometheus.example.org. User, Password and Token stand beside Monitoring.Url in environment.psd1.") { Target = url };

    public static ProdOpsException EngineMissing() => new(
        "MetricEngineMissing", ErrorKind.InvalidArgument,
        "A query is asked of Prometheus or VictoriaMetrics, and nobody says where one is.",
        "Name it with -Url, or as Monitoring.Engine and Url in environment.psd1.");

    public static ProdOpsException MetricSourceAmbiguous() => new(
        "MetricSourceAmbiguous", ErrorKind.InvalidArgument, "-Store and -Url do not go together: each says where the history is.", "Keep one of them.");

    public static EngineTroubleException EngineUnreachable(string url, string reason, bool isConnecting, Exception? cause) => new(
        "MetricEngineUnreachable", ErrorKind.ResourceUnavailable,
        $"The engine at {url} cannot be reached: {reason}",
        "See whether it runs and listens there, and whether a firewall is between. -Store shows what this machine has kept.", cause) { Target = url, MayHaveArrived = !isConnecting };

    public static EngineTroubleException EngineSilent(string url, TimeSpan limit) => new(
        "MetricEngineSilent", ErrorKind.Timeout,
        $"The engine at {url} did not answer within {HealthThreshold.Format(limit.TotalSeconds, "s")}.",
        "It may be overloaded, or too much was asked: ask for less (-Name, -Server, -Last).") { Target = url, MayHaveArrived = true };

    public static EngineTroubleException EngineBusy(string url, string answer) => new(
        "MetricEngineBusy", ErrorKind.ResourceBusy,
        $"The engine at {url} cannot answer now: {answer}",
        "Try again later; its own log says what keeps it.") { Target = url, MayHaveArrived = true };

    public static ProdOpsException EngineLoginFailed(string url, bool hasLogin) => new(
        "MetricEngineLoginFailed", ErrorKind.Authentication,
        hasLogin ? $"The engine at {url} does not accept the login." : $"The engine at {url} wants a login.",
        "Monitoring.User and Password, or Token, of environment.psd1 say who asks; they are for the host and port of Monitoring.Url alone.") { Target = url };

    public static ProdOpsException EngineDenied(string url, string answer) => new(
        "MetricEngineDenied", ErrorKind.PermissionDenied,
        $"The engine at {url} does not allow it: {answer}",
        "Give the user of Monitoring.User, or the token, the right to do it.") { Target = url };

    public static ProdOpsException EngineNotTrusted(string url, string reason, Exception? cause) => new(
        "MetricEngineNotTrusted", ErrorKind.Authentication,
        $"The certificate of the engine at {url} is not trusted: {reason}",
        "If an authority of your own signed it, name its PEM file as CaCertificate in environment.psd1.", cause) { Target = url };

    public static ProdOpsException EngineRefused(string url, string answer) => new(
        "MetricEngineRefused", ErrorKind.InvalidArgument,
        $"The engine at {url} refuses: {answer}",
        "A query can be tried in the engine's own web page; its limits may be too low for what was asked (-Name, -Server and -Last ask for less).") { Target = url };

    public static ProdOpsException EngineMisbehaves(string url, string what, Exception? cause = null) => new(
        "MetricEngineMisbehaves", ErrorKind.InvalidData,
        $"The engine at {url} does not answer as it should: {what}",
        "See whether the address names it, with the path before /api if it has one; a proxy between may answer in its place.", cause) { Target = url };

    public static ProdOpsException EngineAnswerTooLong(string url, int longest) => new(
        EngineAnswerTooLongId, ErrorKind.InvalidArgument,
        $"The engine at {url} answers with more than {(longest >> 20).ToString(CultureInfo.InvariantCulture)} MiB.",
        "Ask for less: -Name, -Server or a shorter time; a query can aggregate (max by (instance) (…)), and -Step can be longer.") { Target = url };

    public static ProdOpsException EngineHasNone(string what, string url, DateTimeOffset from, DateTimeOffset to) => new(
        "MetricNotFound", ErrorKind.NotFound,
        $"The engine at {url} has nothing of {what} from {from.ToLocalTime():yyyy-MM-dd HH:mm} to {to.ToLocalTime():yyyy-MM-dd HH:mm}.",
        "Get-Metric -Latest lists what it has of the monitor's. The monitor must send it (VictoriaMetrics), or be scraped (Prometheus): about_ProdOps_Monitoring.") { Target = what };

    public static ProdOpsException StepInvalid(TimeSpan step) => new(
        "MetricStepInvalid", ErrorKind.InvalidArgument, $"A value each {step} is too often, or never.", "Write -Step 1m; a second is the least.") { Target = step };

    public static ProdOpsException TooManyPoints(long points, int most) => new(
        "MetricStepInvalid", ErrorKind.InvalidArgument,
        $"{points.ToString(CultureInfo.InvariantCulture)} values of each series are more than {most.ToString(CultureInfo.InvariantCulture)}.",
        "Ask for a shorter time, or fewer values (-Step).");

    public static ProdOpsException NoTargets() => new(
        "HealthTargetsMissing", ErrorKind.InvalidArgument, "There is no environment with servers, so there are no targets.", "Name an environment.psd1 that has Servers with -Environment.");

    public static ProdOpsException DowntimeElsewhere(long downtime, string source, string silence) => new(
        "DowntimeElsewhere", ErrorKind.InvalidOperation,
        $"Downtime {downtime.ToString(CultureInfo.InvariantCulture)} is the silence {silence} of the Alertmanager at {source}.",
        $"End it there, in its web page or by: amtool silence expire {silence}. The monitor follows within half a minute.") { Target = downtime };
}
