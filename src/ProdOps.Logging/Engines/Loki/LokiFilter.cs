namespace ProdOps.Logging.Engines.Loki;

/// <summary>A filter of labels and structured metadata in LogQL, which has "and" and "or" but no "not": that is pushed down to the comparisons.</summary>
internal abstract record LokiFilter
{
    public static LokiFilter Everything { get; } = new Constant(true);

    public static LokiFilter Nothing { get; } = new Constant(false);

    /// <summary>A label has a value; the empty one is that it is not there.</summary>
    public static LokiFilter Is(string label, string value) => new Comparison(label, "=", "!=", GoText.Quote(value));

    /// <summary>All of a label's value fits a regular expression of Go.</summary>
    public static LokiFilter Fits(string label, string regex) => new Comparison(label, "=~", "!~", GoText.Quote(regex));

    /// <summary>A label is a number, and larger than one.</summary>
    public static LokiFilter Above(string label, long number) => new Comparison(label, ">", "<=", number.ToString(System.Globalization.CultureInfo.InvariantCulture));

    public LokiFilter And(LokiFilter other) => (this, other) switch
    {
        (Constant { Value: true }, _) => other,
        (_, Constant { Value: true }) => this,
        (Constant, _) or (_, Constant) => Nothing,
        _ => this == other ? this : new Pair(this, other, IsAnd: true),
    };

    public LokiFilter Or(LokiFilter other) => (this, other) switch
    {
        (Constant { Value: false }, _) => other,
        (_, Constant { Value: false }) => this,
        (Constant, _) or (_, Constant) => Everything,
        _ => this == other ? this : new Pair(this, other, IsAnd: false),
    };

    public abstract LokiFilter Not();

    /// <summary>In LogQL; empty where everything passes.</summary>
    public abstract override string ToString();

    private sealed record Constant(bool Value) : LokiFilter
    {
        public override LokiFilter Not() => Value ? Nothing : Everything;

        // No format has this name.
        public override string ToString() => Value ? "" : $"{LokiLabels.Format}=\"\\u0000\"";
    }

    private sealed record Comparison(string Label, string Sign, string Opposite, string Value) : LokiFilter
    {
        public override LokiFilter Not() => new Comparison(Label, Opposite, Sign, Value);

        public override string ToString() => $"{Label}{Sign}{Value}";
    }

    private sealed record Pair(LokiFilter One, LokiFilter Other, bool IsAnd) : LokiFilter
    {
        public override LokiFilter Not() => new Pair(One.Not(), Other.Not(), !IsAnd);

        public override string ToString() => $"({One} {(IsAnd ? "and" : "or")} {Other})";
    }
}

/// <summary>A condition as far as LogQL can say it.</summary>
/// <param name="Certain">Whatever this filter lets through fulfils the condition.</param>
/// <param name="Possible">Whatever fulfils the condition passes this filter.</param>
internal readonly record struct LokiCertainty(LokiFilter Certain, LokiFilter Possible)
{
    public static LokiCertainty Always { get; } = Exactly(LokiFilter.Everything);

    public static LokiCertainty Never { get; } = Exactly(LokiFilter.Nothing);

    public static LokiCertainty Unknown { get; } = new(LokiFilter.Nothing, LokiFilter.Everything);

    public bool IsExact => Certain == Possible;

    public static LokiCertainty Exactly(LokiFilter filter) => new(filter, filter);

    public LokiCertainty And(LokiCertainty other) => new(Certain.And(other.Certain), Possible.And(other.Possible));

    public LokiCertainty Or(LokiCertainty other) => new(Certain.Or(other.Certain), Possible.Or(other.Possible));

    public LokiCertainty Not() => new(Possible.Not(), Certain.Not());

    /// <summary>Nothing is certain where a filter finds something, and everything is possible.</summary>
    public LokiCertainty Unless(LokiFilter doubtful) => new(Certain.And(doubtful.Not()), Possible.Or(doubtful));
}
