using ProdOps.Logging.Conditions;

namespace ProdOps.Logging.Engines;

/// <summary>A filter in the language of an engine.</summary>
/// <typeparam name="TSelf">Itself.</typeparam>
internal interface IEngineFilter<TSelf> : IEquatable<TSelf>
    where TSelf : IEngineFilter<TSelf>
{
    static abstract TSelf Everything { get; }

    static abstract TSelf Nothing { get; }

    TSelf And(TSelf other);

    TSelf Or(TSelf other);

    TSelf Not();
}

/// <summary>
/// A condition as far as an engine can say it: what holds for certain, and what may hold. Where the two are the same the engine can count alone; what lies between is looked at here.
/// </summary>
/// <param name="Certain">Whatever this filter finds fulfils the condition.</param>
/// <param name="Possible">Whatever fulfils the condition is found by this filter.</param>
internal readonly record struct Certainty<TFilter>(TFilter Certain, TFilter Possible)
    where TFilter : IEngineFilter<TFilter>
{
    public static Certainty<TFilter> Always { get; } = Exactly(TFilter.Everything);

    public static Certainty<TFilter> Never { get; } = Exactly(TFilter.Nothing);

    public static Certainty<TFilter> Unknown { get; } = Perhaps(TFilter.Everything);

    public bool IsExact => Certain.Equals(Possible);

    /// <summary>What may hold and is not certain.</summary>
    public TFilter Doubtful => Possible.And(Certain.Not());

    public static Certainty<TFilter> Exactly(TFilter filter) => new(filter, filter);

    /// <summary>It may hold where the filter does, and not elsewhere.</summary>
    public static Certainty<TFilter> Perhaps(TFilter filter) => new(TFilter.Nothing, filter);

    /// <summary>Says a condition.</summary>
    /// <param name="condition">The condition.</param>
    /// <param name="say">Says a comparison; it is not asked for those that begin with Not, nor for In.</param>
    public static Certainty<TFilter> Of(LogCondition condition, Func<Comparison, Certainty<TFilter>> say) => condition switch
    {
        AllOf all => all.Conditions.Aggregate(Always, (result, each) => result.And(Of(each, say))),
        AnyOf any => any.Conditions.Aggregate(Never, (result, each) => result.Or(Of(each, say))),
        NoneOf none => Of(none.Condition, say).Not(),
        Comparison { Operator: LogOperator.NotEqual } comparison => say(comparison with { Operator = LogOperator.Equal }).Not(),
        Comparison { Operator: LogOperator.NotLike } comparison => say(comparison with { Operator = LogOperator.Like }).Not(),
        Comparison { Operator: LogOperator.NotMatch } comparison => say(comparison with { Operator = LogOperator.Match }).Not(),
        Comparison { Operator: LogOperator.NotIn } comparison => Of(comparison with { Operator = LogOperator.In }, say).Not(),
        Comparison { Operator: LogOperator.In } comparison => (comparison.Value as object?[] ?? [comparison.Value])
            .Aggregate(Never, (result, value) => result.Or(say(comparison with { Operator = LogOperator.Equal, Value = value }))),
        Comparison comparison => say(comparison),
        _ => Unknown,
    };

    public Certainty<TFilter> And(Certainty<TFilter> other) => new(Certain.And(other.Certain), Possible.And(other.Possible));

    public Certainty<TFilter> Or(Certainty<TFilter> other) => new(Certain.Or(other.Certain), Possible.Or(other.Possible));

    public Certainty<TFilter> Not() => new(Possible.Not(), Certain.Not());

    /// <summary>What any line that fulfils the condition fulfils as well.</summary>
    public Certainty<TFilter> Within(TFilter filter) => this with { Possible = Possible.And(filter) };

    /// <summary>Nothing is certain where a filter finds something, and everything is possible.</summary>
    public Certainty<TFilter> Unless(TFilter doubtful) => new(Certain.And(doubtful.Not()), Possible.Or(doubtful));
}
