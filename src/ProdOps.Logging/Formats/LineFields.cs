using System.Collections;
using System.Diagnostics.CodeAnalysis;
using ProdOps.Logging.Formats.Values;

namespace ProdOps.Logging.Formats;

/// <summary>
/// The fields of one entry. A value becomes an object when it is asked for. Of two fields of one name (whatever the case) the first counts.
/// PowerShell knows dictionaries by <see cref="IDictionary"/>: with it <c>$entry.Fields.Status</c> works, and ConvertTo-Json makes an object of them.
/// </summary>
internal sealed class LineFields : IReadOnlyDictionary<string, object>, IDictionary
{
    // Of so few it is quicker to look at each. A hostile line has a hundred thousand.
    private const int Few = 32;

    private readonly ReadOnlyMemory<byte> _line;
    private readonly Field[] _fields;
    private readonly Dictionary<string, int>? _places;
    private object?[]? _values;

    public LineFields(ReadOnlyMemory<byte> line, ReadOnlySpan<Field> fields)
    {
        _line = line;
        if (fields.Length > Few) _places = new Dictionary<string, int>(fields.Length, StringComparer.OrdinalIgnoreCase);
        var kept = new Field[fields.Length];
        int count = 0;
        foreach (ref readonly var field in fields)
        {
            if (_places is null ? IndexOf(kept.AsSpan(0, count), field.Name) < 0 : _places.TryAdd(field.Name, count)) kept[count++] = field;
        }

        _fields = count == kept.Length ? kept : kept[..count];
    }

    public static IReadOnlyDictionary<string, object> None { get; } = new LineFields(default, default);

    public int Count => _fields.Length;

    public IEnumerable<string> Keys => _fields.Select(one => one.Name);

    public IEnumerable<object> Values => Enumerable.Range(0, Count).Select(Value);

    public object this[string key] => TryGetValue(key, out object? value) ? value : throw new KeyNotFoundException($"The line has no field '{key}'.");

    public bool ContainsKey(string key) => IndexOf(key) >= 0;

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out object value)
    {
        int index = IndexOf(key);
        value = index < 0 ? null : Value(index);
        return index >= 0;
    }

    public IEnumerator<KeyValuePair<string, object>> GetEnumerator()
    {
        for (int i = 0; i < Count; i++) yield return new KeyValuePair<string, object>(_fields[i].Name, Value(i));
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    bool IDictionary.IsFixedSize => true;

    bool IDictionary.IsReadOnly => true;

    ICollection IDictionary.Keys => Keys.ToArray();

    ICollection IDictionary.Values => Values.ToArray();

    bool ICollection.IsSynchronized => false;

    object ICollection.SyncRoot => this;

    object? IDictionary.this[object key]
    {
        get => key is string name && TryGetValue(name, out object? value) ? value : null;
        set => throw new NotSupportedException("A log entry is what was written.");
    }

    void IDictionary.Add(object key, object? value) => throw new NotSupportedException("A log entry is what was written.");

    void IDictionary.Clear() => throw new NotSupportedException("A log entry is what was written.");

    void IDictionary.Remove(object key) => throw new NotSupportedException("A log entry is what was written.");

    bool IDictionary.Contains(object key) => key is string name && ContainsKey(name);

    IDictionaryEnumerator IDictionary.GetEnumerator() => ((IDictionary)new Dictionary<string, object>(this)).GetEnumerator();

    void ICollection.CopyTo(Array array, int index)
    {
        foreach (var pair in this) array.SetValue(pair, index++);
    }

    // Two threads that ask at once make equal objects.
    private object Value(int index)
    {
        var values = _values ??= new object?[Count];
        return values[index] ??= ValueObject.Of(_line.Span, _fields[index]);
    }

    private int IndexOf(string name) => _places is null ? IndexOf(_fields, name) : _places.GetValueOrDefault(name, -1);

    private static int IndexOf(ReadOnlySpan<Field> fields, string name)
    {
        for (int i = 0; i < fields.Length; i++)
        {
            if (FieldReader.IsNamed(fields[i], name)) return i;
        }

        return -1;
    }
}
