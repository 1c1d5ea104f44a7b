using System.Globalization;
using System.Security.Cryptography;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Tests.Restoring;

/// <summary>Everything a restore has to bring back of a tree, a line an item, so that two trees can be compared.</summary>
internal static class TreeDescription
{
    /// <summary>The items below a folder by their path, each with its metadata, its content's hash and the first name of its inode.</summary>
    public static SortedDictionary<string, string> Of(string folder, bool withAccessTime = false)
    {
        var items = new SortedDictionary<string, string>(StringComparer.Ordinal);
        Walk(FileNames.Encode(folder), "", items, [], withAccessTime);
        return items;
    }

    public static void AssertEqual(SortedDictionary<string, string> expected, SortedDictionary<string, string> actual)
    {
        var differences = expected.Keys.Union(actual.Keys)
            .Where(path => expected.GetValueOrDefault(path) != actual.GetValueOrDefault(path))
            .Select(path => $"{path}\n  expected {expected.GetValueOrDefault(path) ?? "nothing"}\n  actual   {actual.GetValueOrDefault(path) ?? "nothing"}")
            .ToList();
        Assert.True(differences.Count == 0, string.Join('\n', differences.Take(20)));
    }

    private static void Walk(byte[] folder, string path, SortedDictionary<string, string> items, Dictionary<ulong, string> inodes, bool withAccessTime)
    {
        var files = SourceFileSystem.Local;
        var listing = new DirectoryListing();
        files.ReadDirectory(folder, listing);
        for (int i = 0; i < listing.Count; i++)
        {
            byte[] full = [.. folder, (byte)'/', .. listing.NameOf(i)];
            string name = path + "/" + FileNames.Decode(listing.NameOf(i));
            var stat = listing.StatOf(i);
            string content = stat.Type switch
            {
                FileType.File => Hash(full),
                FileType.SymbolicLink => FileNames.Decode(files.ReadLink(full)),
                FileType.BlockDevice or FileType.CharacterDevice => stat.DeviceNumber.ToString(CultureInfo.InvariantCulture),
                _ => "",
            };
            string first = stat.Links > 1 && stat.Type != FileType.Directory ? inodes.TryGetValue(stat.Inode, out string? other) ? other : inodes[stat.Inode] = name : "";
            string attributes = string.Join(' ', files.ReadExtendedAttributes(full)
                .OrderBy(attribute => attribute.Name, StringComparer.Ordinal).Select(attribute => $"{attribute.Name}={Convert.ToHexString(attribute.Value)}"));
            string access = withAccessTime && stat.Type == FileType.File ? $"{stat.AccessTime}" : "";
            items.Add(name, $"{stat.Type} {Convert.ToString(stat.Permissions, 8)} {stat.UserId}:{stat.GroupId} {stat.ModifiedTime} {access} "
                + $"{(stat.Type == FileType.File ? stat.Size : 0)} {content} [{first}] {attributes}");
            if (stat.Type == FileType.Directory) Walk(full, name, items, inodes, withAccessTime);
        }
    }

    private static string Hash(byte[] path)
    {
        using var file = SourceFileSystem.Local.OpenFile(path);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[1 << 16];
        for (int read; (read = file.Read(buffer)) > 0;) hash.AppendData(buffer, 0, read);
        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
