using Microsoft.Win32.SafeHandles;
using ProdOps.Servers.FileSystem.Managed;
using ProdOps.Servers.FileSystem.Unix;

namespace ProdOps.Servers.FileSystem;

/// <summary>
/// Where a restore writes. Everything hangs on a folder that was opened once: each step down opens one name in a folder that is
/// open already and follows no link, so that nobody who can write below the destination can lead the restore out of it.
/// Failures throw <see cref="FileSystemException"/>.
/// </summary>
internal abstract class TargetFileSystem
{
    /// <summary>This machine's files, in the best way this system has.</summary>
    public static TargetFileSystem Local { get; } = LibC.IsSupported ? new UnixTargetFileSystem() : new ManagedTargetFileSystem();

    /// <summary>How many folders may be kept open at once without taking what others in the process need.</summary>
    public virtual int MaxOpenFolders => 160;

    /// <summary>Opens the destination, making it and the folders above it if need be. Links in this path are the user's own and are followed.</summary>
    public abstract TargetFolder OpenRoot(string path);
}

/// <summary>
/// An open folder at the destination. Names are single parts, never paths. It may be used from several threads until it is disposed.
/// </summary>
internal abstract class TargetFolder : IDisposable
{
    /// <summary>The path, for messages only.</summary>
    public abstract string Path { get; }

    /// <summary>The stat of an entry, a link not followed; false if there is none.</summary>
    public abstract bool TryGetStat(ReadOnlySpan<byte> name, out FileStat stat);

    /// <summary>The entries, sorted by name.</summary>
    public abstract void ReadEntries(DirectoryListing listing);

    /// <summary>Makes a folder that only its owner may enter, until its metadata is set; one that exists is an error, <c>EEXIST</c>.</summary>
    public abstract void CreateFolder(ReadOnlySpan<byte> name);

    public abstract TargetFolder OpenFolder(ReadOnlySpan<byte> name);

    /// <summary>Opens this very folder once more, to be disposed of by itself.</summary>
    public abstract TargetFolder Reopen();

    /// <summary>Makes a file that only its owner may read, open for reading and writing; any entry of that name is an error, <c>EEXIST</c>.</summary>
    public abstract TargetFile CreateFile(ReadOnlySpan<byte> name);

    /// <summary>Opens an existing regular file; a link, a device or anything else is an error.</summary>
    public abstract TargetFile OpenFile(ReadOnlySpan<byte> name, bool write);

    public abstract void CreateSymbolicLink(ReadOnlySpan<byte> name, ReadOnlySpan<byte> target);

    /// <summary>Gives an existing file a second name, here.</summary>
    public abstract void CreateHardLink(ReadOnlySpan<byte> name, TargetFolder existingFolder, ReadOnlySpan<byte> existingName);

    /// <summary>Makes a device, a fifo or a socket.</summary>
    public abstract void CreateSpecial(ReadOnlySpan<byte> name, FileType type, ulong deviceNumber);

    public abstract byte[] ReadLink(ReadOnlySpan<byte> name);

    public abstract ExtendedAttribute[] ReadExtendedAttributes(ReadOnlySpan<byte> name);

    /// <summary>Gives an entry of this folder another name in it, in place of whatever has that name.</summary>
    public abstract void Rename(ReadOnlySpan<byte> name, ReadOnlySpan<byte> newName);

    /// <summary>Moves an entry of this folder into another one on the same file system, in place of a file or an empty folder of that name.</summary>
    public abstract void Move(ReadOnlySpan<byte> name, TargetFolder newFolder, ReadOnlySpan<byte> newName);

    /// <summary>Makes everything written on this folder's file system durable, where the system can do that.</summary>
    public abstract void FlushFileSystem();

    /// <summary>
    /// Removes an entry, a folder with everything in it. Links are removed and not followed; another file system's folder is not emptied: <c>EXDEV</c>.
    /// </summary>
    public abstract void Remove(ReadOnlySpan<byte> name);

    /// <summary>
    /// Sets the metadata of an entry that is no folder. What cannot be set is told of and the rest is still set.
    /// Set a folder's own, <see cref="SetMetadata(in TargetMetadata, MetadataProblems)"/>, when nothing more is written in it.
    /// </summary>
    public abstract void SetMetadata(ReadOnlySpan<byte> name, in TargetMetadata metadata, MetadataProblems problems);

    /// <summary>Sets the metadata of this folder.</summary>
    public abstract void SetMetadata(in TargetMetadata metadata, MetadataProblems problems);

    public abstract void Dispose();

    /// <summary>
    /// Opens the folder at a path below this one, part by part. What is opened on the way is closed again; the caller disposes of the result.
    /// </summary>
    public TargetFolder OpenBelow(IReadOnlyList<byte[]> names)
    {
        if (names.Count == 0) throw new ArgumentException("A path has at least one part.", nameof(names));
        var folder = this;
        try
        {
            foreach (byte[] name in names)
            {
                var next = folder.OpenFolder(name);
                if (folder != this) folder.Dispose();
                folder = next;
            }
            return folder;
        }
        catch
        {
            if (folder != this) folder.Dispose();
            throw;
        }
    }
}

/// <summary>A regular file at the destination. Reads and writes at different places may come from several threads at once.</summary>
internal abstract class TargetFile : IDisposable
{
    /// <summary>For <see cref="RandomAccess"/>.</summary>
    public abstract SafeFileHandle Handle { get; }

    public abstract FileStat GetStat();

    /// <summary>Reads up to the buffer's length; fewer bytes only at the end of the file.</summary>
    public abstract int Read(long offset, Span<byte> buffer);

    public abstract void Write(long offset, ReadOnlySpan<byte> content);

    /// <summary>Cuts the file off, or lengthens it by a hole.</summary>
    public abstract void SetLength(long length);

    /// <summary>Asks for room in advance where the file system can; its length stays. Only a lack of room is an error.</summary>
    public abstract void Reserve(long length);

    /// <summary>Makes what was written durable.</summary>
    public abstract void Flush();

    /// <summary>Sets the metadata, when everything is written: a write would take capabilities and set-user-id away again.</summary>
    public abstract void SetMetadata(in TargetMetadata metadata, MetadataProblems problems);

    public abstract void Dispose();
}

/// <summary>The metadata to give an item. A part that is null is left as it is.</summary>
internal readonly record struct TargetMetadata
{
    public FileType Type { get; init; }

    /// <summary>Octal 07777.</summary>
    public uint? Permissions { get; init; }

    public (uint User, uint Group)? Owner { get; init; }

    public (UnixTime Access, UnixTime Modified)? Times { get; init; }

    /// <summary>All the item is to have; others it has are removed.</summary>
    public IReadOnlyList<ExtendedAttribute>? ExtendedAttributes { get; init; }
}

/// <summary>
/// Collects what metadata could not be set. What only root may set is the same story for every file, so it is told once; everything else each time.
/// </summary>
internal sealed class MetadataProblems(Action<FileSystemException> report)
{
    private readonly HashSet<string> _told = [];

    /// <summary>How many pieces of metadata were not set, told or not.</summary>
    public long Count { get; private set; }

    /// <param name="error">What failed.</param>
    /// <param name="onceFor">What stands for all failures of this kind, or null to tell each.</param>
    public void Add(FileSystemException error, string? onceFor = null)
    {
        lock (_told)
        {
            Count++;
            if (onceFor is not null && !_told.Add(onceFor)) return;
        }
        report(error);
    }
}
