using ProdOps.Servers.Files;

namespace ProdOps.Backup.Databases.Loading;

/// <summary>A stream of which it is told how far it has been read. The stream itself stays its owner's.</summary>
internal sealed class ToldStream(Stream inner, CopyProgress progress) : ReadOnlyStream
{
    public static ToldStream Create(Stream inner, string title, IActivity activity, TimeProvider time)
    {
        var progress = new CopyProgress(activity, time) { Title = title };
        progress.Plan(inner.Length - inner.Position);
        return new ToldStream(inner, progress);
    }

    public override long Length => inner.Length;

    public override long Position { get => inner.Position; set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count = await inner.ReadAsync(buffer, cancellationToken);
        progress.Add(count, "loading");
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
