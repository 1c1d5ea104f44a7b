using System.Text;
using ProdOps.Backup.Crypto;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;

namespace ProdOps.Backup.Tests.Repositories;

/// <summary>What most tests of repositories begin with.</summary>
internal static class TestRepository
{
    public static readonly byte[] Password = "correct horse"u8.ToArray();

    /// <summary>Deriving a key at these costs takes no time.</summary>
    public static readonly ScryptParameters CheapKey = new(16, 1, 1);

    public static async Task<Repository> CreateAsync(IStorage storage, int version = 2, TimeProvider? timeProvider = null)
    {
        var repository = await Repository.InitializeAsync(
            storage, Password, new RepositoryInitializeOptions { Version = version, KeyParameters = CheapKey }, timeProvider ?? TimeProvider.System, default);
        await repository.LoadIndexAsync(SilentActivity.Instance, default);
        return repository;
    }

    public static async Task<Repository> OpenAsync(IStorage storage, TimeProvider? timeProvider = null)
    {
        var repository = await Repository.OpenAsync(storage, Password, timeProvider ?? TimeProvider.System, default);
        await repository.LoadIndexAsync(SilentActivity.Instance, default);
        return repository;
    }

    /// <summary>Stores blobs and their index; returns their names.</summary>
    public static async Task<List<BlobHandle>> WriteAsync(Repository repository, BlobType type, IEnumerable<byte[]> contents, BlobWriterOptions? options = null)
    {
        var handles = new List<BlobHandle>();
        await using var writer = repository.BeginWriting(options ?? new BlobWriterOptions());
        using var sealer = writer.CreateSealer();
        foreach (byte[] content in contents)
        {
            var blob = new BlobHandle(type, ObjectId.Of(content));
            if (writer.TryClaim(blob)) writer.Add(blob, content, sealer);
            handles.Add(blob);
        }

        await writer.FlushAsync(default);
        return handles;
    }

    /// <summary>A snapshot of one file <c>/hello</c>, its tree encoded by hand.</summary>
    public static async Task<ObjectId> WriteSnapshotAsync(Repository repository, byte[] content)
    {
        var data = (await WriteAsync(repository, BlobType.Data, [content]))[0];
        string tree = $$"""
            {"nodes":[{"name":"hello","type":"file","mode":420,"mtime":"2026-11-23T10:00:00.123456789+01:00","atime":"2026-11-23T10:00:00.123456789+01:00","ctime":"2026-11-23T10:00:00.123456789+01:00","uid":0,"gid":0,"user":"root","group":"root","inode":42,"device_id":7,"size":{{content.Length}},"links":1,"content":["{{data.Id}}"]}]}
            """ + "\n";
        var root = (await WriteAsync(repository, BlobType.Tree, [Encoding.UTF8.GetBytes(tree)]))[0];
        return await repository.WriteSnapshotAsync(
            new SnapshotFile
            {
                Time = Rfc3339Time.Now(TimeProvider.System), Tree = root.Id, Paths = ["/"], HostName = "web1", UserName = "root", Tags = ["first"], ProgramVersion = "ProdOps 0.1.0",
            },
            default);
    }

    public static byte[] RandomBytes(int length, int seed)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public static byte[] Text(int length, int seed)
    {
        var random = new Random(seed);
        string[] words = ["backup", "restore", "server", "disk", "plan", "\n"];
        var text = new StringBuilder();
        while (text.Length < length) text.Append(words[random.Next(words.Length)]).Append(' ').Append(random.Next(1000));
        return Encoding.UTF8.GetBytes(text.ToString(0, length));
    }
}

/// <summary>Keeps what an engine told.</summary>
internal sealed class RecordingActivity : IActivity
{
    public System.Collections.Concurrent.ConcurrentQueue<string> Warnings { get; } = new();

    public System.Collections.Concurrent.ConcurrentQueue<ProdOpsException> Errors { get; } = new();

    public void Verbose(string message) { }

    public void Warning(string message) => Warnings.Enqueue(message);

    public void Error(ProdOpsException error) => Errors.Enqueue(error);

    public void Progress(ActivityProgress progress) { }
}
