using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace ProdOps.Backup.Storage;

/// <summary>
/// A conversation with an SFTP server: any number of requests are under way at once, and answers find theirs by number. What breaks it is told to all
/// that wait, as an <see cref="IOException"/>.
/// </summary>
internal sealed class SftpSession : IAsyncDisposable
{
    /// <summary>OpenSSH's own limit; what is longer is no answer to what we ask.</summary>
    private const int MaximumMessage = 256 << 10;

    /// <summary>What every server takes in one message is 34,000 bytes, says the draft; and so much with its head goes into one packet of SSH.</summary>
    public const int CommonSize = (32 << 10) - MaximumHead;

    /// <summary>Four packets of SSH. OpenSSH takes twice as much, but over a slow line other files' pieces would wait too long for their turn.</summary>
    private const int LargestWrite = (128 << 10) - 1024;

    /// <summary>The longest head of a write: handles have 256 bytes at most.</summary>
    private const int MaximumHead = 9 + 4 + 256 + 8 + 4;

    /// <summary>How long a message that is given up may still take to its end.</summary>
    private static readonly TimeSpan EndOfMessage = TimeSpan.FromMilliseconds(500);

    private readonly Stream _input;
    private readonly Stream _output;
    private readonly IDisposable _owner;
    [SuppressMessage("Reliability", "CA2213:Disposable fields should be disposed", Justification = "Who waits for it must still get an answer, and without a wait handle it holds nothing.")]
    private readonly SemaphoreSlim _sending = new(1);

    private readonly ConcurrentDictionary<uint, TaskCompletionSource<SftpAnswer>> _waiting = new();
    private readonly HashSet<string> _extensions = new(StringComparer.Ordinal);
    private Task _receiving = Task.CompletedTask;
    private Exception? _failure;
    private byte[]? _message;
    private uint _lastNumber;

    private SftpSession(Stream input, Stream output, IDisposable owner) => (_input, _output, _owner) = (input, output, owner);

    /// <summary>False once it is broken.</summary>
    public bool IsAlive => Volatile.Read(ref _failure) is null;

    /// <summary>Whether the server can sync a file to its disk.</summary>
    public bool CanSync => _extensions.Contains("fsync@openssh.com");

    /// <summary>Whether a rename replaces what is there.</summary>
    public bool CanReplace => _extensions.Contains("posix-rename@openssh.com");

    /// <summary>How much one write may carry, in bytes.</summary>
    public int WriteSize { get; private set; } = CommonSize;

    public bool CanTellSpace => _extensions.Contains("statvfs@openssh.com");

    /// <summary>Begins a conversation.</summary>
    /// <param name="input">What the server reads.</param>
    /// <param name="output">What it writes.</param>
    /// <param name="owner">Disposed with the session.</param>
    /// <param name="cancellationToken">Stops waiting for the server's version.</param>
    public static async Task<SftpSession> BeginAsync(Stream input, Stream output, IDisposable owner, CancellationToken cancellationToken)
    {
        var session = new SftpSession(input, output, owner);
        try
        {
            // Version 3, as a number where requests have theirs.
            await input.WriteAsync(new SftpRequest(SftpMessage.Init).Build(3), cancellationToken);
            var (type, message) = await session.ReceiveAsync(cancellationToken);
            if (type != SftpMessage.Version) throw new InvalidDataException("it does not begin with its version");
            session.ReadVersion(message);
            session._receiving = Task.Run(session.ReceiveAllAsync, CancellationToken.None);
            if (session._extensions.Contains("limits@openssh.com")) await session.AskForLimitsAsync(cancellationToken);
            return session;
        }
        catch
        {
            owner.Dispose();
            throw;
        }
    }

    /// <summary>Asks. A status that is not <see cref="SftpStatus.Ok"/> is thrown.</summary>
    public Task<SftpAnswer> AskAsync(SftpRequest request, CancellationToken cancellationToken) => AskAsync(request, cancellationToken, cancellationToken);

    /// <summary>Asks as one of several that are of use only together.</summary>
    /// <param name="request">What.</param>
    /// <param name="unwanted">Gives up its turn and the answer; a message that has begun is still sent whole.</param>
    /// <param name="cancellationToken">Gives up that as well, and with it the session.</param>
    public async Task<SftpAnswer> AskAsync(SftpRequest request, CancellationToken unwanted, CancellationToken cancellationToken)
    {
        var (number, answer) = Register();
        await SendAsync(request.Build(number), number, unwanted, cancellationToken);
        return await WaitAsync(number, answer, unwanted);
    }

    /// <summary>Sends what nobody needs an answer to, after what was sent before; what keeps it from being sent is not told, and not waited for.</summary>
    public void Post(SftpRequest request)
    {
        if (!IsAlive) return;
        uint number = Interlocked.Increment(ref _lastNumber);
        _ = SendQuietlyAsync(request.Build(number), number);
    }

    /// <summary>Sends a piece of a file.</summary>
    /// <param name="handle">The file's.</param>
    /// <param name="offset">Where in the file, and in what it is made of.</param>
    /// <param name="content">What it is made of.</param>
    /// <param name="length">How much of it; no more than <see cref="WriteSize"/>.</param>
    /// <param name="unwanted">Gives up its turn and the answer; a message that has begun is still sent whole.</param>
    /// <param name="cancellationToken">Gives up that as well, and with it the session.</param>
    /// <returns>Once it is sent, the answer to come.</returns>
    public async Task<Task> BeginWriteAsync(byte[] handle, long offset, UploadContent content, int length, CancellationToken unwanted, CancellationToken cancellationToken)
    {
        var (number, answer) = Register();
        var head = new SftpRequest(SftpMessage.Write).Add(handle).Add((ulong)offset).AddAfter(length).Build(number);
        await SendAsync(() =>
        {
            // One buffer is enough: it is filled only by whose turn it is, and after a message that was given up half way there is no other turn.
            _message ??= GC.AllocateUninitializedArray<byte>(WriteSize + MaximumHead);
            head.CopyTo(_message);
            content.Read(offset, _message.AsSpan(head.Length, length));
            return _message.AsMemory(0, head.Length + length);
        }, number, unwanted, cancellationToken);
        return WaitAsync(number, answer, unwanted);
    }

    public async ValueTask DisposeAsync()
    {
        Break(new IOException("The session was closed."));
        _owner.Dispose();
        await _receiving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private (uint Number, TaskCompletionSource<SftpAnswer> Answer) Register()
    {
        uint number = Interlocked.Increment(ref _lastNumber);
        var answer = new TaskCompletionSource<SftpAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[number] = answer;
        // Between the look at the failure and the entry, Break may have passed by.
        if (Volatile.Read(ref _failure) is { } failure) answer.TrySetException(failure);
        return (number, answer);
    }

    private async Task SendQuietlyAsync(ReadOnlyMemory<byte> message, uint number)
    {
        try
        {
            await SendAsync(message, number, CancellationToken.None, CancellationToken.None);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // The session is broken then, which all others are told.
        }
    }

    private Task SendAsync(ReadOnlyMemory<byte> message, uint number, CancellationToken unwanted, CancellationToken cancellationToken) =>
        SendAsync(() => message, number, unwanted, cancellationToken);

    private async Task SendAsync(Func<ReadOnlyMemory<byte>> make, uint number, CancellationToken unwanted, CancellationToken cancellationToken)
    {
        try
        {
            await _sending.WaitAsync(unwanted);
        }
        catch
        {
            _waiting.TryRemove(number, out _);
            throw;
        }

        try
        {
            // The message before may have been given up in the middle: what follows would be read as the rest of it.
            if (Volatile.Read(ref _failure) is { } failure) throw failure;
            await SendWholeAsync(make(), cancellationToken);
        }
        catch
        {
            _waiting.TryRemove(number, out _);
            throw;
        }
        finally
        {
            _sending.Release();
        }
    }

    private async Task SendWholeAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        var sending = _input.WriteAsync(message, CancellationToken.None).AsTask();
        try
        {
            await sending.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // What is nearly sent is sent, so that the session can still clean up. From a server that takes nothing it is torn away.
            await sending.WaitAsync(EndOfMessage, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!sending.IsCompletedSuccessfully) Break(new IOException("A message was given up in the middle."));
            throw;
        }
        catch (Exception error)
        {
            Break(error as IOException ?? new IOException(error.Message, error));
            throw;
        }
    }

    private async Task<SftpAnswer> WaitAsync(uint number, TaskCompletionSource<SftpAnswer> answer, CancellationToken cancellationToken)
    {
        try
        {
            var received = await answer.Task.WaitAsync(cancellationToken);
            if (received.Type == SftpMessage.Status) ThrowUnlessOk(received);
            return received;
        }
        finally
        {
            _waiting.TryRemove(number, out _);
        }
    }

    private static void ThrowUnlessOk(SftpAnswer answer)
    {
        var reader = new SftpReader(answer.Fields.Span);
        var status = (SftpStatus)reader.Number();
        if (status != SftpStatus.Ok) throw new SftpStatusException(status, reader.IsEmpty ? "" : Encoding.UTF8.GetString(reader.Bytes()));
    }

    private void ReadVersion(byte[] message)
    {
        var reader = new SftpReader(message);
        if (reader.Number() < 3) throw new InvalidDataException("its version is older than 3");
        while (!reader.IsEmpty)
        {
            _extensions.Add(Encoding.UTF8.GetString(reader.Bytes()));
            reader.Bytes();
        }
    }

    private async Task AskForLimitsAsync(CancellationToken cancellationToken)
    {
        try
        {
            var answer = await AskAsync(new SftpRequest(SftpMessage.Extended).Add("limits@openssh.com"), cancellationToken);
            if (answer.Type != SftpMessage.ExtendedReply) return;
            var reader = new SftpReader(answer.Fields.Span);
            reader.LongNumber();
            reader.LongNumber();
            // Zero where the server has none to tell.
            WriteSize = (int)Math.Clamp(reader.LongNumber(), CommonSize, LargestWrite);
        }
        catch (SftpStatusException)
        {
            // What every server takes will do.
        }
    }

    private async Task ReceiveAllAsync()
    {
        try
        {
            while (true)
            {
                var (type, message) = await ReceiveAsync(CancellationToken.None);
                if (message.Length < 4) throw new InvalidDataException("an answer ends too early");
                uint number = BinaryPrimitives.ReadUInt32BigEndian(message);
                // Nobody waits for the answer to what was given up.
                if (_waiting.TryRemove(number, out var answer)) answer.TrySetResult(new SftpAnswer(type, message.AsMemory(4)));
            }
        }
        catch (Exception error)
        {
            Break(error as IOException ?? new IOException(error.Message, error));
        }
    }

    private async Task<(SftpMessage Type, byte[] Message)> ReceiveAsync(CancellationToken cancellationToken)
    {
        byte[] head = new byte[5];
        await _output.ReadExactlyAsync(head, cancellationToken);
        uint length = BinaryPrimitives.ReadUInt32BigEndian(head);
        if (length is < 1 or > MaximumMessage) throw new InvalidDataException($"it sends a message of {length} bytes");
        byte[] message = GC.AllocateUninitializedArray<byte>((int)length - 1);
        await _output.ReadExactlyAsync(message, cancellationToken);
        return ((SftpMessage)head[4], message);
    }

    private void Break(IOException failure)
    {
        var first = Interlocked.CompareExchange(ref _failure, failure, null) ?? failure;
        foreach (uint number in _waiting.Keys)
        {
            if (_waiting.TryRemove(number, out var answer)) answer.TrySetException(first);
        }
    }
}
