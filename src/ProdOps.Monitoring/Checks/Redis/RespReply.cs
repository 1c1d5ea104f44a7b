using System.Buffers.Text;
using System.Text;

namespace ProdOps.Monitoring.Checks.Redis;

/// <summary>A reply in Redis' own protocol, RESP version 2: a text, a number, an error, a list, or nothing.</summary>
internal sealed record RespReply
{
    /// <summary>What is larger than this is no answer to a check.</summary>
    public const int MostBytes = 1024 * 1024;

    private const int Deepest = 8, MostItems = 10_000;

    /// <summary>The text, the number as a text, or the error; of a list its items, a line each; <see langword="null"/> for nothing.</summary>
    public string? Text { get; private init; }

    public bool IsError { get; private init; }

    /// <summary>Reads a reply; <see langword="null"/> as long as more must come.</summary>
    /// <param name="received">What came.</param>
    /// <param name="length">How many bytes the reply has.</param>
    /// <exception cref="ProdOpsException">It is no such reply.</exception>
    public static RespReply? Read(ReadOnlySpan<byte> received, out int length)
    {
        length = 0;
        int position = 0, items = 0;
        if (received.Length > MostBytes) throw MonitoringErrors.RedisReplyNotUnderstood("it is too long");
        if (!TryRead(received, ref position, 0, ref items, out var reply)) return null;
        length = position;
        return reply;
    }

    private static bool TryRead(ReadOnlySpan<byte> received, ref int position, int depth, ref int items, out RespReply? reply)
    {
        reply = null;
        if (position >= received.Length) return false;
        byte kind = received[position];
        if (kind is not ((byte)'+' or (byte)'-' or (byte)':' or (byte)'$' or (byte)'*')) throw MonitoringErrors.RedisReplyNotUnderstood(Shown(received[position..]));
        int end = received[position..].IndexOf("\r\n"u8);
        if (end < 0) return false;
        var line = received.Slice(position + 1, end - 1);
        position += end + 2;
        switch (kind)
        {
            case (byte)'+' or (byte)':':
                reply = new RespReply { Text = Encoding.UTF8.GetString(line) };
                return true;
            case (byte)'-':
                reply = new RespReply { Text = Encoding.UTF8.GetString(line), IsError = true };
                return true;
            case (byte)'$':
                return TryReadBulk(received, NumberOf(line), ref position, out reply);
            default:
                return TryReadList(received, NumberOf(line), ref position, depth, ref items, out reply);
        }
    }

    private static bool TryReadBulk(ReadOnlySpan<byte> received, int size, ref int position, out RespReply? reply)
    {
        reply = null;
        if (size < 0)
        {
            reply = new RespReply();
            return true;
        }

        if (received.Length - position < size + 2) return false;
        if (!received.Slice(position + size, 2).SequenceEqual("\r\n"u8)) throw MonitoringErrors.RedisReplyNotUnderstood("a text does not end where it says");
        reply = new RespReply { Text = Encoding.UTF8.GetString(received.Slice(position, size)) };
        position += size + 2;
        return true;
    }

    private static bool TryReadList(ReadOnlySpan<byte> received, int count, ref int position, int depth, ref int items, out RespReply? reply)
    {
        reply = null;
        if (depth >= Deepest) throw MonitoringErrors.RedisReplyNotUnderstood("it is nested too deeply");
        var texts = new List<string>();
        for (int i = 0; i < count; i++)
        {
            if (++items > MostItems) throw MonitoringErrors.RedisReplyNotUnderstood("it has too many items");
            if (!TryRead(received, ref position, depth + 1, ref items, out var item)) return false;
            texts.Add(item!.Text ?? "");
        }

        reply = count < 0 ? new RespReply() : new RespReply { Text = string.Join('\n', texts) };
        return true;
    }

    /// <summary>A length; -1 says that there is nothing.</summary>
    private static int NumberOf(ReadOnlySpan<byte> line) => Utf8Parser.TryParse(line, out int number, out int used) && used == line.Length && number is >= -1 and <= MostBytes
        ? number : throw MonitoringErrors.RedisReplyNotUnderstood(Shown(line));

    private static string Shown(ReadOnlySpan<byte> bytes) =>
        $"'{string.Concat(Encoding.UTF8.GetString(bytes[..Math.Min(bytes.Length, 60)]).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? ' ' : c)).Trim()}' came";
}
