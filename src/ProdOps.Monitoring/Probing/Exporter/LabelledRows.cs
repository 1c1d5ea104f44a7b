using ProdOps.Monitoring.Probing.Reading;

namespace ProdOps.Monitoring.Probing.Exporter;

/// <summary>What lines tell of several things of a kind, such as devices: a row for each value of the label that names them, in the order in which they came.</summary>
/// <param name="label">The label.</param>
/// <param name="make">Makes a row of a name as it may be kept and shown, out of the first line about it.</param>
internal sealed class LabelledRows<T>(string label, LabelledRows<T>.MakeRow make) where T : class
{
    private readonly List<T> _rows = [];

    // By the value as it stands there, so that no text is made for each line; and by what it comes to, which two of them may share.
    private readonly Dictionary<string, T> _known = new(StringComparer.Ordinal), _byName = new(StringComparer.Ordinal);

    public delegate T MakeRow(string name, TextSample first);

    public IReadOnlyList<T> All => _rows;

    /// <summary>The row that a line is about; none if it does not say of what, or that is more than is kept.</summary>
    public T? Of(TextSample sample)
    {
        var lookup = _known.GetAlternateLookup<ReadOnlySpan<char>>();
        var raw = sample.Raw(label);
        if (lookup.TryGetValue(raw, out var row)) return row;
        if (_known.Count == Sections.MaximumCount || sample.Text(label) is not { } name) return null;
        if (!_byName.TryGetValue(name, out row))
        {
            _byName[name] = row = make(name, sample);
            _rows.Add(row);
        }

        lookup[raw] = row;
        return row;
    }
}

/// <summary>Counters of a device.</summary>
/// <param name="name">What it is called.</param>
/// <param name="count">How many there are.</param>
internal sealed class CounterRow(string name, int count)
{
    private readonly ulong?[] _values = new ulong?[count];

    public string Name => name;

    public ulong? this[int index]
    {
        get => _values[index];
        // What comes a second time was not told by the exporter itself.
        set => _values[index] ??= value;
    }

    /// <summary>All of them, if none is missing.</summary>
    public bool TryAll(Span<ulong> values)
    {
        for (int i = 0; i < _values.Length; i++)
        {
            if (_values[i] is not { } value) return false;
            values[i] = value;
        }

        return true;
    }
}
