using System.Text;

namespace ProdOps.Servers.Files.Syncing;

/// <summary>What the relay on the source sends before rsync's own bytes: the words of a command line, a NUL after each, and one more.</summary>
/// <param name="Words">The words.</param>
/// <param name="Rest">The beginning of rsync's own bytes.</param>
internal sealed record RsyncHello(IReadOnlyList<string> Words, ReadOnlyMemory<byte> Rest)
{
    private const int MaximumLength = 4096;

    /// <summary>Reads it.</summary>
    /// <returns><see langword="null"/> if the stream ends without it; no words if it is none.</returns>
    public static async Task<RsyncHello?> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[MaximumLength];
        int length = 0;
        while (true)
        {
            int end = buffer.AsSpan(0, length).IndexOf("\0\0"u8);
            if (end >= 0) return new RsyncHello(Encoding.UTF8.GetString(buffer.AsSpan(0, end)).Split('\0'), buffer.AsMemory((end + 2)..length));
            if (length == buffer.Length) return new RsyncHello([], default);
            int count = await stream.ReadAsync(buffer.AsMemory(length), cancellationToken).ConfigureAwait(false);
            if (count == 0) return null;
            length += count;
        }
    }
}
