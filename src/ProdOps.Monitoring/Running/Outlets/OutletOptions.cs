using System.Net;
using ProdOps.Monitoring.Engines;
using ProdOps.Monitoring.Notifications;

namespace ProdOps.Monitoring.Running.Outlets;

/// <summary>The ways by which what a monitor measures gets to others while it runs.</summary>
internal sealed record OutletOptions
{
    /// <summary>A VictoriaMetrics that samples are sent to; <see langword="null"/> for none.</summary>
    public EngineOptions? Engine { get; init; }

    /// <summary>The address that a scraper finds the newest samples at; <see langword="null"/> for none.</summary>
    public IPEndPoint? Listen { get; init; }

    /// <summary>The file that node_exporter's textfile collector reads; <see langword="null"/> for none.</summary>
    public string? TextFile { get; init; }

    /// <summary>The channel that is told that the monitor is at work, and the environment's name; <see langword="null"/> for none.</summary>
    public (INotificationSender Sender, string Environment)? Heartbeat { get; init; }

    /// <summary>How long an engine that is away is left alone at the most.</summary>
    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromMinutes(1);
}
