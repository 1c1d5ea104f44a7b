using System.Buffers;

namespace ProdOps.Servers.FileSystem.Unix;

/// <summary>The extended attributes of one file: of an open one, or of a path whose last part is not followed.</summary>
internal readonly unsafe ref struct UnixAttributes
{
    // XATTR_LIST_MAX and XATTR_SIZE_MAX of Linux.
    private const int MaxLength = 64 * 1024;
    private const int FirstLength = 1024;

    private readonly byte* _native;
    private readonly int _file;
    private readonly ReadOnlySpan<byte> _path;

    /// <param name="native">The path, with its NUL.</param>
    /// <param name="path">What to call it in errors.</param>
    public UnixAttributes(byte* native, ReadOnlySpan<byte> path)
    {
        _native = native;
        _path = path;
    }

    public UnixAttributes(int file, ReadOnlySpan<byte> path)
    {
        _file = file;
        _path = path;
    }

    public ExtendedAttribute[] Read()
    {
        Span<byte> small = stackalloc byte[FirstLength];
        int length = List(small);
        if (length == 0) return [];
        if (length > 0) return ReadValues(small[..length]);

        byte[] large = ArrayPool<byte>.Shared.Rent(MaxLength);
        try
        {
            length = List(large);
            if (length < 0) throw Errno.Exception("listxattr", _path, Errno.Range);
            return ReadValues(large.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(large);
        }
    }

    /// <summary>Sets one attribute; false and the thread's last error if the system refuses.</summary>
    public bool TrySet(ExtendedAttribute attribute)
    {
        using var name = new NativePath(FileNames.Encode(attribute.Name), stackalloc byte[NativePath.StackSize]);
        fixed (byte* namePointer = name)
        fixed (byte* value = attribute.Value)
        {
            return (_native is null
                ? LibC.SetAttribute(_file, namePointer, value, attribute.Value.Length, 0)
                : LibC.SetAttribute(_native, namePointer, value, attribute.Value.Length, 0)) == 0;
        }
    }

    /// <summary>Removes one attribute; false and the thread's last error if the system refuses.</summary>
    public bool TryRemove(string attribute)
    {
        using var name = new NativePath(FileNames.Encode(attribute), stackalloc byte[NativePath.StackSize]);
        fixed (byte* namePointer = name)
            return (_native is null ? LibC.RemoveAttribute(_file, namePointer) : LibC.RemoveAttribute(_native, namePointer)) == 0;
    }

    /// <summary>The length of the list of names, or -1 if the buffer is too small.</summary>
    private int List(Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            nint length = _native is null ? LibC.ListAttributes(_file, start, buffer.Length) : LibC.ListAttributes(_native, start, buffer.Length);
            if (length >= 0) return (int)length;
        }
        return LibC.LastError switch
        {
            Errno.Range => -1,
            Errno.NotSupported or Errno.NoSystemCall or Errno.NoData => 0,
            _ => throw Errno.LastException("listxattr", _path),
        };
    }

    private ExtendedAttribute[] ReadValues(Span<byte> names)
    {
        var attributes = new List<ExtendedAttribute>(2);
        for (int end; !names.IsEmpty; names = names[(end + 1)..])
        {
            end = names.IndexOf((byte)0);
            if (end < 0) break;
            if (ReadValue(names[..(end + 1)]) is { } value) attributes.Add(new ExtendedAttribute(KnownStrings.Get(names[..end]), value));
        }
        return [.. attributes];
    }

    /// <summary>A value, or null if the attribute is gone by now.</summary>
    private byte[]? ReadValue(ReadOnlySpan<byte> name)
    {
        Span<byte> small = stackalloc byte[FirstLength];
        fixed (byte* namePointer = name, smallPointer = small)
        {
            nint length = GetValue(namePointer, smallPointer, FirstLength);
            if (length >= 0) return small[..(int)length].ToArray();
            if (LibC.LastError == Errno.Range)
            {
                byte[] large = new byte[MaxLength];
                fixed (byte* largePointer = large) length = GetValue(namePointer, largePointer, MaxLength);
                if (length >= 0) return large[..(int)length];
            }
            return LibC.LastError is Errno.NoData or Errno.NotSupported ? null : throw Errno.LastException("getxattr", _path);
        }
    }

    private nint GetValue(byte* name, byte* value, nint length) =>
        _native is null ? LibC.GetAttribute(_file, name, value, length) : LibC.GetAttribute(_native, name, value, length);
}
