using ProdOps.Recovery.Readiness;
using static System.FormattableString;

namespace ProdOps.Recovery.Reports.Html;

/// <summary>Figures, states and times as the report has them: a state is a symbol and a word, and its colour says nothing more.</summary>
internal static class ReportText
{
    /// <summary>The class that a state looks by, its symbol, and its word.</summary>
    public static (string Look, string Symbol, string Word) Of(HealthState state) => state switch
    {
        HealthState.OK => ("ok", "✔", "OK"),
        HealthState.Maintenance => ("maintenance", "◐", "Maintenance"),
        HealthState.Warning => ("warning", "▲", "Warning"),
        HealthState.Unreachable => ("critical", "⊘", "Unreachable"),
        HealthState.Critical => ("critical", "✖", "Critical"),
        _ => ("unknown", "?", "Unknown"),
    };

    /// <inheritdoc cref="Of(HealthState)"/>
    public static (string Look, string Symbol, string Word) Of(ReadinessStatus status) => status switch
    {
        ReadinessStatus.Met => ("ok", "✔", "Met"),
        ReadinessStatus.Partly => ("warning", "▲", "Partly"),
        ReadinessStatus.Missing => ("critical", "✖", "Missing"),
        _ => ("unknown", "?", "Unknown"),
    };

    /// <inheritdoc cref="Of(HealthState)"/>
    public static (string Look, string Symbol, string Word) Of(BackendServerState state) => state switch
    {
        BackendServerState.Up => ("ok", "✔", "Up"),
        BackendServerState.Down => ("critical", "✖", "Down"),
        BackendServerState.Checking => ("warning", "▲", "Checking"),
        _ => ("maintenance", "◐", state.ToString()),
    };

    /// <summary>Whether something went well.</summary>
    public static (string Look, string Symbol, string Word) Of(bool isWell, string well, string not) => isWell ? ("ok", "✔", well) : ("critical", "✖", not);

    public static string Availability(HealthAvailability of) => of.Availability is not { } share ? "nobody looked"
        : $"{Words.Percent(share)}{(of.Outages > 0 ? Invariant($", down {Words.Of(of.Down)} in {of.Outages} {(of.Outages == 1 ? "outage" : "outages")}") : "")}";

    /// <summary>How long ago.</summary>
    public static string Ago(TimeSpan age) => age < TimeSpan.FromSeconds(1) ? "just now" : $"{Words.Of(TimeSpan.FromSeconds(Math.Round(age.TotalSeconds)))} ago";
}
