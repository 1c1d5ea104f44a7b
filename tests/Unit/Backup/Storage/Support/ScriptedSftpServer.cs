using System.Buffers.Binary;
using System.IO.Pipelines;
using ProdOps.Backup.Storage;

namespace ProdOps.Backup.Tests.Storage;

/// <summary>An SFTP server in memory with one file, which answers as a test says, or falls silent.</summary>
internal sealed class ScriptedSftpServer : IDisposable
{
    private readonly Pipe _requests = new(new PipeOptions(pauseWriterThreshold: 0)), _answers = new(new PipeOptions(pauseWriterThreshold: 0));
    private readonly Stream? _input;

    /// <param name="input">What requests go through, if not straight to the server.</param>
    public ScriptedSftpServer(Func<Stream, Stream>? input = null)
    {
        _input = input?.Invoke(_requests.Writer.AsStream());
        _ = Task.Run(ServeAsync);
    }

    /// <summary>Whether a request is answered; otherwise there is silence. By default every request is granted, and the file is all zeros and without an end.</summary>
    public Func<SftpMessage, int, bool> Answers { get; set; } = (_, _) => true;

    /// <summary>The status of a request that is answered, instead of what it asks for.</summary>
    public Func<SftpMessage, int, SftpStatus?> Fails { get; set; } = (_, _) => null;

    /// <summary>The longest write that the server says it takes, if it says anything of limits.</summary>
    public ulong? WriteLimit { get; set; }

    /// <summary>Requests so far, with their types.</summary>
    public List<SftpMessage> Requests { get; } = [];

    /// <summary>What came in, in the messages that were written.</summary>
    public List<byte[]> Writes { get; } = [];

    /// <summary>Lets answers out that were held back; each is sent once.</summary>
    public List<Func<Task>> Held { get; } = [];

    public Task<SftpSession> ConnectAsync(CancellationToken cancellationToken = default) =>
        SftpSession.BeginAsync(_input ?? _requests.Writer.AsStream(), _answers.Reader.AsStream(), this, cancellationToken);

    public int Count(SftpMessage type)
    {
        lock (Requests) return Requests.Count(request => request == type);
    }

    /// <summary>As a connection that is closed.</summary>
    public void Dispose()
    {
        _requests.Writer.Complete();
        _answers.Writer.Complete();
    }

    private async Task ServeAsync()
    {
        var input = _requests.Reader.AsStream();
        byte[] head = new byte[5];
        while (await input.ReadAtLeastAsync(head, 5, throwOnEndOfStream: false) == 5)
        {
            byte[] rest = new byte[BinaryPrimitives.ReadInt32BigEndian(head) - 1];
            await input.ReadExactlyAsync(rest);
            var type = (SftpMessage)head[4];
            int count;
            lock (Requests)
            {
                if (type == SftpMessage.Write) Writes.Add(rest);
                Requests.Add(type);
                count = Requests.Count(request => request == type);
            }

            byte[] answer = Answer(type, rest, count);
            if (Answers(type, count)) await SendAsync(answer);
            else
            {
                lock (Held) Held.Add(() => SendAsync(answer));
            }
        }
    }

    private byte[] Answer(SftpMessage type, byte[] request, int count)
    {
        if (type == SftpMessage.Init)
        {
            byte[] name = "limits@openssh.com"u8.ToArray();
            return [(byte)SftpMessage.Version, 0, 0, 0, 3, .. WriteLimit is null ? (byte[])[] : [0, 0, 0, (byte)name.Length, .. name, 0, 0, 0, 1, (byte)'1']];
        }

        byte[] number = request[..4];
        if (Fails(type, count) is { } status) return [(byte)SftpMessage.Status, .. number, 0, 0, 0, (byte)status];
        return type switch
        {
            SftpMessage.Open or SftpMessage.OpenFolder => [(byte)SftpMessage.Handle, .. number, 0, 0, 0, 1, 7],
            SftpMessage.Read => [(byte)SftpMessage.Data, .. number, .. request[^4..], .. new byte[BinaryPrimitives.ReadInt32BigEndian(request.AsSpan(request.Length - 4))]],
            SftpMessage.Stat => [(byte)SftpMessage.Attributes, .. number, 0, 0, 0, 4, 0, 0, 0x41, 0xC0],
            SftpMessage.Extended when WriteLimit is { } limit => [(byte)SftpMessage.ExtendedReply, .. number, .. new byte[16], .. BigEndian(limit), .. new byte[8]],
            SftpMessage.ReadFolder => [(byte)SftpMessage.Status, .. number, 0, 0, 0, (byte)SftpStatus.EndOfFile],
            _ => [(byte)SftpMessage.Status, .. number, 0, 0, 0, 0],
        };
    }

    private static byte[] BigEndian(ulong value)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        return bytes;
    }

    private async Task SendAsync(byte[] answer)
    {
        byte[] message = new byte[4 + answer.Length];
        BinaryPrimitives.WriteInt32BigEndian(message, answer.Length);
        answer.CopyTo(message, 4);
        await _answers.Writer.WriteAsync(message);
    }
}
