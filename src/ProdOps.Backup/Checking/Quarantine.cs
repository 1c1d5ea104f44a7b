using ProdOps.Backup.Storage;

namespace ProdOps.Backup.Checking;

/// <summary>A folder on this machine that gets copies of damaged files before they are removed.</summary>
internal sealed class Quarantine(IStorage storage, string folder)
{
    private readonly byte[] _buffer = new byte[1 << 20];

    public async Task AddAsync(IEnumerable<FileHandle> files, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        foreach (var file in files) await AddAsync(file, cancellationToken);
    }

    private async Task AddAsync(FileHandle file, CancellationToken cancellationToken)
    {
        long size = await storage.FindAsync(file, cancellationToken) ?? 0;
        await using var copy = new FileStream(Path.Combine(folder, $"{file.Kind.ToString().ToLowerInvariant()}-{file.Id}"), FileMode.Create, FileAccess.Write);
        for (long offset = 0; offset < size; offset += _buffer.Length)
        {
            var piece = _buffer.AsMemory(0, (int)Math.Min(_buffer.Length, size - offset));
            await storage.ReadAsync(file, offset, piece, cancellationToken);
            await copy.WriteAsync(piece, cancellationToken);
        }

        copy.Flush(flushToDisk: true);
    }
}
