using Microsoft.Extensions.Time.Testing;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;

namespace ProdOps.Backup.Tests.Storage;

/// <summary>Servers over SFTP that stop answering or taking, and transfers that are given up.</summary>
public sealed class SftpSilenceTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);
    private static readonly FileHandle Pack = new(FileKind.Pack, ObjectId.Of("x"u8));
    private static readonly byte[] Handle = [7];

    [Theory]
    [InlineData(nameof(SftpMessage.Read))]
    [InlineData(nameof(SftpMessage.Write))]
    [InlineData(nameof(SftpMessage.ReadFolder))]
    [InlineData(nameof(SftpMessage.Remove))]
    public async Task A_server_that_falls_silent_in_mid_transfer_is_left_and_a_new_session_goes_on(string lastRequest)
    {
        var last = Enum.Parse<SftpMessage>(lastRequest);
        // After this request not one is answered, not even that to close the file.
        bool isSilent = false;
        using var silent = new ScriptedSftpServer { Answers = (type, _) => !(isSilent |= type == last) };
        if (last == SftpMessage.Remove) silent.Fails = (type, _) => type == SftpMessage.Write ? SftpStatus.PermissionDenied : null;
        int sessions = 0;
        var options = new TransferOptions { Time = new FakeTimeProvider() };
        var place = new SftpStorage(SftpAddressOf("/r"), token => (++sessions == 1 ? silent : new ScriptedSftpServer()).ConnectAsync(token), options);
        await using var storage = new ResilientStorage(place, PlaceLab.QuickRetries, TimeProvider.System, SilentActivity.Instance);
        var transfer = last switch
        {
            SftpMessage.Read => storage.ReadAsync(Pack, 0, new byte[1 << 20], default).AsTask(),
            SftpMessage.ReadFolder => storage.ListAsync(FileKind.Snapshot, default).ToListAsync().AsTask(),
            _ => storage.WriteAsync(Pack, new byte[1 << 20], default).AsTask(),
        };
        using var limit = new CancellationTokenSource(Long);
        while (!transfer.IsCompleted)
        {
            if (isSilent && sessions == 1) ((FakeTimeProvider)options.Time).Advance(options.MaximumSilence);
            await Task.Delay(5, limit.Token);
        }

        await transfer;
        Assert.True(isSilent && sessions > 1);
    }

    [Fact]
    public async Task A_message_that_was_given_up_in_the_middle_is_neither_overwritten_nor_followed_by_another()
    {
        GatedStream gate = null!;
        using var server = new ScriptedSftpServer(stream => gate = new GatedStream(stream));
        await using var session = await server.ConnectAsync();
        byte[] piece = new byte[30_000], other = new byte[30_000];
        Array.Fill(piece, (byte)1);
        gate.Shut();
        using var stop = new CancellationTokenSource();
        var write = session.BeginWriteAsync(Handle, 0, new MemoryContent(piece), piece.Length, stop.Token, stop.Token);
        var next = session.AskAsync(new SftpRequest(SftpMessage.Stat).Add("x"), default);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write.WaitAsync(Long));
        await Assert.ThrowsAsync<IOException>(() => next.WaitAsync(Long));
        Assert.False(session.IsAlive);
        await Assert.ThrowsAsync<IOException>(() => session.BeginWriteAsync(Handle, 0, new MemoryContent(other), other.Length, default, default).WaitAsync(Long));
        gate.Open();
        await UntilAsync(() => server.Count(SftpMessage.Write) == 1);
        Assert.Equal(piece, server.Writes[0][^piece.Length..]);
        await Assert.ThrowsAsync<IOException>(() => session.AskAsync(new SftpRequest(SftpMessage.Stat).Add("x"), default).WaitAsync(Long));
        Assert.Equal(0, server.Count(SftpMessage.Stat));
    }

    [Fact]
    public async Task When_one_piece_cannot_be_read_none_comes_into_the_buffer_afterwards()
    {
        using var server = new ScriptedSftpServer
        {
            Answers = (type, count) => type != SftpMessage.Read || count == 1,
            Fails = (type, count) => type == SftpMessage.Read && count == 1 ? SftpStatus.Failure : null,
        };
        await using var session = await server.ConnectAsync();
        byte[] buffer = new byte[1 << 20];
        await Assert.ThrowsAsync<SftpStatusException>(() => new SftpFiles(session).ReadAsync("x", 0, buffer, static (_, _) => ValueTask.CompletedTask, default).WaitAsync(Long));
        await AssertUntouchedAsync(server, session, buffer);
    }

    [Fact]
    public async Task When_reading_is_given_up_nothing_comes_into_the_buffer_afterwards()
    {
        using var server = new ScriptedSftpServer { Answers = static (type, _) => type != SftpMessage.Read };
        await using var session = await server.ConnectAsync();
        byte[] buffer = new byte[1 << 20];
        using var stop = new CancellationTokenSource();
        var read = new SftpFiles(session).ReadAsync("x", 0, buffer, static (_, _) => ValueTask.CompletedTask, stop.Token);
        await UntilAsync(() => server.Count(SftpMessage.Read) == 33);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read.WaitAsync(Long));
        await AssertUntouchedAsync(server, session, buffer);
    }

    [Fact]
    public async Task When_one_piece_cannot_be_written_the_session_lives_and_the_rest_is_not_waited_for()
    {
        using var server = new ScriptedSftpServer
        {
            Answers = (type, count) => type != SftpMessage.Write || count == 1,
            Fails = (type, count) => type == SftpMessage.Write && count == 1 ? SftpStatus.Failure : null,
        };
        await using var session = await server.ConnectAsync();
        await Assert.ThrowsAsync<SftpStatusException>(
            () => new SftpFiles(session).WriteAsync("x", new MemoryContent(new byte[8 << 20]), 0, int.MaxValue, static (_, _) => ValueTask.CompletedTask, default).WaitAsync(Long));
        Assert.True(session.IsAlive);
        await session.AskAsync(new SftpRequest(SftpMessage.Stat).Add("x"), default).WaitAsync(Long);
        Assert.Equal(1, server.Count(SftpMessage.Close));
    }

    private static async Task AssertUntouchedAsync(ScriptedSftpServer server, SftpSession session, byte[] buffer)
    {
        // The buffer is somebody else's now.
        Array.Fill(buffer, (byte)5);
        await UntilAsync(() => server.Count(SftpMessage.Close) == 1);
        foreach (var send in server.Held.ToArray()) await send();
        // Answered after all that.
        await session.AskAsync(new SftpRequest(SftpMessage.Stat).Add("x"), default).WaitAsync(Long);
        await Task.Yield();
        Assert.True(buffer.AsSpan().IndexOfAnyExcept((byte)5) < 0);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(Long);
        while (!condition()) await Task.Delay(5, limit.Token);
    }

    private static SftpAddress SftpAddressOf(string path) => (SftpAddress)RepositoryAddress.Parse($"sftp:host:{path}")!;

    /// <summary>Takes nothing while it is closed, as a peer whose window is full, and reads what it was given only when it opens.</summary>
    private sealed class GatedStream(Stream inner) : Stream
    {
        private TaskCompletionSource? _gate;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public void Shut() => _gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Open() => _gate!.SetResult();

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_gate is { } gate) await gate.Task;
            await inner.WriteAsync(buffer, CancellationToken.None);
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
