using ProdOps.Logging.Formats;
using ProdOps.Logging.Formats.Values;
using ProdOps.Logging.Searching;

namespace ProdOps.Logging.Conditions;

/// <summary>
/// A condition, ready to be asked of line after line; for one thread. A line's fields are told apart once, as places in it, and only if a comparison needs them.
/// A comparison with a field that the line does not have is false, but for <c>-ne</c>, <c>-notlike</c>, <c>-notmatch</c>, <c>-notin</c> and <c>-eq $null</c>.
/// </summary>
internal sealed class ConditionTest(LogCondition condition)
{
    private readonly Dictionary<Comparison, (ValueTest Test, EntryField Field)> _tests = new(ReferenceEqualityComparer.Instance);
    private FieldReader? _reader;
    private LogFormat? _format;
    private TimeContext? _context;
    private bool _parsed;

    /// <summary>Whether an entry's time must be known.</summary>
    public bool AsksForTime { get; } = Mentions(condition, EntryField.Time);

    public ConditionTest Clone() => new(condition);

    public bool IsMatch(ReadOnlySpan<byte> entry, in EntryFacts facts)
    {
        _parsed = false;
        return Holds(condition, entry, facts);
    }

    /// <summary>False if the condition cannot hold for any line of a server and source.</summary>
    public bool MayMatchStream(string server, string source) => MayHold(condition, server, source);

    private bool Holds(LogCondition part, ReadOnlySpan<byte> entry, in EntryFacts facts)
    {
        switch (part)
        {
            case AllOf all:
                foreach (var each in all.Conditions)
                {
                    if (!Holds(each, entry, facts)) return false;
                }

                return true;
            case AnyOf any:
                foreach (var each in any.Conditions)
                {
                    if (Holds(each, entry, facts)) return true;
                }

                return false;
            case NoneOf none:
                return !Holds(none.Condition, entry, facts);
            case Comparison comparison:
                return Compare(comparison, entry, facts);
            default:
                throw new ArgumentException("Unknown condition.");
        }
    }

    private bool Compare(Comparison comparison, ReadOnlySpan<byte> entry, in EntryFacts facts)
    {
        if (!_tests.TryGetValue(comparison, out var known)) _tests.Add(comparison, known = (new ValueTest(comparison), EntryFields.Find(comparison.Field)));
        var (test, field) = known;
        switch (field)
        {
            case EntryField.Server: return test.IsMatch(facts.Server);
            case EntryField.Source: return test.IsMatch(facts.Source);
            case EntryField.Time: return test.IsMatch(new DateTimeOffset(facts.Time, TimeSpan.Zero));
            case EntryField.Raw: return test.IsMatch(FieldValue.OfText(entry));
            case EntryField.Level: return test.IsMatch(facts.Format.ReadLevel(FirstLine(entry)));
        }

        var reader = Read(entry, facts);
        if (field == EntryField.Message) return test.IsMatch(FieldValue.OfText(reader.Message(entry)));
        return reader.TryGet(entry, comparison.Field, out var value) ? test.IsMatch(value) : test.IsMatchMissing;
    }

    /// <summary>Parses the entry unless that has been done.</summary>
    private FieldReader Read(ReadOnlySpan<byte> entry, in EntryFacts facts)
    {
        if (_reader is null || _format != facts.Format || !ReferenceEquals(_context, facts.Context))
        {
            _reader = new FieldReader(_format = facts.Format, _context = facts.Context);
            _parsed = false;
        }

        if (_parsed) return _reader;
        _parsed = true;
        _reader.Read(entry);
        return _reader;
    }

    private static ReadOnlySpan<byte> FirstLine(ReadOnlySpan<byte> entry)
    {
        int end = entry.IndexOf((byte)'\n');
        return end < 0 ? entry : entry[..end];
    }

    private static bool Mentions(LogCondition part, EntryField field) => part switch
    {
        AllOf all => all.Conditions.Any(each => Mentions(each, field)),
        AnyOf any => any.Conditions.Any(each => Mentions(each, field)),
        NoneOf none => Mentions(none.Condition, field),
        Comparison comparison => EntryFields.Find(comparison.Field) == field,
        _ => true,
    };

    /// <summary>What cannot be decided without a line may hold.</summary>
    private static bool MayHold(LogCondition part, string server, string source) => part switch
    {
        AllOf all => all.Conditions.All(each => MayHold(each, server, source)),
        AnyOf any => any.Conditions.Any(each => MayHold(each, server, source)),
        Comparison comparison => EntryFields.Find(comparison.Field) switch
        {
            EntryField.Server => new ValueTest(comparison).IsMatch(server),
            EntryField.Source => new ValueTest(comparison).IsMatch(source),
            _ => true,
        },
        _ => true,
    };
}

/// <summary>What every entry has, whatever its format.</summary>
internal enum EntryField
{
    None,
    Server,
    Source,
    Time,
    Level,
    Message,
    Raw,
}

internal static class EntryFields
{
    public static EntryField Find(string name) =>
        name.Length is >= 3 and <= 7 && Enum.TryParse<EntryField>(name, ignoreCase: true, out var field) && !char.IsAsciiDigit(name[0]) ? field : EntryField.None;
}
