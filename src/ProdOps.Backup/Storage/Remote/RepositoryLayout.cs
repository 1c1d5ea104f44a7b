using ProdOps.Backup.Repositories;

namespace ProdOps.Backup.Storage;

/// <summary>restic's default layout: the names of a repository's files below its place.</summary>
internal static class RepositoryLayout
{
    /// <summary>The folder of a kind; none for the config.</summary>
    public static string FolderOf(FileKind kind) => kind switch
    {
        FileKind.Key => "keys",
        FileKind.Index => "index",
        FileKind.Snapshot => "snapshots",
        FileKind.Lock => "locks",
        FileKind.Pack => "data",
        _ => "",
    };

    /// <summary>The folders of all kinds.</summary>
    public static IEnumerable<string> Folders { get; } = [.. new[] { FileKind.Key, FileKind.Index, FileKind.Snapshot, FileKind.Lock, FileKind.Pack }.Select(FolderOf)];

    /// <summary>The folders in that of packs, by the first two digits of their ids.</summary>
    public static IEnumerable<string> PackFolders => Enumerable.Range(0, 256).Select(prefix => $"{FolderOf(FileKind.Pack)}/{prefix:x2}");

    public static bool IsPackFolder(ReadOnlySpan<char> name) => name is [var high, var low] && char.IsAsciiHexDigitLower(high) && char.IsAsciiHexDigitLower(low);

    public static string PathOf(FileHandle file)
    {
        if (file.Kind == FileKind.Config) return "config";
        string name = file.Id.ToString();
        return file.Kind == FileKind.Pack ? $"{FolderOf(file.Kind)}/{name[..2]}/{name}" : $"{FolderOf(file.Kind)}/{name}";
    }

    /// <summary>The id of a file by its path below its kind's folder, or false for what is none of the repository's.</summary>
    public static bool TryParse(FileKind kind, ReadOnlySpan<char> path, out ObjectId id)
    {
        id = default;
        if (kind != FileKind.Pack) return ObjectId.TryParse(path, out id);
        // A pack in another pack's folder cannot be reached by its name.
        return path.Length == 3 + 2 * ObjectId.Size && path[2] == '/' && path[..2].SequenceEqual(path.Slice(3, 2)) && ObjectId.TryParse(path[3..], out id);
    }
}
