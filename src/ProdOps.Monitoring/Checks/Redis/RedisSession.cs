using System.Text;
using ProdOps.Servers.Secrets;

namespace ProdOps.Monitoring.Checks.Redis;

/// <summary>Asks a Redis server one command after the other over a connection.</summary>
internal sealed class RedisSession(Stream stream)
{
    private byte[] _buffer = new byte[16 * 1024];
    private int _length;

    /// <summary>Logs in.</summary>
    /// <returns>What the server has against it; <see langword="null"/> if nothing.</returns>
    public async Task<string?> LogInAsync(string? user, SecretSource password, CancellationToken cancellationToken)
    {
        byte[] command;
        using (var secret = await password.ResolveAsync(cancellationToken).ConfigureAwait(false))
            command = Command([.. (byte[][])[[.. "AUTH"u8]], .. user is null ? (byte[][])[] : [Encoding.UTF8.GetBytes(user)], secret.Bytes.ToArray()]);
        try
        {
            var reply = await ExchangeAsync(command, cancellationToken).ConfigureAwait(false);
            return reply.IsError ? reply.Text : null;
        }
        finally
        {
            Array.Clear(command);
        }
    }

    /// <summary>Sends a command and waits for its reply, which may be an error.</summary>
    /// <exception cref="ProdOpsException">What came is no reply of Redis.</exception>
    public Task<RespReply> AskAsync(CancellationToken cancellationToken, params IReadOnlyList<string> words) => ExchangeAsync(Command([.. words.Select(Encoding.UTF8.GetBytes)]), cancellationToken);

    private async Task<RespReply> ExchangeAsync(byte[] command, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(command, cancellationToken).ConfigureAwait(false);
        while (true)
        {
            if (RespReply.Read(_buffer.AsSpan(0, _length), out int used) is { } reply)
            {
                _buffer.AsSpan(used, _length - used).CopyTo(_buffer);
                _length -= used;
                return reply;
            }

            if (_length == _buffer.Length) Array.Resize(ref _buffer, _buffer.Length * 2);
            int read = await stream.ReadAsync(_buffer.AsMemory(_length), cancellationToken).ConfigureAwait(false);
            if (read == 0) throw new IOException("it closed the connection");
            _length += read;
        }
    }

    /// <summary>A command is a list of texts.</summary>
    private static byte[] Command(byte[][] words)
    {
        var bytes = new MemoryStream();
        bytes.Write(Encoding.ASCII.GetBytes($"*{words.Length}\r\n"));
        foreach (byte[] word in words)
        {
            bytes.Write(Encoding.ASCII.GetBytes($"${word.Length}\r\n"));
            bytes.Write(word);
            bytes.Write("\r\n"u8);
        }

        return bytes.ToArray();
    }
}
