using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using ProdOps.Servers.Files;

namespace ProdOps.Logging.Store;

/// <summary>
/// A segment: a skippable frame that says what it is, then batches, each a skippable frame that says what follows and the frames of lines. It is a zstd file like any other.
/// It can be read while it grows; what is not whole yet is not there.
/// </summary>
internal sealed class SegmentFile : IDisposable
{
    /// <summary>No frame's content is longer: an entry is at most a few MiB.</summary>
    public const int MaximumFrame = 64 * 1024 * 1024;

    private const int MaximumHeader = 64 * 1024, MaximumBatchHeader = 64 * 1024 * 1024, HeadGuess = 4096;

    private readonly SafeFileHandle _file;

    private SegmentFile(string path, SafeFileHandle file, SegmentHeader header, long start)
    {
        Path = path;
        _file = file;
        Header = header;
        Start = start;
    }

    public string Path { get; }

    public SegmentHeader Header { get; }

    /// <summary>Where the first batch begins.</summary>
    public long Start { get; }

    /// <summary>How long the file is now.</summary>
    public long Length => RandomAccess.GetLength(_file);

    /// <summary>Opens a segment for reading.</summary>
    /// <exception cref="ProdOpsException">It is not a segment.</exception>
    public static SegmentFile Open(string path)
    {
        var file = OpenHandle(path);
        try
        {
            var (header, start) = ReadHeader(path, file);
            if (header.Version != SegmentHeader.CurrentVersion) throw LoggingErrors.SegmentInvalid(path, "its version is not known here");
            return new SegmentFile(path, file, header, start);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Opens a segment whose first frame is damaged: of its head nothing is known, and its batches are where they are found.</summary>
    /// <returns><see langword="null"/> if the frame is not damaged, but of a version that is not known here.</returns>
    public static SegmentFile? TryOpenDamaged(string path)
    {
        var file = OpenHandle(path);
        try
        {
            ReadHeader(path, file);
        }
        catch (ProdOpsException)
        {
            return new SegmentFile(path, file, SegmentHeader.Lost, 0);
        }
        catch
        {
            file.Dispose();
            throw;
        }

        file.Dispose();
        return null;
    }

    public static byte[] HeaderFrame(SegmentHeader header) => Skippable.Frame(Skippable.SegmentMagic, JsonSerializer.SerializeToUtf8Bytes(header, StoreJson.Default.SegmentHeader));

    public static byte[] BatchFrame(BatchHeader header) => Skippable.Frame(Skippable.BatchMagic, JsonSerializer.SerializeToUtf8Bytes(header, StoreJson.Default.BatchHeader));

    /// <summary>Reads the head of the batch at an offset; <see langword="null"/> if no whole batch is there.</summary>
    /// <param name="offset">Where it begins.</param>
    /// <param name="verify">Also read the frames and check them.</param>
    public SegmentBatch? ReadBatch(long offset, bool verify)
    {
        long length = Length;
        byte[] head = ReadUpTo(_file, offset, HeadGuess);
        if (!Skippable.TryReadHeader(head, Skippable.BatchMagic, MaximumBatchHeader, out int headerLength)) return null;
        long data = offset + Skippable.HeaderLength + headerLength;
        if (data > length) return null;
        if (head.Length < Skippable.HeaderLength + headerLength) head = ReadUpTo(_file, offset, Skippable.HeaderLength + headerLength);
        if (head.Length < Skippable.HeaderLength + headerLength) return null;
        BatchHeader? header;
        try
        {
            header = JsonSerializer.Deserialize(head.AsSpan(Skippable.HeaderLength, headerLength), StoreJson.Default.BatchHeader);
        }
        catch (JsonException)
        {
            return null;
        }

        if (header?.StoredLength is not { } stored || stored < 0 || stored > length - data) return null;
        return verify && CrcOf(data, stored) != header.Crc32C ? null : new SegmentBatch(header, offset, data, data + stored);
    }

    /// <summary>All batches from an offset on.</summary>
    public IEnumerable<SegmentBatch> ReadBatches(long offset, bool verify)
    {
        while (ReadBatch(offset, verify) is { } batch)
        {
            yield return batch;
            offset = batch.End;
        }
    }

    /// <summary>Fills a buffer from an offset; false if the file ends before.</summary>
    public bool TryRead(long offset, Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            int read = RandomAccess.Read(_file, buffer, offset);
            if (read == 0) return false;
            offset += read;
            buffer = buffer[read..];
        }

        return true;
    }

    public void Dispose() => _file.Dispose();

    private static SafeFileHandle OpenHandle(string path) => File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.RandomAccess);

    private static (SegmentHeader Header, long Start) ReadHeader(string path, SafeFileHandle file)
    {
        byte[] head = ReadUpTo(file, 0, HeadGuess);
        if (!Skippable.TryReadHeader(head, Skippable.SegmentMagic, MaximumHeader, out int length)) throw LoggingErrors.SegmentInvalid(path, "it does not begin as one");
        if (head.Length < Skippable.HeaderLength + length) head = ReadUpTo(file, 0, Skippable.HeaderLength + length);
        if (head.Length < Skippable.HeaderLength + length) throw LoggingErrors.SegmentInvalid(path, "it ends in its first frame");
        try
        {
            return (JsonSerializer.Deserialize(head.AsSpan(Skippable.HeaderLength, length), StoreJson.Default.SegmentHeader) ?? throw LoggingErrors.SegmentInvalid(path, "its first frame is damaged"), Skippable.HeaderLength + length);
        }
        catch (JsonException error)
        {
            throw LoggingErrors.SegmentInvalid(path, "its first frame is damaged", error);
        }
    }

    private uint CrcOf(long offset, long length)
    {
        byte[] buffer = GC.AllocateUninitializedArray<byte>((int)Math.Min(length, 1024 * 1024));
        uint crc = Crc32C.Seed;
        while (length > 0)
        {
            var part = buffer.AsSpan(0, (int)Math.Min(length, buffer.Length));
            if (!TryRead(offset, part)) return 0;
            crc = Crc32C.Append(crc, part);
            offset += part.Length;
            length -= part.Length;
        }

        return Crc32C.Finish(crc);
    }

    private static byte[] ReadUpTo(SafeFileHandle file, long offset, int length)
    {
        byte[] bytes = new byte[length];
        int done = 0;
        while (done < length && RandomAccess.Read(file, bytes.AsSpan(done), offset + done) is > 0 and int read) done += read;
        return done == length ? bytes : bytes[..done];
    }
}

/// <summary>A batch in a segment.</summary>
/// <param name="Header">What it says of itself.</param>
/// <param name="Offset">Where it begins.</param>
/// <param name="Data">Where its first frame of lines begins.</param>
/// <param name="End">Where the next batch begins.</param>
internal sealed record SegmentBatch(BatchHeader Header, long Offset, long Data, long End);
