using System.Text;

namespace ProdOps.Monitoring.Notifications;

/// <summary>Lines up to a limit. From the first one that does not fit, none is taken; a note about it always is.</summary>
/// <param name="limit">The limit, in bytes of UTF-8.</param>
internal sealed class BoundedText(int limit)
{
    private const int RoomForNote = 80;

    private readonly StringBuilder _text = new();
    private int _length;
    private string? _note;

    /// <summary>Whether something did not fit.</summary>
    public bool IsFull { get; private set; }

    public bool HasLines => _text.Length > 0;

    /// <summary>How many checks of the present incident stand in it.</summary>
    public int ChecksAdded { get; set; }

    public bool TryAdd(string line)
    {
        int length = Encoding.UTF8.GetByteCount(line) + 1;
        IsFull |= _length + length > limit - RoomForNote;
        if (IsFull) return false;
        _length += length;
        _text.Append(line).Append('\n');
        return true;
    }

    /// <summary>What is said of what did not fit.</summary>
    public void Note(string note) => _note = note;

    /// <summary>Nothing follows.</summary>
    public void Close()
    {
        if (IsFull) _text.Append(_note ?? "…").Append('\n');
    }

    public override string ToString() => _text.ToString();
}
