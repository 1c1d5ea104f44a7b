using System.Globalization;
using System.Management.Automation;
using ProdOps.Logging.Formats;

namespace ProdOps.Cmdlets;

/// <summary>How load balancing is shown.</summary>
public static partial class FormatHelper
{
    /// <summary>A server's state in its pool with its symbol, and in colour where the session has colours: <c>+ Up</c>.</summary>
    /// <param name="state">A state, or its name from another session.</param>
    /// <param name="style">The session's <c>$PSStyle</c>, or nothing in an engine without it.</param>
    public static string Backend(object? state, object? style) => Named<BackendServerState>(state) switch
    {
        BackendServerState.Up => Paint("+ Up", "Green", style),
        BackendServerState.Checking => Paint("~ Checking", "Yellow", style),
        BackendServerState.Drain => Paint("> Drain", "Cyan", style),
        BackendServerState.Maintenance => Paint("- Maintenance", "Cyan", style),
        BackendServerState.Down => Paint("x Down", "Red", style),
        _ => "",
    };

    /// <summary>Which of a pair a balancer is, with its symbol: <c>* Active</c>.</summary>
    /// <param name="role">A role, or its name from another session.</param>
    /// <param name="style">The session's <c>$PSStyle</c>, or nothing in an engine without it.</param>
    public static string BalancerRole(object? role, object? style) => Named<LoadBalancerRole>(role) switch
    {
        LoadBalancerRole.Single => "Single",
        LoadBalancerRole.Active => Paint("* Active", "Green", style),
        LoadBalancerRole.Standby => Paint("o Standby", "Cyan", style),
        LoadBalancerRole.Conflict => Paint("x Conflict", "Red", style),
        LoadBalancerRole.Orphaned => Paint("x Orphaned", "Red", style),
        _ => "",
    };

    /// <summary>A limit and how much of it is used: <c>maxconn 12 %</c>.</summary>
    /// <param name="limit">A limit, or nothing.</param>
    public static string BalancerLimit(object? limit) => limit is null ? "" : LimitText(PSObject.AsPSObject(limit));

    /// <summary>Limits, one a line: <c>maxconn 240 of 2000, 12 %</c>.</summary>
    /// <param name="limits">The limits of a balancer.</param>
    public static string BalancerLimits(object? limits) => Lines(limits, limit =>
        string.Create(CultureInfo.InvariantCulture, $"{limit.Properties["Name"]?.Value} {limit.Properties["Used"]?.Value:0.#} of {limit.Properties["Limit"]?.Value:0.#}, {WholePercent(Share(limit))}"));

    /// <summary>Certificates, one a line: <c>shop.example.org until 2027-01-31 (/etc/haproxy/certs/shop.pem)</c>.</summary>
    /// <param name="certificates">The certificates of a balancer.</param>
    public static string BalancerCertificates(object? certificates) => Lines(certificates, certificate =>
    {
        object? names = certificate.Properties["Names"]?.Value;
        string until = certificate.Properties["NotAfter"]?.Value is DateTimeOffset end ? end.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : $"{certificate.Properties["NotAfter"]?.Value}";
        return $"{Lines(names, name => name.ToString() ?? "").Replace("\n", ", ", StringComparison.Ordinal)} until {until} ({certificate.Properties["Path"]?.Value})";
    });

    /// <summary>How many servers of each pool take requests: <c>web 3/4, api 2/2</c>.</summary>
    /// <param name="pools">The pools of a balancer.</param>
    public static string BalancerPools(object? pools) => Lines(pools, pool => $"{pool.Properties["Name"]?.Value} {pool.Properties["Up"]?.Value}/{pool.Properties["Servers"]?.Value}").Replace("\n", ", ", StringComparison.Ordinal);

    /// <summary>The first of some texts, and how many more there are.</summary>
    /// <param name="texts">Texts, the worst first.</param>
    public static string FirstOf(object? texts) => Lines(texts, text => text.ToString() ?? "").Split('\n') switch
    {
        [var only] => only,
        [var first, .. var others] => $"{first} (+{others.Length})",
        _ => "",
    };

    /// <summary>What was done to a server, and where balancers differ: <c>drained, in maintenance (weight: lb1 100, lb2 40)</c>.</summary>
    /// <param name="action">What was done.</param>
    /// <param name="differences">Where the balancers differ.</param>
    public static string ChangeText(object? action, object? differences) => Lines(differences, text => text.ToString() ?? "") is { Length: > 0 } differ
        ? PlainText.Neutralize($"{action} ({differ.Replace("\n", "; ", StringComparison.Ordinal)})")
        : PlainText.Neutralize(action?.ToString() ?? "");

    /// <summary>A share as a percentage: <c>0.4 %</c>; nothing where it is not known.</summary>
    /// <param name="share">0 to 1, or nothing.</param>
    public static string SharePercent(object? share) => share is null ? "" : (Convert.ToDouble(share, CultureInfo.InvariantCulture) * 100).ToString("0.##", CultureInfo.InvariantCulture) + " %";

    /// <summary>Texts, one a line. Nothing in them can drive a terminal.</summary>
    /// <param name="texts">Texts.</param>
    public static string TextLines(object? texts) => Lines(texts, text => text.ToString() ?? "");

    private static string LimitText(PSObject limit) => PlainText.Neutralize($"{limit.Properties["Name"]?.Value} {WholePercent(Share(limit))}");

    private static double Share(PSObject limit) => Convert.ToDouble(limit.Properties["Share"]?.Value ?? 0, CultureInfo.InvariantCulture) * 100;

    private static string Lines(object? items, Func<PSObject, string> text) => (items is PSObject wrapped ? wrapped.BaseObject : items) is System.Collections.IEnumerable many and not string
        ? string.Join('\n', many.Cast<object>().Select(PSObject.AsPSObject).Select(item => PlainText.Neutralize(text(item))))
        : "";

    private static T? Named<T>(object? value) where T : struct, Enum => value switch
    {
        T known => known,
        PSObject { BaseObject: T known } => known,
        null => null,
        _ => Enum.TryParse<T>(value.ToString(), out var parsed) ? parsed : null,
    };
}
