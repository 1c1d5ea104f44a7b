using System.Buffers.Binary;
using ProdOps.Servers.FileSystem.Managed;
using ProdOps.Servers.FileSystem.Unix;

namespace ProdOps.Servers.FileSystem;

/// <summary>
/// Reads files and their metadata for a backup. Paths are the file system's own bytes (UTF-8 by custom, anything by
/// right), absolute, without a terminating NUL. Members are synchronous, since they are called from the pipeline's own threads by
/// the hundred thousand, and may be called from several threads at once. Failures throw <see cref="FileSystemException"/>.
/// </summary>
internal abstract class SourceFileSystem : IOwnerNames
{
    /// <summary>This machine's files, in the best way this system has.</summary>
    public static SourceFileSystem Local { get; } = LibC.IsSupported ? new UnixFileSystem() : new ManagedFileSystem();

    /// <summary>What <c>lstat</c> tells; a symbolic link is not followed unless <paramref name="follow"/> is set.</summary>
    public abstract FileStat GetStat(ReadOnlySpan<byte> path, bool follow = false);

    /// <summary>
    /// Lists a folder into <paramref name="listing"/> (cleared first), with the stat of each entry, without <c>.</c> and <c>..</c>, in the order of their names' bytes.
    /// An entry that vanishes between reading its name and its stat is left out; one that cannot be looked at is in <see cref="DirectoryListing.Failures"/>.
    /// </summary>
    public abstract void ReadDirectory(ReadOnlySpan<byte> path, DirectoryListing listing);

    /// <summary>Opens a regular file for reading from its start, without following a link and without touching its access time where allowed.</summary>
    public abstract SourceFile OpenFile(ReadOnlySpan<byte> path);

    /// <summary>A symbolic link's target, as bytes.</summary>
    public abstract byte[] ReadLink(ReadOnlySpan<byte> path);

    /// <summary>
    /// The extended attributes, ACLs and capabilities among them, in the kernel's order, without following a link; empty where the file system has none.
    /// </summary>
    public abstract ExtendedAttribute[] ReadExtendedAttributes(ReadOnlySpan<byte> path);

    /// <summary>The name of a user, or "" if it has none. Cached.</summary>
    public abstract string GetUserName(uint userId);

    /// <summary>The name of a group, or "" if it has none. Cached.</summary>
    public abstract string GetGroupName(uint groupId);
}

/// <summary>A regular file opened for reading.</summary>
internal abstract class SourceFile : IDisposable
{
    /// <summary>Stat of the open file: what is really being read.</summary>
    public abstract FileStat GetStat();

    /// <summary>Reads up to the buffer's length; fewer bytes only at the end of the file.</summary>
    public abstract int Read(Span<byte> buffer);

    public abstract void Dispose();
}

/// <summary>A name and value as <c>getxattr</c> has them.</summary>
internal readonly record struct ExtendedAttribute(string Name, byte[] Value);

/// <summary>A folder's entries, sorted by name, in reusable arrays instead of an object an entry.</summary>
internal sealed class DirectoryListing
{
    private byte[] _names = new byte[4096];
    private DirectoryEntry[] _entries = new DirectoryEntry[64];
    private Key[] _order = [];
    private bool _isOrdered;
    private int _namesLength;

    public int Count { get; private set; }

    /// <summary>Entries whose stat failed, with the reason.</summary>
    public List<(byte[] Name, FileSystemException Error)> Failures { get; } = [];

    public ReadOnlySpan<byte> NameOf(int index) => NameOfEntry(EntryOf(index));

    public ref readonly FileStat StatOf(int index) => ref _entries[EntryOf(index)].Stat;

    /// <summary>The index of a name in a sorted listing, or a negative number.</summary>
    public int Find(ReadOnlySpan<byte> name)
    {
        int low = 0, high = Count - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            int order = NameOf(middle).SequenceCompareTo(name);
            if (order == 0) return middle;
            if (order < 0) low = middle + 1;
            else high = middle - 1;
        }
        return ~low;
    }

    public void Clear()
    {
        Count = 0;
        _namesLength = 0;
        _isOrdered = false;
        Failures.Clear();
    }

    public void Add(ReadOnlySpan<byte> name, in FileStat stat)
    {
        if (_isOrdered) throw new InvalidOperationException("A sorted listing takes no more entries.");
        if (_namesLength + name.Length > _names.Length) Array.Resize(ref _names, Math.Max(_names.Length * 2, _namesLength + name.Length));
        if (Count == _entries.Length) Array.Resize(ref _entries, Count * 2);
        name.CopyTo(_names.AsSpan(_namesLength));
        _entries[Count++] = new DirectoryEntry { NameOffset = _namesLength, NameLength = name.Length, Stat = stat };
        _namesLength += name.Length;
    }

    /// <summary>
    /// Puts the entries in the order of their names' bytes, which is the order of a tree. A name that the system told twice,
    /// as it may when files are renamed meanwhile, stays once.
    /// </summary>
    public void Sort()
    {
        _isOrdered = false;
        bool ascending = true;
        for (int i = 1; i < Count && ascending; i++) ascending = NameOf(i - 1).SequenceCompareTo(NameOf(i)) < 0;
        if (ascending) return;

        // Large entries stay where they are; small keys are moved, and most pairs are decided by the first eight bytes.
        if (_order.Length < Count) _order = new Key[_entries.Length];
        Span<byte> prefix = stackalloc byte[8];
        for (int i = 0; i < Count; i++)
        {
            var name = NameOfEntry(i);
            prefix.Clear();
            name[..Math.Min(8, name.Length)].CopyTo(prefix);
            _order[i] = new Key(BinaryPrimitives.ReadUInt64BigEndian(prefix), i);
        }
        _order.AsSpan(0, Count).Sort((left, right) =>
        {
            int byPrefix = left.Prefix.CompareTo(right.Prefix);
            return byPrefix != 0 ? byPrefix : NameOfEntry(left.Entry).SequenceCompareTo(NameOfEntry(right.Entry));
        });
        int kept = 1;
        for (int i = 1; i < Count; i++)
        {
            if (!NameOfEntry(_order[i].Entry).SequenceEqual(NameOfEntry(_order[kept - 1].Entry))) _order[kept++] = _order[i];
        }
        Count = kept;
        _isOrdered = true;
    }

    private ReadOnlySpan<byte> NameOfEntry(int entry) => _names.AsSpan(_entries[entry].NameOffset, _entries[entry].NameLength);

    private int EntryOf(int index) => _isOrdered ? _order[index].Entry : index;

    private struct DirectoryEntry
    {
        public int NameOffset;
        public int NameLength;
        public FileStat Stat;
    }

    private readonly record struct Key(ulong Prefix, int Entry);
}

/// <summary>A system call that failed, with its error number's name.</summary>
internal sealed class FileSystemException(string operation, string path, string errorName, string message, Exception? inner = null)
    : IOException($"{operation} {path}: {message}", inner)
{
    /// <summary>The call, e.g. <c>open</c>.</summary>
    public string Operation { get; } = operation;

    public string Path { get; } = path;

    /// <summary>The error's symbolic name, e.g. <c>EACCES</c>, on every system.</summary>
    public string ErrorName { get; } = errorName;

    /// <summary>The reason alone, e.g. <c>permission denied</c>.</summary>
    public string Reason { get; } = message;

    /// <summary>The catalogue's word for it; <see cref="ErrorKind.NotSpecified"/> where it depends on what was being done.</summary>
    public ErrorKind Kind => ErrorName switch
    {
        "EACCES" or "EPERM" or "EROFS" => ErrorKind.PermissionDenied,
        "ENOENT" or "ENOTDIR" => ErrorKind.NotFound,
        "EEXIST" or "ENOTEMPTY" => ErrorKind.AlreadyExists,
        "EBUSY" or "ETXTBSY" => ErrorKind.ResourceBusy,
        "ENOSPC" or "EDQUOT" or "EMFILE" or "ENFILE" or "ENOMEM" or "ESTALE" => ErrorKind.ResourceUnavailable,
        "EOPNOTSUPP" or "ENOSYS" => ErrorKind.NotSupported,
        _ => ErrorKind.NotSpecified,
    };
}
