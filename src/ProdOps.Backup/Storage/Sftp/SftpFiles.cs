using System.Text;

namespace ProdOps.Backup.Storage;

/// <summary>What a repository needs of an SFTP server, in terms of files.</summary>
internal sealed class SftpFiles(SftpSession session)
{
    private const int PieceSize = SftpSession.CommonSize;

    /// <summary>How much is under way at once: an SSH channel's window.</summary>
    private const int Window = 2 << 20;

    private const uint ReadFlag = 1, WriteFlag = 2, CreateFlag = 8, TruncateFlag = 16;

    public SftpSession Session => session;

    /// <summary>A file's attributes, or <see langword="null"/> if it does not exist.</summary>
    public async Task<SftpAttributes?> FindAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await session.AskAsync(new SftpRequest(SftpMessage.Stat).Add(path), cancellationToken);
            return new SftpReader(Expect(answer, SftpMessage.Attributes)).Attributes();
        }
        catch (SftpStatusException error) when (error.Status == SftpStatus.NoSuchFile)
        {
            return null;
        }
    }

    /// <summary>Makes a folder; one that is there is no error.</summary>
    public async Task MakeFolderAsync(string path, uint permissions, CancellationToken cancellationToken)
    {
        try
        {
            await session.AskAsync(new SftpRequest(SftpMessage.MakeFolder).Add(path).AddPermissions(permissions), cancellationToken);
        }
        catch (SftpStatusException error) when (error.Status == SftpStatus.Failure)
        {
            // Version 3 has no better word for "exists".
            if (await FindAsync(path, cancellationToken) is not { IsFolder: true }) throw;
        }
    }

    /// <summary>What is in a folder; a folder that does not exist has nothing.</summary>
    public async Task<List<(string Name, SftpAttributes Attributes)>> ListAsync(string path, Action alive, CancellationToken cancellationToken)
    {
        var entries = new List<(string Name, SftpAttributes Attributes)>();
        byte[] handle;
        try
        {
            handle = await OpenAsync(new SftpRequest(SftpMessage.OpenFolder).Add(path), cancellationToken);
        }
        catch (SftpStatusException error) when (error.Status == SftpStatus.NoSuchFile)
        {
            return entries;
        }

        try
        {
            while (true)
            {
                var answer = await session.AskAsync(new SftpRequest(SftpMessage.ReadFolder).Add(handle), cancellationToken);
                alive();
                ReadNames(Expect(answer, SftpMessage.Name), entries);
            }
        }
        catch (SftpStatusException error) when (error.Status == SftpStatus.EndOfFile)
        {
            return entries;
        }
        finally
        {
            CloseQuietly(handle);
        }
    }

    /// <summary>Reads from a file until the buffer is full or the file ends; the answer is how much there was.</summary>
    public async Task<int> ReadAsync(string path, long offset, Memory<byte> buffer, Func<int, CancellationToken, ValueTask> moved, CancellationToken cancellationToken)
    {
        byte[] handle = await OpenAsync(new SftpRequest(SftpMessage.Open).Add(path).Add(ReadFlag).Add(0u), cancellationToken);
        var pieces = new Queue<(int Start, int Length, Task<int> Read)>();
        using var unwanted = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            int next = 0, end = buffer.Length;
            while (next < end || pieces.Count > 0)
            {
                while (next < end && pieces.Count < Window / PieceSize)
                {
                    int length = Math.Min(PieceSize, end - next);
                    pieces.Enqueue((next, length, ReadPieceAsync(handle, offset + next, buffer.Slice(next, length), unwanted.Token, cancellationToken)));
                    next += length;
                }

                var (start, wanted, read) = pieces.Dequeue();
                int got = await read;
                await moved(got, cancellationToken);
                // Servers may give less than was asked for; only nothing is the end.
                while (got > 0 && got < wanted)
                {
                    int more = await ReadPieceAsync(handle, offset + start + got, buffer.Slice(start + got, wanted - got), unwanted.Token, cancellationToken);
                    if (more == 0) break;
                    got += more;
                }

                if (got == wanted) continue;
                await Task.WhenAll(pieces.Select(piece => piece.Read));
                return start + got;
            }

            return buffer.Length;
        }
        catch
        {
            // Until the last of them is over, the buffer is not the caller's again.
            await GiveUpAsync(unwanted, pieces.Select(piece => piece.Read));
            throw;
        }
        finally
        {
            CloseQuietly(handle);
        }
    }

    /// <summary>Writes a whole file and has it synced to the disk where the server can.</summary>
    /// <param name="path">Its name.</param>
    /// <param name="content">What it holds.</param>
    /// <param name="permissions">Its permissions.</param>
    /// <param name="largest">How much is sent at once at most.</param>
    /// <param name="moved">Is told before so many bytes are sent.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task WriteAsync(string path, UploadContent content, uint permissions, int largest, Func<int, CancellationToken, ValueTask> moved, CancellationToken cancellationToken)
    {
        int size = Math.Min(largest, session.WriteSize);
        byte[] handle = await OpenAsync(new SftpRequest(SftpMessage.Open).Add(path).Add(WriteFlag | CreateFlag | TruncateFlag).AddPermissions(permissions), cancellationToken);
        var writes = new Queue<Task>();
        using var unwanted = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            for (long offset = 0; offset < content.Length;)
            {
                int length = (int)Math.Min(size, content.Length - offset);
                await moved(length, cancellationToken);
                writes.Enqueue(await session.BeginWriteAsync(handle, offset, content, length, unwanted.Token, cancellationToken));
                offset += length;
                if (writes.Count >= Window / size) await writes.Dequeue();
            }

            while (writes.TryDequeue(out var write)) await write;
            if (session.CanSync) await session.AskAsync(new SftpRequest(SftpMessage.Extended).Add("fsync@openssh.com").Add(handle), cancellationToken);
        }
        catch
        {
            await GiveUpAsync(unwanted, writes);
            CloseQuietly(handle);
            throw;
        }

        // An error of closing is one of writing: some file systems tell only then that the disk is full.
        await session.AskAsync(new SftpRequest(SftpMessage.Close).Add(handle), cancellationToken);
    }

    /// <summary>Gives a file its name.</summary>
    public async Task RenameAsync(string from, string to, bool replace, CancellationToken cancellationToken)
    {
        if (replace && session.CanReplace) await session.AskAsync(new SftpRequest(SftpMessage.Extended).Add("posix-rename@openssh.com").Add(from).Add(to), cancellationToken);
        else await session.AskAsync(new SftpRequest(SftpMessage.Rename).Add(from).Add(to), cancellationToken);
    }

    /// <summary>Removes a file; one that is gone is no error.</summary>
    public async Task RemoveAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            await session.AskAsync(new SftpRequest(SftpMessage.Remove).Add(path), cancellationToken);
        }
        catch (SftpStatusException error) when (error.Status == SftpStatus.NoSuchFile)
        {
        }
    }

    /// <summary>Free bytes for others than root, or <see langword="null"/> where the server does not tell.</summary>
    public async Task<long?> GetFreeSpaceAsync(string path, CancellationToken cancellationToken)
    {
        if (!session.CanTellSpace) return null;
        var answer = await session.AskAsync(new SftpRequest(SftpMessage.Extended).Add("statvfs@openssh.com").Add(path), cancellationToken);
        var reader = new SftpReader(Expect(answer, SftpMessage.ExtendedReply));
        reader.LongNumber();
        ulong unit = reader.LongNumber();
        reader.LongNumber();
        reader.LongNumber();
        return (long)UInt128.Min((UInt128)unit * reader.LongNumber(), long.MaxValue);
    }

    private async Task<int> ReadPieceAsync(byte[] handle, long offset, Memory<byte> buffer, CancellationToken unwanted, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await session.AskAsync(new SftpRequest(SftpMessage.Read).Add(handle).Add((ulong)offset).Add((uint)buffer.Length), unwanted, cancellationToken);
            var data = new SftpReader(Expect(answer, SftpMessage.Data)).Bytes();
            if (data.Length > buffer.Length) throw new IOException("The server sends more than was asked for.");
            data.CopyTo(buffer.Span);
            return data.Length;
        }
        catch (SftpStatusException error) when (error.Status == SftpStatus.EndOfFile)
        {
            return 0;
        }
    }

    private async Task<byte[]> OpenAsync(SftpRequest request, CancellationToken cancellationToken)
    {
        var answer = await session.AskAsync(request, cancellationToken);
        return new SftpReader(Expect(answer, SftpMessage.Handle)).Bytes().ToArray();
    }

    /// <summary>It was only read, or the failure that counts is on its way already; and a server that has fallen silent answers this no more than anything else.</summary>
    private void CloseQuietly(byte[] handle) => session.Post(new SftpRequest(SftpMessage.Close).Add(handle));

    private static async Task GiveUpAsync(CancellationTokenSource unwanted, IEnumerable<Task> pieces)
    {
        await unwanted.CancelAsync();
        await Task.WhenAll(pieces).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static void ReadNames(ReadOnlySpan<byte> fields, List<(string Name, SftpAttributes Attributes)> entries)
    {
        var reader = new SftpReader(fields);
        for (uint left = reader.Number(); left > 0; left--)
        {
            string name = Encoding.UTF8.GetString(reader.Bytes());
            reader.Bytes();
            entries.Add((name, reader.Attributes()));
        }
    }

    private static ReadOnlySpan<byte> Expect(SftpAnswer answer, SftpMessage type) =>
        answer.Type == type ? answer.Fields.Span : throw new IOException($"The server answers with {answer.Type} where {type} is due.");
}
