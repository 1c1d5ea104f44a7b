namespace ProdOps.Logging.Engines.VictoriaLogs;

/// <summary>
/// A condition in LogsQL, as far as that can say it: what holds for certain, and what may hold. Where the two are the same the engine can count alone; what lies between is looked at here.
/// </summary>
/// <param name="Certain">Whatever this filter finds fulfils the condition.</param>
/// <param name="Possible">Whatever fulfils the condition is found by this filter.</param>
internal readonly record struct Certainty(string Certain, string Possible)
{
    private const string Everything = "*", Nothing = "!*";

    public static Certainty Always { get; } = new(Everything, Everything);

    public static Certainty Never { get; } = new(Nothing, Nothing);

    public static Certainty Unknown { get; } = new(Nothing, Everything);

    public bool IsExact => Certain == Possible;

    public static Certainty Exactly(string filter) => new(filter, filter);

    /// <summary>It may hold where the filter does, and not elsewhere.</summary>
    public static Certainty Perhaps(string filter) => new(Nothing, filter);

    public Certainty And(Certainty other) => new(And(Certain, other.Certain), And(Possible, other.Possible));

    public Certainty Or(Certainty other) => new(Or(Certain, other.Certain), Or(Possible, other.Possible));

    public Certainty Not() => new(Not(Possible), Not(Certain));

    /// <summary>Nothing is certain where a filter finds something, and everything is possible.</summary>
    public Certainty Unless(string doubtful) => new(And(Certain, Not(doubtful)), Or(Possible, doubtful));

    /// <summary>What may hold and is not certain.</summary>
    public string Doubtful => And(Possible, Not(Certain));

    public static string And(string one, string other) =>
        one == Nothing || other == Nothing ? Nothing : one == Everything ? other : other == Everything || one == other ? one : $"({one} and {other})";

    public static string Or(string one, string other) =>
        one == Everything || other == Everything ? Everything : one == Nothing ? other : other == Nothing || one == other ? one : $"({one} or {other})";

    public static string Not(string filter) => filter == Nothing ? Everything : filter == Everything ? Nothing : $"!({filter})";
}
