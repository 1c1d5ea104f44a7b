using System.Buffers;

namespace ProdOps.Servers.FileSystem.Unix;

/// <summary>A path with the NUL that system calls want, on the stack where it fits.</summary>
internal ref struct NativePath
{
    /// <summary>What fits the caller's stack without a second thought, and nearly every path.</summary>
    public const int StackSize = 512;

    private readonly Span<byte> _bytes;
    private byte[]? _rented;

    public NativePath(ReadOnlySpan<byte> path, Span<byte> stack)
    {
        // A call would silently use what stands before the NUL: another file.
        if (path.Contains((byte)0)) throw Errno.Exception("open", path, Errno.InvalidArgument);
        _bytes = path.Length < stack.Length ? stack : _rented = ArrayPool<byte>.Shared.Rent(path.Length + 1);
        path.CopyTo(_bytes);
        _bytes[path.Length] = 0;
    }

    public readonly ref byte GetPinnableReference() => ref _bytes[0];

    public void Dispose()
    {
        if (_rented is null) return;
        ArrayPool<byte>.Shared.Return(_rented);
        _rented = null;
    }
}
