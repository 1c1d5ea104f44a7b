using ProdOps.Servers.Files;

namespace ProdOps.Servers.Commands;

/// <summary>A command's output of which little is expected: more than the limit is an error, so that no server can fill this machine's memory.</summary>
internal sealed class BoundedStream(Stream inner, int limit, Func<ProdOpsException> failure) : ReadOnlyStream
{
    private long _left = limit;

    /// <summary>The beginning of a text. What does not fit is read all the same, or the command would wait for ever.</summary>
    public static async Task<string> ReadStartAsync(Stream stream, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[16 * 1024];
        int length = 0, count;
        while ((count = await stream.ReadAsync(buffer.AsMemory(Math.Min(length, buffer.Length - 512)), cancellationToken).ConfigureAwait(false)) > 0) length = Math.Min(length + count, buffer.Length - 512);
        return System.Text.Encoding.UTF8.GetString(buffer.AsSpan(0, length));
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        return (_left -= count) >= 0 ? count : throw failure();
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();
}
