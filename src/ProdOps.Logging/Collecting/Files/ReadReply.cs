using System.Buffers;
using System.Text;
using ProdOps.Logging.Collecting.Rotation;

namespace ProdOps.Logging.Collecting.Files;

/// <summary>Follows the answer to <see cref="FileScripts.Read"/> and <see cref="FileScripts.Unpack"/>. The server is not trusted with numbers: nothing comes that was not asked for.</summary>
/// <param name="reader">The answer.</param>
/// <param name="server">The server's name, for messages.</param>
/// <param name="target">Takes what is read.</param>
internal sealed class ReadReply(ReplyReader reader, string server, IReadTarget target)
{
    /// <summary>How long the end of an unpacked file is.</summary>
    public static int TrailerLength(string mark) => "\nX  000\n".Length + mark.Length;

    /// <summary>Takes stretches of plain files.</summary>
    /// <param name="steps">What was asked for, by number.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task TakeAsync(IReadOnlyList<(int Index, ReadStep Step)> steps, CancellationToken cancellationToken)
    {
        foreach (var (index, step) in steps)
        {
            string line = await LineAsync(cancellationToken).ConfigureAwait(false);
            if (EndOf(line, index) is { } early) await target.EndAsync(index, early, cancellationToken).ConfigureAwait(false);
            else
            {
                target.Begin(index, Head(line, index, step));
                await target.EndAsync(index, await TakeChunksAsync(index, step, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            }
        }

        if (await LineAsync(cancellationToken).ConfigureAwait(false) != "END") throw Wrong("something is there that nobody asked for");
    }

    /// <summary>Takes the rest of a packed file.</summary>
    public async Task TakeUnpackedAsync(int index, ReadStep step, string mark, CancellationToken cancellationToken)
    {
        string line = await LineAsync(cancellationToken).ConfigureAwait(false);
        if (EndOf(line, 0) is { } early)
        {
            await target.EndAsync(index, early, cancellationToken).ConfigureAwait(false);
            return;
        }

        target.Begin(index, Head(line, 0, step));
        int trailer = TrailerLength(mark);
        while (await reader.ReadSomeAsync(trailer, cancellationToken).ConfigureAwait(false) is { Length: > 0 } bytes) await target.TakeAsync(index, bytes, cancellationToken).ConfigureAwait(false);
        string end = Encoding.Latin1.GetString(reader.TakeRest());
        if (end.Length != trailer || !end.StartsWith($"\nX {mark} ", StringComparison.Ordinal)) throw LoggingErrors.ReplyCut(server);
        long code = reader.Number(end.AsSpan(trailer - 4, 3));
        // gzip ends with 2 for what it only warns of: garbage behind the end, of which nothing is printed.
        bool isWhole = code == 0 || (code == 2 && step.File.Packing == Packing.Gzip);
        await target.EndAsync(index, isWhole ? ReadEnd.Complete : ReadEnd.Damaged, cancellationToken).ConfigureAwait(false);
    }

    private async Task<ReadEnd> TakeChunksAsync(int index, ReadStep step, CancellationToken cancellationToken)
    {
        long at = FileScripts.StartOf(step), from = step.From.Offset - step.From.Known, end = step.To!.Value;
        bool isRight = true;
        while (true)
        {
            string line = await LineAsync(cancellationToken).ConfigureAwait(false);
            if (line == $"Z {index}") return isRight && at >= end ? ReadEnd.Complete : ReadEnd.Changed;
            string[] words = line.Split(' ');
            if (words.Length != 3 || words[0] != "F" || reader.Number(words[1]) != index) throw Wrong("a stretch does not go on");
            long length = reader.Number(words[2]);
            if (length < 1 || length > FileScripts.ChunkSize || at + length > end) throw Wrong("more comes than was asked for");
            byte[] chunk = ArrayPool<byte>.Shared.Rent((int)length);
            try
            {
                await reader.ReadExactlyAsync(chunk.AsMemory(0, (int)length), cancellationToken).ConfigureAwait(false);
                isRight &= await IsRightAsync(index, at + length, length, cancellationToken).ConfigureAwait(false);
                int surplus = (int)Math.Clamp(from - at, 0, length);
                if (isRight && length > surplus) await target.TakeAsync(index, chunk.AsMemory(surplus, (int)length - surplus), cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(chunk);
            }

            at += length;
        }
    }

    /// <summary>Whether the file was long enough still when a chunk had been read, and all of the chunk came from it.</summary>
    private async Task<bool> IsRightAsync(int index, long end, long length, CancellationToken cancellationToken)
    {
        if ((await LineAsync(cancellationToken).ConfigureAwait(false)).Length != 0) throw Wrong("a stretch is longer than it was said to be");
        string line = await LineAsync(cancellationToken).ConfigureAwait(false);
        string[] words = line.Split(' ');
        if (words.Length < 3 || words[0] != "E" || reader.Number(words[1]) != index) throw Wrong("a stretch has no end");
        int bytes = Array.FindIndex(words, 3, word => word == "bytes");
        bool isShort = bytes > 3 && reader.Number(words[bytes - 1]) < length;
        return reader.Number(words[2]) >= end && !isShort;
    }

    private byte[] Head(string line, int index, ReadStep step)
    {
        string[] words = line.Split(' ');
        if (words is not ["B", var number, var digits] || reader.Number(number) != index) throw Wrong("a stretch does not begin");
        byte[] head = Hex(digits);
        int most = Math.Max(step.From.Known, step.Head.Length);
        return head.Length > most ? head[..most] : head;
    }

    private static ReadEnd? EndOf(string line, int index) =>
        line == $"C {index}" ? ReadEnd.Changed : line == $"D {index}" ? ReadEnd.Denied : line == $"N {index}" ? ReadEnd.NoTool : null;

    private async ValueTask<string> LineAsync(CancellationToken cancellationToken) => await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false) ?? throw LoggingErrors.ReplyCut(server);

    private byte[] Hex(string digits)
    {
        try
        {
            return Convert.FromHexString(digits);
        }
        catch (FormatException error)
        {
            throw LoggingErrors.ReplyNotUnderstood(server, "a number is no number", error);
        }
    }

    private ProdOpsException Wrong(string what) => LoggingErrors.ReplyNotUnderstood(server, what);
}
