using System.Globalization;
using System.Management.Automation;
using ProdOps.Logging.Formats;
using ProdOps.Monitoring.Watching;

namespace ProdOps.Cmdlets;

/// <summary>How health is shown.</summary>
public static partial class FormatHelper
{
    /// <summary>A state with its symbol, and in colour where the session has colours: <c>! Warning</c>.</summary>
    /// <param name="state">A health state, or its name from another session.</param>
    /// <param name="style">The session's <c>$PSStyle</c>, or nothing in an engine without it.</param>
    public static string Health(object? state, object? style) => StateOf(state) is { } known ? Painter(style)(known, HealthTable.Word(known)) : "";

    /// <summary>Puts texts into the colours of states, where the session has colours.</summary>
    /// <param name="style">The session's <c>$PSStyle</c>, or nothing in an engine without it.</param>
    internal static Func<HealthState, string, string> Painter(object? style) => (state, text) => Paint(text, state switch
    {
        HealthState.OK => "Green",
        HealthState.Warning => "Yellow",
        HealthState.Critical => "Red",
        HealthState.Maintenance => "Cyan",
        _ => "Magenta",
    }, style);

    /// <summary>A percentage as it comes, to the whole: <c>71 %</c>; nothing where it is not known.</summary>
    /// <param name="percent">0 to 100, or nothing.</param>
    public static string WholePercent(object? percent) =>
        percent is null ? "" : Convert.ToDouble(percent, CultureInfo.InvariantCulture).ToString("0", CultureInfo.InvariantCulture) + " %";

    /// <summary>The worst problem in words, and how many more there are. Nothing in it can drive a terminal.</summary>
    /// <param name="problems">The problems of a server, the worst first.</param>
    public static string WorstProblem(object? problems) => Problems(problems) switch
    {
        [] => "",
        [var only] => only,
        [var first, .. var others] => $"{first} (+{others.Length})",
    };

    /// <summary>All problems in words, one a line.</summary>
    /// <param name="problems">The problems of a server.</param>
    public static string ProblemLines(object? problems) => string.Join('\n', Problems(problems));

    /// <summary>A value with its unit: <c>85.2 %</c>, <c>1.46 GiB</c>, <c>12 ms</c>.</summary>
    /// <param name="value">A number, or nothing.</param>
    /// <param name="unit">Its unit.</param>
    public static string Measured(object? value, object? unit) =>
        value is null or double.NaN ? "" : Text(HealthThreshold.Format(Convert.ToDouble(value, CultureInfo.InvariantCulture), unit?.ToString() ?? ""));

    /// <summary>Samples, one a line: <c>http.connect 0.31 ms</c>.</summary>
    /// <param name="samples">Metric samples.</param>
    public static string MetricLines(object? samples) => (samples is PSObject wrapped ? wrapped.BaseObject : samples) is System.Collections.IEnumerable many
        ? string.Join('\n', many.Cast<object>().Select(PSObject.AsPSObject).Select(sample => PlainText.Neutralize($"{sample.Properties["Name"]?.Value} {Measured(sample.Properties["Value"]?.Value, sample.Properties["Unit"]?.Value)}")))
        : "";

    private static string[] Problems(object? problems) => (problems is PSObject wrapped ? wrapped.BaseObject : problems) is System.Collections.IEnumerable many
        ? [.. many.Cast<object>().Select(PSObject.AsPSObject).Select(problem => PlainText.Neutralize($"{problem.Properties["Check"]?.Value} {problem.Properties["Instance"]?.Value}".TrimEnd() + $": {problem.Properties["Message"]?.Value}"))]
        : [];

    private static HealthState? StateOf(object? state) => state switch
    {
        HealthState known => known,
        PSObject { BaseObject: HealthState known } => known,
        null => null,
        _ => Enum.TryParse<HealthState>(state.ToString(), out var parsed) ? parsed : null,
    };
}
