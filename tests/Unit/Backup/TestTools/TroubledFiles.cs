using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Tests.TestTools;

/// <summary>This machine's files, with a test's hand in between: it may do something, or throw, at the moments it names.</summary>
internal sealed class TroubledFiles : SourceFileSystem
{
    /// <summary>Called with a folder's path before it is listed.</summary>
    public Action<string>? Listing { get; init; }

    /// <summary>Called with a file's path before it is opened.</summary>
    public Action<string>? Opening { get; init; }

    /// <summary>Called with a file's path and how many bytes were read before each read.</summary>
    public Action<string, long>? Reading { get; init; }

    public static FileSystemException Denied(string path) => new("open", path, "EACCES", "permission denied");

    public static FileSystemException Broken(string path) => new("read", path, "EIO", "input/output error");

    public override FileStat GetStat(ReadOnlySpan<byte> path, bool follow = false) => Local.GetStat(path, follow);

    public override void ReadDirectory(ReadOnlySpan<byte> path, DirectoryListing listing)
    {
        Listing?.Invoke(FileNames.Decode(path));
        Local.ReadDirectory(path, listing);
    }

    public override SourceFile OpenFile(ReadOnlySpan<byte> path)
    {
        string name = FileNames.Decode(path);
        Opening?.Invoke(name);
        return new TroubledFile(this, name, Local.OpenFile(path));
    }

    public override byte[] ReadLink(ReadOnlySpan<byte> path) => Local.ReadLink(path);

    public override ExtendedAttribute[] ReadExtendedAttributes(ReadOnlySpan<byte> path) => Local.ReadExtendedAttributes(path);

    public override string GetUserName(uint userId) => Local.GetUserName(userId);

    public override string GetGroupName(uint groupId) => Local.GetGroupName(groupId);

    private sealed class TroubledFile(TroubledFiles owner, string path, SourceFile inner) : SourceFile
    {
        private long _read;

        public override FileStat GetStat() => inner.GetStat();

        public override int Read(Span<byte> buffer)
        {
            owner.Reading?.Invoke(path, _read);
            int read = inner.Read(buffer);
            _read += read;
            return read;
        }

        public override void Dispose() => inner.Dispose();
    }
}
