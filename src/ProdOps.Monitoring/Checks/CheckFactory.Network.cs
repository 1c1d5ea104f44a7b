using System.Text.RegularExpressions;
using ProdOps.Monitoring.Checks.Http;

namespace ProdOps.Monitoring.Checks;

/// <content>Checks that only need the network.</content>
internal sealed partial class CheckFactory
{
    private static readonly TimeSpan LongestMatch = TimeSpan.FromSeconds(1), LongestEcho = TimeSpan.FromSeconds(2);

    private HttpCheck Http(HealthCheckDefinition definition, Server server, CheckSubject subject)
    {
        string target = TargetOf(definition, server);
        if (!Uri.TryCreate(target, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.IdnHost.Length == 0)
            throw Invalid(definition, "its Target is no web address", "Write Target = 'https://host/path'; {server} in it stands for the server's address.");
        var (lowest, highest) = definition.Status switch
        {
            [var only] => (only, only),
            [var from, var to] when from <= to => (from, to),
            _ => throw Invalid(definition, "its Status is neither one number nor a lowest and a highest", "Write Status = 200, 299."),
        };
        return new HttpCheck(subject, new HttpCheckOptions
        {
            Url = url,
            Method = definition.Method,
            Headers = [.. definition.Headers.Select(header => HeaderOf(definition, header))],
            Body = definition.Send,
            User = definition.User,
            Password = SecretOf(definition.Password),
            Status = (lowest, highest),
            Contains = definition.Expect,
            Matches = ExpressionOf(definition),
            ConnectTo = AddressIn(definition, server) ?? (findServer(url.Host) is { } known ? AddressOf(known) : null),
            CaCertificate = definition.CaCertificate,
            Timeout = definition.Timeout,
            Seconds = JudgesByRules(definition) ? default : new HttpCheckOptions { Url = url }.Seconds,
        }, time);
    }

    private TcpCheck Tcp(HealthCheckDefinition definition, Server server, CheckSubject subject)
    {
        var (host, port) = PlaceOf(definition, server);
        if (port is not { } number) throw Invalid(definition, "it names no port", "Write Target = 'host:port', or a port alone for the server itself.");
        var options = new TcpCheckOptions { Send = definition.Send, Expect = definition.Expect, Timeout = definition.Timeout };
        return new TcpCheck(subject, host, number, JudgesByRules(definition) ? options with { Seconds = default } : options, time);
    }

    private PingCheck Ping(HealthCheckDefinition definition, Server server, CheckSubject subject)
    {
        var (host, _) = PlaceOf(definition, server);
        var options = new PingCheckOptions();
        var each = definition.Timeout / options.Count;
        options = options with { Timeout = each < LongestEcho ? each : LongestEcho };
        return new PingCheck(subject, host, JudgesByRules(definition) ? options with { Seconds = default } : options, time);
    }

    /// <summary>What a definition has thresholds for is judged by them, and the check's own limits do not get in between.</summary>
    private static bool JudgesByRules(HealthCheckDefinition definition) => definition.Warning is not null || definition.Critical is not null;

    private static KeyValuePair<string, string> HeaderOf(HealthCheckDefinition definition, string header)
    {
        int colon = header.IndexOf(':', StringComparison.Ordinal);
        if (colon < 1 || header.AsSpan().ContainsAny('\r', '\n')) throw Invalid(definition, "one of its Headers is none", "Write each as 'Name: value'.");
        return new(header[..colon].Trim(), header[(colon + 1)..].Trim());
    }

    private static Regex? ExpressionOf(HealthCheckDefinition definition)
    {
        if (definition.Matches is not { } expression) return null;
        try
        {
            return new Regex(expression, RegexOptions.CultureInvariant, LongestMatch);
        }
        catch (ArgumentException error)
        {
            throw Invalid(definition, $"'{expression}' is no regular expression: {error.Message}", "Correct Matches, or use Expect for a text that must be in the answer.");
        }
    }
}
