using System.Buffers;
using System.Security.Cryptography;
using ProdOps.Backup.Repositories;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Restoring;

/// <summary>Reads files and compares them, blob by blob, with what a plan wants them to hold.</summary>
internal static class ContentCheck
{
    private const int BufferSize = 256 * 1024;

    /// <summary>
    /// Marks the parts that the file has at their place. The answer is how many those are, or -1 if the file cannot be read.
    /// </summary>
    public static int FindPresent(SourceFileSystem files, PlannedRestore plan, int index, byte[] path, CancellationToken cancellationToken)
    {
        var (first, count) = (plan.Items[index].FirstPart, plan.Items[index].PartCount);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            using var file = files.OpenFile(path);
            int present = 0;
            for (int i = 0; i < count; i++)
            {
                ref var part = ref plan.Parts[first + i];
                if (!TryHash(file, part.Length, buffer, out var id, cancellationToken)) break;
                part.Present = id == part.Id;
                if (part.Present) present++;
            }
            return present;
        }
        catch (FileSystemException)
        {
            return -1;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>What is wrong with the content of a file, or <see langword="null"/>.</summary>
    public static string? FindDifference(SourceFileSystem files, PlannedRestore plan, int index, CancellationToken cancellationToken)
    {
        var (first, count, size) = (plan.Items[index].FirstPart, plan.Items[index].PartCount, plan.Items[index].Size);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            using var file = files.OpenFile(plan.PathOf(index));
            long length = file.GetStat().Size;
            if (length != size) return $"it has {length} bytes instead of {size}";
            for (int i = 0; i < count; i++)
            {
                ref var part = ref plan.Parts[first + i];
                if (!TryHash(file, part.Length, buffer, out var id, cancellationToken) || id != part.Id)
                    return $"its bytes from {part.FileOffset} to {part.FileOffset + part.Length} are not those of blob {part.Id}";
            }
            return null;
        }
        catch (FileSystemException e)
        {
            return e.Reason;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The id of the next bytes of a file; false if it ends before them.</summary>
    private static bool TryHash(SourceFile file, long length, byte[] buffer, out ObjectId id, CancellationToken cancellationToken)
    {
        id = default;
        if (length <= buffer.Length)
        {
            var content = buffer.AsSpan(0, (int)length);
            if (file.Read(content) != length) return false;
            id = ObjectId.Of(content);
            return true;
        }
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        while (length > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var content = buffer.AsSpan(0, (int)Math.Min(length, buffer.Length));
            if (file.Read(content) != content.Length) return false;
            hash.AppendData(content);
            length -= content.Length;
        }
        Span<byte> bytes = stackalloc byte[ObjectId.Size];
        hash.GetHashAndReset(bytes);
        id = new ObjectId(bytes);
        return true;
    }
}
