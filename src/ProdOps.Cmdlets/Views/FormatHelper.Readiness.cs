using System.Globalization;
using System.Management.Automation;
using ProdOps.Logging.Formats;

namespace ProdOps.Cmdlets;

/// <summary>How readiness is shown.</summary>
public static partial class FormatHelper
{
    private const int ScoreWidth = 20;

    /// <summary>A status with its symbol, and in colour where the session has colours: <c>~ Partly</c>.</summary>
    /// <param name="status">A readiness status, or its name from another session.</param>
    /// <param name="style">The session's <c>$PSStyle</c>, or nothing in an engine without it.</param>
    public static string Readiness(object? status, object? style)
    {
        string word = status?.ToString() ?? "";
        var (symbol, colour) = word switch { "Met" => ('+', "Green"), "Partly" => ('~', "Yellow"), "Missing" => ('x', "Red"), _ => ('?', "Magenta") };
        return Paint($"{symbol} {word}", colour, style);
    }

    /// <summary>Points of a hundred, never rounded up: <c>71.5</c>.</summary>
    /// <param name="points">0 to 100, or nothing.</param>
    public static string Score(object? points) => points is null ? "" : Convert.ToDouble(points, CultureInfo.InvariantCulture).ToString("0.#", CultureInfo.InvariantCulture);

    /// <summary>Each area with a bar and what its items are, one a line.</summary>
    /// <param name="areas">Scores of areas.</param>
    public static string ReadinessAreas(object? areas) => string.Join('\n', Each(areas).Select(static area =>
    {
        double score = Convert.ToDouble(area.Properties["Score"]?.Value, CultureInfo.InvariantCulture);
        int full = Math.Clamp((int)Math.Floor(score / 100 * ScoreWidth), 0, ScoreWidth);
        string bar = new string('\u2588', full) + new string('\u2591', ScoreWidth - full);
        return $"{area.Properties["Area"]?.Value,-13} {bar} {Score(score),5}  {area.Properties["Met"]?.Value} met, {area.Properties["Partly"]?.Value} partly, {area.Properties["Missing"]?.Value} missing, {area.Properties["Unknown"]?.Value} unknown";
    }));

    /// <summary>What to do next, one a line: what it brings, and the command.</summary>
    /// <param name="steps">Readiness items, the best first.</param>
    public static string NextSteps(object? steps) => string.Join('\n', Each(steps).Select(static step =>
        PlainText.Neutralize($"+{Score(step.Properties["Gain"]?.Value)} {step.Properties["Name"]?.Value}: {(step.Properties["Advice"]?.Value is string { Length: > 0 } advice ? advice : step.Properties["Message"]?.Value)}")));

    /// <summary>What proves something, in a line.</summary>
    /// <param name="evidence">Any object.</param>
    public static string Evidence(object? evidence) => Unwrap(evidence) switch
    {
        null => "",
        DateTimeOffset moment => Moment(moment),
        var other => PlainText.Neutralize($"{other.GetType().Name} {(other.ToString() is { } text && text.StartsWith(other.GetType().Name, StringComparison.Ordinal) ? "" : other)}".TrimEnd()),
    };

    private static IEnumerable<PSObject> Each(object? values) => Unwrap(values) is System.Collections.IEnumerable many ? many.Cast<object>().Select(PSObject.AsPSObject) : [];
}
