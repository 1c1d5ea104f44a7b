using System.Buffers;

namespace ProdOps.Logging.Collecting.Journal;

/// <summary>One entry of systemd's journal: names and values, in the order in which they came. It is used for entry after entry.</summary>
internal sealed class JournalEntry
{
    private readonly ArrayBufferWriter<byte> _bytes = new(4096);
    private readonly List<(int Name, int NameLength, int Value, int ValueLength)> _fields = [];

    public int Count => _fields.Count;

    /// <summary>How many bytes all of it has.</summary>
    public int Length => _bytes.WrittenCount;

    public ReadOnlySpan<byte> NameOf(int field) => _bytes.WrittenSpan.Slice(_fields[field].Name, _fields[field].NameLength);

    /// <summary>Whether a value was too large to be kept.</summary>
    public bool IsDropped(int field) => _fields[field].ValueLength < 0;

    public ReadOnlySpan<byte> ValueOf(int field) => IsDropped(field) ? default : _bytes.WrittenSpan.Slice(_fields[field].Value, _fields[field].ValueLength);

    /// <summary>The value of the first field of a name; nothing if there is none.</summary>
    public ReadOnlySpan<byte> Find(ReadOnlySpan<byte> name)
    {
        for (int i = 0; i < Count; i++)
            if (NameOf(i).SequenceEqual(name)) return ValueOf(i);
        return default;
    }

    public void Clear()
    {
        _bytes.ResetWrittenCount();
        _fields.Clear();
    }

    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        int start = _bytes.WrittenCount;
        _bytes.Write(name);
        _bytes.Write(value);
        _fields.Add((start, name.Length, start + name.Length, value.Length));
    }

    /// <summary>A field whose value is too large.</summary>
    public void AddDropped(ReadOnlySpan<byte> name)
    {
        Add(name, default);
        _fields[^1] = _fields[^1] with { ValueLength = -1 };
    }
}
