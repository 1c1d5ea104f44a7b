namespace ProdOps.Logging.Conditions;

/// <summary>A condition on an entry's fields, as <c>-Where</c> states it. Operators mean what they mean in PowerShell.</summary>
internal abstract record LogCondition;

/// <summary>All of these hold.</summary>
internal sealed record AllOf(IReadOnlyList<LogCondition> Conditions) : LogCondition;

/// <summary>One of these holds.</summary>
internal sealed record AnyOf(IReadOnlyList<LogCondition> Conditions) : LogCondition;

/// <summary>It does not hold.</summary>
internal sealed record NoneOf(LogCondition Condition) : LogCondition;

/// <summary>A field compared with a value. A field that an entry does not have is <c>$null</c>, as a missing property is.</summary>
/// <param name="Field">The field's name; case does not count. <c>Server</c>, <c>Source</c>, <c>Time</c>, <c>Level</c>, <c>Message</c> and <c>Raw</c> are those of every entry.</param>
/// <param name="Operator">How it is compared.</param>
/// <param name="Value">A text, a long, a double, a TimeSpan, a DateTimeOffset, a bool, a LogLevel, an IPAddress, null, or for <see cref="LogOperator.In"/> an array of them.</param>
/// <param name="CaseSensitive">Of texts.</param>
internal sealed record Comparison(string Field, LogOperator Operator, object? Value, bool CaseSensitive) : LogCondition;

/// <summary>PowerShell's comparison operators.</summary>
internal enum LogOperator
{
    /// <summary><c>-eq</c>.</summary>
    Equal,

    /// <summary><c>-ne</c>.</summary>
    NotEqual,

    /// <summary><c>-lt</c>.</summary>
    Less,

    /// <summary><c>-le</c>.</summary>
    LessOrEqual,

    /// <summary><c>-gt</c>.</summary>
    Greater,

    /// <summary><c>-ge</c>.</summary>
    GreaterOrEqual,

    /// <summary><c>-like</c>: wildcards.</summary>
    Like,

    /// <summary><c>-notlike</c>.</summary>
    NotLike,

    /// <summary><c>-match</c>: a regular expression.</summary>
    Match,

    /// <summary><c>-notmatch</c>.</summary>
    NotMatch,

    /// <summary><c>-in</c>: one of several values.</summary>
    In,

    /// <summary><c>-notin</c>.</summary>
    NotIn,

    /// <summary>The field alone: it is there, and neither empty, 0 nor false.</summary>
    Truthy,
}
