namespace ProdOps.Logging.Engines.Loki;

/// <summary>A filter of labels and structured metadata in LogQL, which has "and" and "or" but no "not": that is pushed down to the comparisons.</summary>
internal abstract record LokiFilter : IEngineFilter<LokiFilter>
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
