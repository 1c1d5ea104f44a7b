using System.Buffers.Binary;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;
using ProdOps.Backup.Tests.Repositories;

namespace ProdOps.Backup.Tests.Storage;

/// <summary>Packs for places elsewhere, while they are made and sent.</summary>
public sealed class SpoolTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_pack_is_in_a_nameless_file_instead_of_memory_and_is_sent_from_there_as_often_as_it_takes()
    {
        byte[] content = TestRepository.RandomBytes(9_000_000, 1);
        var id = ObjectId.Of(content);
        using var server = new ScriptedSftpServer();
        await using var storage = new SftpStorage(
            (SftpAddress)RepositoryAddress.Parse("sftp:host:/r")!, server.ConnectAsync, new TransferOptions { TemporaryFolder = _folder.Path });
        long before = GC.GetAllocatedBytesForCurrentThread();
        using (var pending = storage.BeginFile(FileKind.Pack))
        {
            for (int offset = 0; offset < content.Length; offset += 100_000) pending.Append(content.AsSpan(offset, 100_000));
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
            if (!OperatingSystem.IsWindows()) Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
            for (int time = 0; time < 2; time++)
            {
                server.Writes.Clear();
                await pending.CommitAsync(id, default);
                Assert.Equal(content, Written(server));
            }
        }

        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Theory]
    [InlineData(null, 32_487)]
    [InlineData(0UL, 32_487)]
    [InlineData(1000UL, 32_487)]
    [InlineData(100_000UL, 100_000)]
    [InlineData(ulong.MaxValue, 130_048)]
    public async Task A_piece_is_as_long_as_the_server_takes_it(ulong? limit, int expected)
    {
        byte[] content = TestRepository.RandomBytes(1_000_000, 2);
        using var server = new ScriptedSftpServer { WriteLimit = limit };
        await using var session = await server.ConnectAsync();
        await new SftpFiles(session).WriteAsync("x", new MemoryContent(content), 0, int.MaxValue, static (_, _) => ValueTask.CompletedTask, default);
        Assert.Equal(expected, server.Writes.Max(write => write.Length - Head));
        Assert.Equal(content, Written(server));
    }

    [Fact]
    public async Task Without_a_folder_for_temporary_files_the_error_names_it()
    {
        string folder = _folder["none"];
        using var server = new ScriptedSftpServer();
        await using var storage = new SftpStorage((SftpAddress)RepositoryAddress.Parse("sftp:host:/r")!, server.ConnectAsync, new TransferOptions { TemporaryFolder = folder });
        var error = Assert.Throws<ProdOpsException>(() => storage.BeginFile(FileKind.Pack));
        Assert.Equal(("TemporaryFileFailed", ErrorKind.WriteError, folder), (error.ErrorId, error.Kind, error.Target));
        Assert.Contains("TMPDIR", error.Recommendation);
    }

    // Number, handle of one byte, offset, length.
    private const int Head = 4 + 4 + 1 + 8 + 4;

    private static byte[] Written(ScriptedSftpServer server) =>
        [.. server.Writes.OrderBy(write => BinaryPrimitives.ReadUInt64BigEndian(write.AsSpan(9))).SelectMany(write => write[Head..])];
}
