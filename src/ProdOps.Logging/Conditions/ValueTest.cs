using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using ProdOps.Logging.Formats.Values;
using ProdOps.Servers.Inventory;
using ProdOps.Servers.Inventory.Schema;
using ValueType = ProdOps.Logging.Formats.Values.ValueType;

namespace ProdOps.Logging.Conditions;

/// <summary>One comparison, its value made ready. As in PowerShell, what the left side is decides how the two are compared.</summary>
internal sealed class ValueTest
{
    private static readonly TimeSpan MatchTimeout = TimeSpan.FromSeconds(1);

    private readonly Comparison _comparison;
    private readonly string? _text;
    private readonly byte[]? _utf8;
    private readonly long? _whole;
    private readonly double? _number;
    private readonly TimeSpan? _duration;
    private readonly DateTimeOffset? _time;
    private readonly UInt128? _address;
    private readonly LogLevel? _level;
    private readonly Regex? _regex;
    private readonly ValueTest[]? _values;

    public ValueTest(Comparison comparison)
    {
        _comparison = comparison;
        if (comparison.Operator is LogOperator.In or LogOperator.NotIn)
        {
            _values = [.. (comparison.Value as object?[] ?? [comparison.Value]).Select(value => new ValueTest(comparison with { Operator = LogOperator.Equal, Value = value }))];
            return;
        }

        _text = TextOf(comparison.Value);
        if (_text is null) return;
        _utf8 = Encoding.UTF8.GetBytes(_text);
        if (long.TryParse(_text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole)) _whole = whole;
        if (double.TryParse(_text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)) _number = number;
        _duration = comparison.Value is TimeSpan span ? span : DurationOf(_text, _number);
        _time = comparison.Value is DateTimeOffset moment ? moment : DateTimeOffset.TryParse(_text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out var time) ? time : null;
        _address = AddressText.TryRead(_utf8, out var address) ? address : null;
        _level = comparison.Value is LogLevel named ? named : Enum.TryParse<LogLevel>(_text, ignoreCase: true, out var level) ? level : null;
        _regex = comparison.Operator switch
        {
            LogOperator.Match or LogOperator.NotMatch => Compile(_text),
            LogOperator.Like or LogOperator.NotLike when comparison.CaseSensitive || _text.Contains(Wildcards.Escape) => Compile(Wildcards.ToRegex(_text)),
            _ => null,
        };
    }

    /// <summary>The answer for a field that is not there.</summary>
    public bool IsMatchMissing => _comparison.Operator switch
    {
        LogOperator.Equal => _comparison.Value is null,
        LogOperator.NotEqual => _comparison.Value is not null,
        LogOperator.NotLike or LogOperator.NotMatch => true,
        LogOperator.In or LogOperator.NotIn => IsAny(static value => value.IsMatchMissing),
        _ => false,
    };

    public bool IsMatch(string text) => _values is not null ? IsAny(value => value.IsMatch(text)) : Decide(Compare(text), text);

    public bool IsMatch(DateTimeOffset time) => _values is not null ? IsAny(value => value.IsMatch(time))
        : Decide(_time is { } other ? time.CompareTo(other) : null, IsOfText ? time.ToString("o", CultureInfo.InvariantCulture) : null);

    public bool IsMatch(LogLevel? level)
    {
        if (level is not { } known) return IsMatchMissing;
        return _values is not null ? IsAny(value => value.IsMatch(level)) : Decide(_level is { } other ? known.CompareTo(other) : null, IsOfText ? known.ToString() : null);
    }

    public bool IsMatch(scoped in FieldValue value)
    {
        if (_values is not null)
        {
            bool any = false;
            foreach (var each in _values) any = any || each.IsMatch(value);
            return any == (_comparison.Operator == LogOperator.In);
        }

        if (_comparison.Operator == LogOperator.Truthy) return value.Type is ValueType.Text or ValueType.Address ? value.Text.Length > 0 : value.Type == ValueType.Real ? value.Real != 0 : value.Integer != 0;
        if (IsOfText)
        {
            string text = Encoding.UTF8.GetString(value.Text);
            return Decide(null, text);
        }

        switch (value.Type)
        {
            case ValueType.Integer when _whole is { } whole:
                return Decide(value.Integer.CompareTo(whole), null);
            case ValueType.Integer or ValueType.Real:
                return Decide(_number is { } number ? value.Real.CompareTo(number) : null, null);
            case ValueType.Duration:
                return Decide(_duration is { } duration ? value.Integer.CompareTo(duration.Ticks) : null, null);
            case ValueType.Address when _address is not null:
                return Decide(value.Address.CompareTo(_address.Value), null);
            case ValueType.Boolean:
                return Decide(_text is null ? null : (value.Integer != 0).CompareTo(_text.Equals("true", StringComparison.OrdinalIgnoreCase)), null);
        }

        // Most comparisons are of ASCII, and equality then needs no string.
        if (_comparison.Operator is LogOperator.Equal or LogOperator.NotEqual && Ascii.IsValid(value.Text))
            return Decide(_utf8 is not null && (_comparison.CaseSensitive ? value.Text.SequenceEqual(_utf8) : Ascii.EqualsIgnoreCase(value.Text, _utf8)) ? 0 : 1, null);
        return Decide(Compare(Encoding.UTF8.GetString(value.Text)), null);
    }

    private bool IsOfText => _comparison.Operator is LogOperator.Like or LogOperator.NotLike or LogOperator.Match or LogOperator.NotMatch;

    private int? Compare(string text) => _text is null ? null : string.Compare(text, _text, _comparison.CaseSensitive ? StringComparison.InvariantCulture : StringComparison.InvariantCultureIgnoreCase);

    private bool IsAny(Func<ValueTest, bool> isMatch) => _values!.Any(isMatch) == (_comparison.Operator == LogOperator.In);

    /// <summary>The answer, from how the two compare (if they can be compared) or from the text, whichever the operator wants.</summary>
    private bool Decide(int? order, string? text) => _comparison.Operator switch
    {
        LogOperator.Equal => order == 0,
        LogOperator.NotEqual => order != 0,
        LogOperator.Less => order < 0,
        LogOperator.LessOrEqual => order <= 0,
        LogOperator.Greater => order > 0,
        LogOperator.GreaterOrEqual => order >= 0,
        LogOperator.Like or LogOperator.Match => IsTextMatch(text ?? ""),
        LogOperator.NotLike or LogOperator.NotMatch => !IsTextMatch(text ?? ""),
        _ => text is null or { Length: > 0 },
    };

    private bool IsTextMatch(string text)
    {
        if (_regex is null) return NamePattern.IsMatch(_text, text);
        try
        {
            return _regex.IsMatch(text);
        }
        catch (RegexMatchTimeoutException error)
        {
            throw LoggingErrors.RegexTimeout(_text ?? "", MatchTimeout, error);
        }
    }

    private Regex Compile(string pattern)
    {
        try
        {
            return new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.Compiled | (_comparison.CaseSensitive ? 0 : RegexOptions.IgnoreCase), MatchTimeout);
        }
        catch (RegexParseException error)
        {
            throw LoggingErrors.RegexInvalid(pattern, error.Message, error.Offset, error);
        }
    }

    /// <summary>A duration as people write it. A number alone is of seconds, as logs write it.</summary>
    private static TimeSpan? DurationOf(string text, double? seconds)
    {
        if (seconds is { } number) return Math.Abs(number) < TimeSpan.MaxValue.TotalSeconds ? TimeSpan.FromSeconds(number) : null;
        return Quantity.ParseDuration(text) ?? (TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var other) ? other : null);
    }

    private static string? TextOf(object? value) => value switch
    {
        null => null,
        string text => text,
        bool flag => flag ? "true" : "false",
        IPAddress address => address.ToString(),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };
}
