using ProdOps.Backup.Chunking;
using ProdOps.Backup.Repositories;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Archiving;

/// <content>Reading a file, cutting it into chunks, storing them.</content>
internal sealed partial class ArchiveWorker
{
    private const int ReadSize = 1024 * 1024;

    // A file that ends before the smallest chunk could is one chunk: most files never need a large buffer.
    private readonly byte[] _small = GC.AllocateUninitializedArray<byte>(ChunkScanner.MinSize);

    private void ArchiveFile(FileWork work, CancellationToken cancellationToken)
    {
        byte[] path = work.Tree.PathOf(work.Name);
        PendingFile? pending = null;
        try
        {
            using var file = pipeline.Files.OpenFile(path);
            var stat = file.GetStat();
            if (stat.Type != FileType.File) throw new FileSystemException("open", FileNames.Decode(path), "EFTYPE", "it is no regular file any more");
            pending = new PendingFile(work.Tree, work.Slot, pipeline.Nodes.Create(work.Name, path, stat, work.Previous));
            long size = ReadContent(file, pending, cancellationToken);
            // What was read is what is stored, even if the file grew or shrank meanwhile.
            pending.Node.Size = (ulong)size;
        }
        catch (FileSystemException e)
        {
            pipeline.Fail(path, e);
            if (pending is null)
            {
                Arrive(work.Tree);
                return;
            }
            pending.Failed = true;
        }
        if (!pending.Failed) Interlocked.Increment(ref work.Previous is null ? ref pipeline.Counters.FilesNew : ref pipeline.Counters.FilesChanged);
        if (pending.Arrive()) Finish(pending);
    }

    private long ReadContent(SourceFile file, PendingFile pending, CancellationToken cancellationToken)
    {
        int read = file.Read(_small);
        Interlocked.Add(ref pipeline.Counters.BytesProcessed, read);
        if (read < _small.Length)
        {
            if (read > 0) pending.Complete(pending.Reserve(), StoreData(_small.AsSpan(0, read)));
            return read;
        }
        return read + CutIntoChunks(file, pending, cancellationToken);
    }

    /// <summary>Cuts a file whose first bytes are in the small buffer already; returns how many bytes followed them.</summary>
    private long CutIntoChunks(SourceFile file, PendingFile pending, CancellationToken cancellationToken)
    {
        byte[] buffer = pipeline.Buffers.Rent();
        _small.CopyTo(buffer, 0);
        int length = _small.Length, examined = 0;
        long total = 0;
        try
        {
            while (true)
            {
                int cut = pipeline.Scanner.FindCut(buffer.AsSpan(0, length), examined);
                if (cut >= 0)
                {
                    byte[] next = pipeline.Buffers.Rent();
                    buffer.AsSpan(cut, length - cut).CopyTo(next);
                    length -= cut;
                    examined = 0;
                    (byte[] full, buffer) = (buffer, next);
                    StoreOrHandOver(new BlobWork(pending, pending.Reserve(), full, cut));
                    continue;
                }
                cancellationToken.ThrowIfCancellationRequested();
                examined = length;
                if (length == buffer.Length) buffer = pipeline.Buffers.Grow(buffer);
                int read = file.Read(buffer.AsSpan(length, Math.Min(ReadSize, buffer.Length - length)));
                if (read == 0) break;
                Interlocked.Add(ref pipeline.Counters.BytesProcessed, read);
                total += read;
                length += read;
            }
            if (length > 0) pending.Complete(pending.Reserve(), StoreData(buffer.AsSpan(0, length)));
            return total;
        }
        finally
        {
            pipeline.Buffers.Return(buffer);
        }
    }

    private void StoreOrHandOver(BlobWork blob)
    {
        // A large chunk waits for nobody, so that there are never more large buffers than workers.
        if (blob.Buffer.Length > ChunkBufferPool.CommonSize || !pipeline.Queue.TryAdd(blob)) StoreBlob(blob);
    }

    private void StoreBlob(BlobWork blob)
    {
        ObjectId id;
        try
        {
            id = StoreData(blob.Buffer.AsSpan(0, blob.Length));
        }
        finally
        {
            pipeline.Buffers.Return(blob.Buffer);
        }
        if (blob.File.Complete(blob.Place, id)) Finish(blob.File);
    }

    private ObjectId StoreData(ReadOnlySpan<byte> content)
    {
        var blob = new BlobHandle(BlobType.Data, ObjectId.Of(content));
        if (pipeline.Writer.TryClaim(blob)) pipeline.Writer.Add(blob, content, _sealer);
        return blob.Id;
    }

    private void Finish(PendingFile file)
    {
        if (!file.Failed)
        {
            file.Node.Content = file.Content;
            file.Tree.Nodes[file.Slot] = file.Node;
        }
        Arrive(file.Tree);
    }
}
