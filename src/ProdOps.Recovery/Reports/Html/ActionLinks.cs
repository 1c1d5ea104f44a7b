using ProdOps.Recovery.Html;

namespace ProdOps.Recovery.Reports.Html;

/// <summary>The pages of a console where what a report tells of is acted on. A link does nothing by itself.</summary>
internal static class ActionLinks
{
    public const string AcknowledgePath = "/acknowledge", PausePath = "/pause", ResumePath = "/resume", ForgetPath = "/forget";

    public static HtmlWriter Acknowledge(HealthEvent incident) =>
        new HtmlWriter().Add($"<a class=\"act\" href=\"{AcknowledgePath}?incident={incident.Number}\" aria-label=\"Acknowledge incident {incident.Number} of {incident.Server}\">Acknowledge</a>");

    public static HtmlWriter Pause(ServerHealth server) =>
        new HtmlWriter().Add($"<a class=\"act\" href=\"{PausePath}?server={Uri.EscapeDataString(Exactly(server.Server))}\" aria-label=\"Pause {server.Server}\">Pause</a>");

    public static HtmlWriter Pause(HealthCheckResult check) =>
        new HtmlWriter().Add($"<a class=\"act\" href=\"{PausePath}?server={Uri.EscapeDataString(Exactly(check.Server))}&amp;check={Uri.EscapeDataString(Exactly(check.Check))}{(check.Instance is { } instance ? $"&instance={Uri.EscapeDataString(Exactly(instance))}" : "")}\" aria-label=\"Pause {check.ToString()} of {check.Server}\">Pause</a>");

    /// <summary>What can be done about a check; one of which nothing is known may be of something that is gone for good.</summary>
    public static HtmlWriter Of(HealthCheckResult check) => check.State == HealthState.Unknown ? Pause(check).Add($" {Forget(check)}") : Pause(check);

    private static HtmlWriter Forget(HealthCheckResult check) =>
        new HtmlWriter().Add($"<a class=\"act\" href=\"{ForgetPath}?server={Uri.EscapeDataString(Whole(check.Server))}&amp;check={Uri.EscapeDataString(Whole(check.Check))}{(check.Instance is { } instance ? $"&instance={Uri.EscapeDataString(Whole(instance))}" : "")}\" aria-label=\"Forget {check.ToString()} of {check.Server}\">Forget</a>");

    /// <summary>The end of what is announced to the monitor; a silence ends where it was made.</summary>
    public static HtmlWriter Resume(HealthDowntime work) => work.Source.Length > 0 ? new HtmlWriter()
        : new HtmlWriter().Add($"<a class=\"act\" href=\"{ResumePath}?downtime={work.Number}\" aria-label=\"Resume {work.ToString()}\">Resume</a>");

    // Half of a pair is no text, and no address can have it.
    private static string Whole(string text) => string.Concat(text.EnumerateRunes());

    // What would be a wildcard stands for itself in brackets.
    private static string Exactly(string text) => string.Concat(text.EnumerateRunes().Select(static rune => rune.Value is '*' or '?' or '[' ? $"[{rune}]" : rune.ToString()));
}
