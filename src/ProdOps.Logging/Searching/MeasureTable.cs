using System.Globalization;
using ProdOps.Logging.Conditions;
using ProdOps.Logging.Formats;
using ValueType = ProdOps.Logging.Formats.Values.ValueType;

namespace ProdOps.Logging.Searching;

/// <summary>Counts entries by time and by the values of fields; for one thread. Several are put together at the end.</summary>
internal sealed class MeasureTable(MeasureOptions options)
{
    // Beyond this many groups a field is no field to group by: an address, a path with ids in it.
    private const int MostGroups = 1_000_000;

    private readonly Dictionary<(long Bucket, string Group), Cell> _cells = [];
    private readonly long _interval = options.Interval?.Ticks ?? 0;
    private readonly bool _needsFields = options.Property is not null || options.By.Any(name => EntryFields.Find(name) is EntryField.None or EntryField.Message);
    private FieldReader? _reader;
    private LogFormat? _format;
    private TimeContext? _context;

    public void Add(ReadOnlySpan<byte> entry, in EntryFacts facts)
    {
        if (_needsFields) Read(entry, facts);
        object?[] values = options.By.Count == 0 ? [] : new object?[options.By.Count];
        for (int i = 0; i < values.Length; i++) values[i] = ValueOf(options.By[i], entry, facts);
        var cell = CellOf(BucketOf(facts.Time), values);
        cell.Count++;
        if (options.Property is null || !_reader!.TryGet(entry, options.Property, out var value)) return;
        if (value.Type is ValueType.Integer or ValueType.Real) cell.Measured.Add(value.Real);
        else if (value.Type == ValueType.Duration) cell.Measured.Add(value.Integer / (double)TimeSpan.TicksPerSecond);
    }

    /// <summary>Counts entries that are not looked at, all of one interval.</summary>
    public void Add(long time, object?[] values, long count) => CellOf(BucketOf(time), values).Count += count;

    public void Add(MeasureTable other)
    {
        foreach (var (key, cell) in other._cells)
        {
            if (!_cells.TryGetValue(key, out var own)) _cells.Add(key, own = new Cell(cell.Values));
            own.Count += cell.Count;
            own.Measured.Add(cell.Measured);
        }
    }

    /// <summary>Which interval a moment is in.</summary>
    public long BucketOf(long ticks) => _interval == 0 ? 0 : ticks - (ticks % _interval);

    public List<LogMeasure> ToMeasures()
    {
        if (options.Top is { } top) KeepTop(top);
        long most = _cells.Count == 0 ? 1 : _cells.Values.Max(cell => cell.Count);
        return
        [
            .. _cells.OrderBy(pair => pair.Key.Bucket).ThenByDescending(pair => pair.Value.Count).ThenBy(pair => pair.Key.Group, StringComparer.Ordinal)
                .Select(pair => ToMeasure(pair.Key.Bucket, pair.Value, most)),
        ];
    }

    private LogMeasure ToMeasure(long bucket, Cell cell, long most)
    {
        var group = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase);
        for (int i = 0; i < cell.Values.Length; i++) group[options.By[i]] = cell.Values[i];
        var measured = options.Property is null ? null : cell.Measured;
        bool any = measured is { Count: > 0 };
        return new LogMeasure
        {
            Time = _interval == 0 ? null : new DateTimeOffset(bucket, TimeSpan.Zero),
            Interval = options.Interval,
            Name = string.Join(", ", cell.Values.Select(TextOf)),
            Group = group,
            Count = cell.Count,
            Share = (double)cell.Count / most,
            Property = options.Property,
            Measured = measured?.Count,
            Sum = any ? measured!.Sum : null,
            Average = any ? measured!.Sum / measured.Count : null,
            Minimum = any ? measured!.Minimum : null,
            Maximum = any ? measured!.Maximum : null,
            Percentile50 = measured?.Percentile(0.50),
            Percentile95 = measured?.Percentile(0.95),
            Percentile99 = measured?.Percentile(0.99),
        };
    }

    /// <summary>The most frequent groups over all intervals stay; the rest is one.</summary>
    private void KeepTop(int top)
    {
        var kept = _cells.GroupBy(pair => pair.Key.Group, pair => pair.Value.Count).OrderByDescending(group => group.Sum()).ThenBy(group => group.Key, StringComparer.Ordinal).Take(top).Select(group => group.Key).ToHashSet();
        foreach (var (key, cell) in _cells.Where(pair => !kept.Contains(pair.Key.Group)).ToList())
        {
            _cells.Remove(key);
            object?[] others = new object?[options.By.Count];
            if (others.Length > 0) others[0] = "(others)";
            var other = CellOf(key.Bucket, others);
            other.Count += cell.Count;
            other.Measured.Add(cell.Measured);
        }
    }

    private Cell CellOf(long bucket, object?[] values)
    {
        string group = values.Length == 1 ? TextOf(values[0]) : string.Join('\u001F', values.Select(TextOf));
        if (_cells.TryGetValue((bucket, group), out var cell)) return cell;
        if (_cells.Count >= MostGroups) throw LoggingErrors.TooManyGroups(string.Join(", ", options.By), MostGroups);
        _cells.Add((bucket, group), cell = new Cell(values));
        return cell;
    }

    private object? ValueOf(string name, ReadOnlySpan<byte> entry, in EntryFacts facts)
    {
        switch (EntryFields.Find(name))
        {
            case EntryField.Server: return facts.Server;
            case EntryField.Source: return facts.Source;
            case EntryField.Time: return new DateTimeOffset(facts.Time, TimeSpan.Zero);
            case EntryField.Raw: return System.Text.Encoding.UTF8.GetString(entry);
            case EntryField.Level:
                int end = entry.IndexOf((byte)'\n');
                return facts.Format.ReadLevel(end < 0 ? entry : entry[..end]);
            case EntryField.Message: return System.Text.Encoding.UTF8.GetString(_reader!.Message(entry));
        }

        if (!_reader!.TryGet(entry, name, out var value)) return null;
        return value.Type switch
        {
            ValueType.Integer => value.Integer,
            ValueType.Real => value.Real,
            ValueType.Duration => new TimeSpan(value.Integer),
            ValueType.Boolean => value.Integer != 0,
            _ => System.Text.Encoding.UTF8.GetString(value.Text),
        };
    }

    private void Read(ReadOnlySpan<byte> entry, in EntryFacts facts)
    {
        if (_reader is null || _format != facts.Format || !ReferenceEquals(_context, facts.Context)) _reader = new FieldReader(_format = facts.Format, _context = facts.Context);
        _reader.Read(entry);
    }

    private static string TextOf(object? value) => value switch
    {
        null => "",
        string text => text,
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    private sealed class Cell(object?[] values)
    {
        public object?[] Values => values;

        public long Count { get; set; }

        public Distribution Measured { get; } = new();
    }
}
