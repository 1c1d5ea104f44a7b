using ProdOps.Backup.FileSystem;
using ProdOps.Backup.FileSystem.Unix;

namespace ProdOps.Backup.Restoring.Target;

/// <summary>
/// An open folder that things are restored into. Every name is one part of a path and is resolved in this very folder, and no link
/// is ever followed, so that nothing outside can be reached whatever somebody does to the tree meanwhile. Failures throw <see cref="FileSystemException"/>.
/// Members may be called from several threads.
/// </summary>
internal abstract class TargetFolder : IDisposable
{
    /// <summary>The mode of what is not finished: nobody else can look in.</summary>
    public const uint OwnerOnly = 0x1C0;

    /// <summary>Opens the destination itself, following links on the way to it; a missing one is made, with the folders above it.</summary>
    public static TargetFolder OpenRoot(ReadOnlySpan<byte> path) => LibC.IsSupported ? UnixTargetFolder.Open(path) : ManagedTargetFolder.Open(path);

    public abstract TargetFolder OpenFolder(ReadOnlySpan<byte> name);

    /// <summary>Makes a folder for nobody but its owner.</summary>
    public abstract void MakeFolder(ReadOnlySpan<byte> name);

    /// <summary>Makes a file for nobody but its owner; one that exists is an error.</summary>
    public abstract TargetFile CreateFile(ReadOnlySpan<byte> name);

    /// <summary>Opens a regular file that exists, to change parts of it.</summary>
    public abstract TargetFile OpenFile(ReadOnlySpan<byte> name);

    public abstract void MakeSymbolicLink(ReadOnlySpan<byte> name, ReadOnlySpan<byte> target);

    /// <summary>Makes a device or a fifo.</summary>
    public abstract void MakeNode(ReadOnlySpan<byte> name, FileType type, ulong device);

    /// <summary>Gives the file <paramref name="existing"/> of another folder a further name in this one.</summary>
    public abstract void MakeHardLink(ReadOnlySpan<byte> name, TargetFolder folder, ReadOnlySpan<byte> existing);

    /// <summary>Removes what is no folder.</summary>
    public abstract void Remove(ReadOnlySpan<byte> name);

    /// <summary>Removes a folder that is empty.</summary>
    public abstract void RemoveFolder(ReadOnlySpan<byte> name);

    /// <summary>Removes anything, with all that is in it; other file systems mounted in it are an error.</summary>
    public abstract void RemoveTree(ReadOnlySpan<byte> name, CancellationToken cancellationToken);

    /// <summary>Sets the metadata of an entry that is no folder.</summary>
    public abstract MetadataOutcome SetMetadata(ReadOnlySpan<byte> name, in TargetMetadata metadata);

    /// <summary>Sets the folder's own metadata.</summary>
    public abstract MetadataOutcome SetMetadata(in TargetMetadata metadata);

    public abstract void Dispose();
}

/// <summary>A file that is being restored.</summary>
internal abstract class TargetFile : IDisposable
{
    public abstract void Write(ReadOnlySpan<byte> bytes, long offset);

    public abstract void SetLength(long length);

    public abstract MetadataOutcome SetMetadata(in TargetMetadata metadata);

    public abstract void Dispose();
}

/// <summary>The metadata an item is to have.</summary>
internal ref struct TargetMetadata
{
    /// <summary>Not for symbolic links, which have none that count.</summary>
    public bool HasPermissions;
    public uint Permissions;

    /// <summary>Whether the owner may be another one than wanted.</summary>
    public bool SetsOwner;
    public uint UserId;
    public uint GroupId;
    public UnixTime ModifiedTime;
    public UnixTime AccessTime;
    public ReadOnlySpan<ExtendedAttribute> Attributes;

    /// <summary>Whether it may have attributes that it is not to have.</summary>
    public bool RemovesOtherAttributes;
}

/// <summary>What of the metadata could not be set; the rest was.</summary>
/// <param name="OwnerRefused">The user may not give files away, as no one but root may. Not a failure.</param>
/// <param name="Failure">The first thing that failed, or <see langword="null"/>.</param>
internal readonly record struct MetadataOutcome(bool OwnerRefused, FileSystemException? Failure);
