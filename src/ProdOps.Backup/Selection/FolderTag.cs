using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Selection;

/// <summary>A file whose presence keeps its folder's other entries out of the backup.</summary>
internal sealed class FolderTag
{
    /// <summary>A folder that a program marked as a cache.</summary>
    public static FolderTag Cache { get; } = new("CACHEDIR.TAG"u8.ToArray(), "Signature: 8a477f597d28d172789f06886806bc55"u8.ToArray());

    private readonly byte[] _header;

    private FolderTag(byte[] name, byte[] header)
    {
        Name = name;
        _header = header;
    }

    public byte[] Name { get; }

    /// <summary>How the file must begin; empty if only its name counts.</summary>
    public byte[] Header => _header;

    /// <summary>Reads <c>NAME</c> or <c>NAME:HEADER</c>.</summary>
    public static FolderTag Parse(string text)
    {
        int colon = text.IndexOf(':');
        string name = colon < 0 ? text : text[..colon];
        if (name.Length == 0) throw BackupErrors.FolderTagInvalid(text);
        return new FolderTag(FileNames.Encode(name), colon < 0 ? [] : FileNames.Encode(text.AsSpan(colon + 1)));
    }

    /// <summary>Whether the folder holds this tag. One that cannot be read, or that lacks the header, is told of and does not count.</summary>
    public bool IsIn(SourceFileSystem files, ReadOnlySpan<byte> folder, Action<string> warn)
    {
        byte[] path = [.. folder, .. folder is [.., (byte)'/'] ? ""u8 : "/"u8, .. Name];
        try
        {
            files.GetStat(path);
            if (_header.Length == 0) return true;
            using var file = files.OpenFile(path);
            // A fifo of that name must not be read from.
            byte[] start = new byte[_header.Length];
            if (file.GetStat().Type == FileType.File && file.Read(start) == start.Length && start.AsSpan().SequenceEqual(_header)) return true;
            warn($"'{FileNames.Decode(path)}' does not begin as it must to keep its folder out of the backup.");
        }
        catch (FileSystemException e) when (e.ErrorName == "ENOENT")
        {
        }
        catch (FileSystemException e)
        {
            warn($"'{FileNames.Decode(path)}' could not be looked at and does not keep its folder out of the backup: {e.Reason}.");
        }
        return false;
    }
}
