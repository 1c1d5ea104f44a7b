using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Trees;

/// <summary>The words restic has for a node's type.</summary>
internal static class NodeTypes
{
    public static ReadOnlySpan<byte> NameOf(FileType type) => type switch
    {
        FileType.File => "file"u8,
        FileType.Directory => "dir"u8,
        FileType.SymbolicLink => "symlink"u8,
        FileType.BlockDevice => "dev"u8,
        FileType.CharacterDevice => "chardev"u8,
        FileType.Fifo => "fifo"u8,
        FileType.Socket => "socket"u8,
        _ => "irregular"u8,
    };

    /// <summary>A word of a newer format, as every other unknown one, is <see cref="FileType.Unknown"/>: kept, never restored.</summary>
    public static FileType Parse(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("file"u8) ? FileType.File
        : name.SequenceEqual("dir"u8) ? FileType.Directory
        : name.SequenceEqual("symlink"u8) ? FileType.SymbolicLink
        : name.SequenceEqual("dev"u8) ? FileType.BlockDevice
        : name.SequenceEqual("chardev"u8) ? FileType.CharacterDevice
        : name.SequenceEqual("fifo"u8) ? FileType.Fifo
        : name.SequenceEqual("socket"u8) ? FileType.Socket
        : FileType.Unknown;
}
