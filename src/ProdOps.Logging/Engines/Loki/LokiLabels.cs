namespace ProdOps.Logging.Engines.Loki;

/// <summary>
/// The names that lines are sent with. Labels make streams, and Loki wants few of them whose values do not run away: those are the server and the source. All else is structured metadata,
/// the level too: as a label it would cut each stream into eight.
/// </summary>
internal static class LokiLabels
{
    public const string Server = "server", Source = "source";

    /// <summary>The source once more, under the name by which Loki's own tools list what there is.</summary>
    public const string Service = "service_name";

    /// <summary>The hour of lines that came too late for their stream, which are streams of their own.</summary>
    public const string Late = "prodops_late";

    public const string Level = "level";

    /// <summary>The format's name; who has none was sent by others.</summary>
    public const string Format = "prodops_format";

    /// <summary>When the line came, in microseconds since 1970, each later than the one before.</summary>
    public const string Received = "prodops_received";

    /// <summary>The zone of times without one, where that is not UTC.</summary>
    public const string Zone = "prodops_zone";

    /// <summary>The line was sent with a mark behind it, see <see cref="EqualLines"/>.</summary>
    public const string Marked = "prodops_marked";

    /// <summary>What others have sent.</summary>
    public static LokiFilter Foreign { get; } = LokiFilter.Is(Format, "");
}
