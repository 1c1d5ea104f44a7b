using System.Buffers;
using ProdOps.Logging.Collecting.Rotation;

namespace ProdOps.Logging.Collecting.Files;

/// <summary>Takes the lines of one stretch of a file, and keeps the mark of how far it is read.</summary>
/// <param name="step">The stretch.</param>
internal sealed class StretchReader(ReadStep step) : IDisposable
{
    private byte[] _window = ArrayPool<byte>.Shared.Rent(64 * 1024);
    private int _length;

    // Where in the window the bytes are that are not taken yet. Before them stand those that the mark has hashes of.
    private int _taken;

    public ReadStep Step => step;

    public FileMark Mark { get; private set; } = step.From;

    /// <summary>How many lines were too long.</summary>
    public long CutLines { get; private set; }

    /// <summary>Whether the file turned out to be another than the mark's.</summary>
    public bool IsOther { get; private set; }

    /// <summary>Whether it ended before the place where reading had stopped.</summary>
    public bool IsShort => _taken < step.From.Known;

    /// <summary>Whether there are bytes of a line that has no end yet.</summary>
    public bool HasPartialLine => _length > _taken && _taken >= step.From.Known;

    public void Begin(ReadOnlySpan<byte> head) =>
        IsOther = (step.From.Offset > 0 && (head.Length < step.From.Known || FileMark.HashOf(head[..step.From.Known]) != step.From.Head)) || !head.StartsWith(step.Head.Span);

    /// <summary>Takes the lines that are complete.</summary>
    public void Take(ReadOnlySpan<byte> bytes, LineBuffer lines)
    {
        if (IsOther) return;
        Append(bytes);
        if (!IsVerified()) return;
        Advance(LineCutter.Take(_window.AsSpan(_taken, _length - _taken), Mark.SkipsLine, isEnd: false, lines));
    }

    /// <summary>Takes the last line, which has no end, where nobody will write it.</summary>
    public void TakeRest(LineBuffer lines)
    {
        if (IsOther || !IsVerified() || !HasPartialLine) return;
        Advance(LineCutter.Take(_window.AsSpan(_taken, _length - _taken), Mark.SkipsLine, isEnd: true, lines));
    }

    public void Dispose()
    {
        if (_window.Length > 0) ArrayPool<byte>.Shared.Return(_window);
        _window = [];
    }

    private bool IsVerified()
    {
        int known = step.From.Known;
        if (_taken >= known) return !IsOther;
        if (_length < known) return false;
        IsOther = !step.From.MatchesTail(_window.AsSpan(0, known));
        _taken = known;
        return !IsOther;
    }

    private void Advance((int Used, int Cut, bool Skips) result)
    {
        CutLines += result.Cut;
        if (result.Used == 0) return;
        _taken += result.Used;
        long offset = Mark.Offset + result.Used;
        int known = (int)Math.Min(FileMark.ContentLength, offset);
        string tail = FileMark.HashOf(_window.AsSpan(_taken - known, known));
        // Until so much is taken, the window begins where the file does.
        string head = Mark.Offset >= FileMark.ContentLength ? Mark.Head : FileMark.HashOf(_window.AsSpan(0, known));
        Mark = Mark with { Offset = offset, Head = head, Tail = tail, SkipsLine = result.Skips };
        int dropped = _taken - known;
        _window.AsSpan(dropped, _length - dropped).CopyTo(_window);
        _length -= dropped;
        _taken = known;
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (_window.Length - _length < bytes.Length)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(_length + bytes.Length, _window.Length * 2));
            _window.AsSpan(0, _length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_window);
            _window = larger;
        }

        bytes.CopyTo(_window.AsSpan(_length));
        _length += bytes.Length;
    }
}
