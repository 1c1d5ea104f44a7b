using System.Collections.Concurrent;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace ProdOps.Monitoring.States;

/// <summary>What a silence of Alertmanager asks of a label: <c>=</c>, <c>!=</c>, <c>=~</c> or <c>!~</c>. A label that is not there is empty.</summary>
/// <param name="Name">The label.</param>
/// <param name="Value">The value, or an expression for all of it.</param>
/// <param name="IsRegex">Whether it is an expression.</param>
/// <param name="IsEqual">False to turn it round.</param>
internal sealed record LabelMatcher(string Name, string Value, bool IsRegex, bool IsEqual)
{
    private const int LongestExpression = 1000, MostKept = 4096;

    // Not in the record: it would be part of what makes two equal.
    private static readonly ConcurrentDictionary<string, Regex?> Expressions = new(StringComparer.Ordinal);

    /// <summary>Whether it can be told at all.</summary>
    [JsonIgnore]
    public bool IsValid => !IsRegex || Expression(Value) is not null;

    public bool Matches(string value) => (IsRegex ? Expression(Value)?.IsMatch(value) == true : value == Value) == IsEqual;

    public override string ToString() => $"{Name}{(IsEqual ? IsRegex ? "=~" : "=" : IsRegex ? "!~" : "!=")}\"{Value}\"";

    /// <summary>RE2's language as .NET has it, in linear time as there; <see langword="null"/> for what is none.</summary>
    private static Regex? Expression(string pattern)
    {
        if (Expressions.Count > MostKept) Expressions.Clear();
        return Expressions.GetOrAdd(pattern, static text =>
        {
            try
            {
                return text.Length > LongestExpression ? null : new Regex($@"\A(?:{text})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            }
            catch (Exception error) when (error is ArgumentException or NotSupportedException)
            {
                return null;
            }
        });
    }
}
