using System.Collections.Concurrent;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Tests.TestTools;

/// <summary>
/// This machine's files, but each folder above a test's own stays as it was first seen. Those folders are in every snapshot with their
/// metadata, and anybody who makes a file in one of them changes it: a test that says "nothing has changed" must not see that.
/// </summary>
internal sealed class StillAncestors(string folder) : SourceFileSystem
{
    private readonly ConcurrentDictionary<string, FileStat> _stats = new();
    private readonly ConcurrentDictionary<string, ExtendedAttribute[]> _attributes = new();

    public override FileStat GetStat(ReadOnlySpan<byte> path, bool follow = false)
    {
        var stat = Local.GetStat(path, follow);
        return Ancestor(path) is { } ancestor ? _stats.GetOrAdd($"{follow} {ancestor}", stat) : stat;
    }

    public override ExtendedAttribute[] ReadExtendedAttributes(ReadOnlySpan<byte> path)
    {
        var attributes = Local.ReadExtendedAttributes(path);
        return Ancestor(path) is { } ancestor ? _attributes.GetOrAdd(ancestor, attributes) : attributes;
    }

    public override void ReadDirectory(ReadOnlySpan<byte> path, DirectoryListing listing) => Local.ReadDirectory(path, listing);

    public override SourceFile OpenFile(ReadOnlySpan<byte> path) => Local.OpenFile(path);

    public override byte[] ReadLink(ReadOnlySpan<byte> path) => Local.ReadLink(path);

    public override string GetUserName(uint userId) => Local.GetUserName(userId);

    public override string GetGroupName(uint groupId) => Local.GetGroupName(groupId);

    /// <summary>The path, if it is one of a folder above the test's.</summary>
    private string? Ancestor(ReadOnlySpan<byte> path)
    {
        string name = FileNames.Decode(path).TrimEnd('/');
        return folder.Length > name.Length && folder[name.Length] is '/' or '\\' && folder.StartsWith(name, StringComparison.Ordinal) ? name : null;
    }
}
