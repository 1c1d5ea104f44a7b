using System.Text;
using System.Text.RegularExpressions;
using System.Text.Unicode;
using ProdOps.Logging.Formats;
using ProdOps.Logging.Formats.Json;
using ProdOps.Logging.Formats.Times;
using ProdOps.Logging.Formats.Values;

namespace ProdOps.Logging.Grok;

/// <summary>A filter of the user's: lines are taken apart by a pattern in the language of grok, wherever in the line it matches.</summary>
internal sealed class GrokFormat : LogFormat
{
    private readonly LogFilterDefinition _filter;
    private readonly GrokMatcher _matcher;
    private readonly GrokField[] _fields;
    private readonly GrokField? _time;
    private readonly GrokField? _level;
    private readonly GrokField? _message;
    private readonly TimeReader _readTime;

    // Time, level and fields of one line are asked for one after the other.
    [ThreadStatic]
    private static Matched? t_last;

    private GrokFormat(LogFilterDefinition filter)
    {
        Name = filter.Name;
        _filter = filter;
        (_matcher, _fields) = GrokCompiler.Compile(filter.Name, filter.Pattern, filter.Patterns);
        _time = Role(filter.TimeField, nameof(filter.TimeField), JsonRole.Time);
        _level = Role(filter.LevelField, nameof(filter.LevelField), JsonRole.Level);
        _message = Role(filter.MessageField, nameof(filter.MessageField), JsonRole.Message);
        _readTime = Reader(filter);
    }

    private delegate bool TimeReader(ReadOnlySpan<byte> text, TimeContext context, out DateTimeOffset time);

    public override string Name { get; }

    /// <summary>The names of its fields, in the order of the pattern.</summary>
    public IEnumerable<string> FieldNames => _fields.Select(grok => grok.Name).Distinct(StringComparer.OrdinalIgnoreCase);

    /// <summary>Compiles a filter.</summary>
    /// <exception cref="ProdOpsException">It cannot be used: errors <c>GrokPattern…</c>, <c>GrokTypeUnknown</c>, <c>LogFilterFieldUnknown</c>, <c>LogTimeFormatInvalid</c>.</exception>
    public static GrokFormat Create(LogFilterDefinition filter) => new(filter);

    public override bool TryReadTime(ReadOnlySpan<byte> line, TimeContext context, out DateTimeOffset time)
    {
        time = default;
        return _time is { } field && Match(LineText.WithoutReturn(line)) is { } match && match.TryPlace(field, out int start, out int length)
            && _readTime(line.Slice(start, length), context, out time);
    }

    public override LogLevel? ReadLevel(ReadOnlySpan<byte> line) =>
        _level is { } field && Match(LineText.WithoutReturn(line)) is { } match && match.TryPlace(field, out int start, out int length) ? Level(line.Slice(start, length)) : null;

    public override bool TryReadFields(ReadOnlySpan<byte> line, TimeContext context, FieldList fields)
    {
        fields.Clear();
        line = LineText.WithoutReturn(line);
        if (Match(line) is not { } match) return false;
        fields.SetMessage(line, 0);
        foreach (var field in _fields)
        {
            if (!match.TryPlace(field, out int start, out int length)) continue;
            if (field.Group == _message?.Group) fields.Message = new Field("Message", start, length, FieldKind.Text);
            else fields.Add(field.Name, start, length, field.Kind);
            if (field.Group == _level?.Group) fields.Level = Level(line.Slice(start, length));
            if (field.Group == _time?.Group && _readTime(line.Slice(start, length), context, out var time)) fields.Time = time;
        }

        return true;
    }

    public override bool IsContinuation(ReadOnlySpan<byte> line) => StackTraces.IsContinuation(line);

    /// <summary>The longest beginning of the pattern, up to one of its <c>%{…}</c>, that matches a line which the whole pattern does not; <see langword="null"/> if none does.</summary>
    public string? MatchingPart(ReadOnlySpan<byte> line)
    {
        string text = Encoding.UTF8.GetString(LineText.WithoutReturn(line));
        for (int end = _filter.Pattern.LastIndexOf('}'); end > 0; end = _filter.Pattern.LastIndexOf('}', end - 1))
        {
            string part = _filter.Pattern[..(end + 1)];
            try
            {
                if (GrokCompiler.Compile(Name, part, _filter.Patterns).Matcher.Match(text).Success) return part;
            }
            catch (ProdOpsException)
            {
                // A group is open here, or it is the brace of a repetition.
            }
        }

        return null;
    }

    private static LogLevel? Level(ReadOnlySpan<byte> text) => LevelText.OfWord(text) ?? LevelText.OfNumber(text);

    private static TimeReader Reader(LogFilterDefinition filter)
    {
        if (string.IsNullOrEmpty(filter.TimeFormat)) return static (ReadOnlySpan<byte> text, TimeContext context, out DateTimeOffset time) => AnyTime.TryFind(text, context, out time, out _, out _);
        if (filter.TimeFormat.Equals("ISO8601", StringComparison.OrdinalIgnoreCase)) return static (ReadOnlySpan<byte> text, TimeContext context, out DateTimeOffset time) => IsoTime.TryRead(text, context, out time, out _);
        if (filter.TimeFormat.Equals("UNIX", StringComparison.OrdinalIgnoreCase) || filter.TimeFormat.Equals("UNIX_MS", StringComparison.OrdinalIgnoreCase))
        {
            return static (ReadOnlySpan<byte> text, TimeContext context, out DateTimeOffset time) => NumericTime.TryEpoch(text, out time);
        }

        var pattern = TimePattern.Parse(filter.Name, filter.TimeFormat);
        return pattern.TryRead;
    }

    /// <summary>The field that the filter names, or the first one with a usual name.</summary>
    private GrokField? Role(string? named, string setting, JsonRole role)
    {
        foreach (var field in _fields)
        {
            if (named is null ? CommonKeys.Role(Encoding.UTF8.GetBytes(field.Name)) == role : field.Name.Equals(named, StringComparison.OrdinalIgnoreCase)) return field;
        }

        return named is null ? null : throw LoggingErrors.FilterFieldUnknown(Name, setting, named, FieldNames);
    }

    private Matched? Match(ReadOnlySpan<byte> line)
    {
        if (t_last is not { } last || last.Format != this || !line.SequenceEqual(last.Line)) t_last = last = new Matched(this, line);
        return last.Match.Success ? last : null;
    }

    /// <summary>A line that was matched.</summary>
    private sealed class Matched
    {
        private readonly string _text;
        private readonly bool _isWide;

        public Matched(GrokFormat format, ReadOnlySpan<byte> line)
        {
            Format = format;
            Line = line.ToArray();
            // Places in the text are those in the line, but where a character has several bytes. What is not UTF-8 is taken byte for byte.
            _isWide = !Ascii.IsValid(line) && Utf8.IsValid(line);
            _text = _isWide ? Encoding.UTF8.GetString(line) : Encoding.Latin1.GetString(line);
            Match = format._matcher.Match(_text);
        }

        public GrokFormat Format { get; }

        public byte[] Line { get; }

        public Match Match { get; }

        /// <summary>Where a field stands in the line; false if it is not there, or empty.</summary>
        public bool TryPlace(GrokField field, out int start, out int length)
        {
            var group = Match.Groups[field.Group];
            start = group.Index;
            length = group.Length;
            if (!group.Success || length == 0) return false;
            if (!_isWide) return true;
            int before = Encoding.UTF8.GetByteCount(_text.AsSpan(0, start));
            length = Encoding.UTF8.GetByteCount(_text.AsSpan(start, length));
            start = before;
            return start + length <= Line.Length;
        }
    }
}
