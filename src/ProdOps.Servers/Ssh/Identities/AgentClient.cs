using System.Buffers.Binary;
using System.IO.Pipes;
using System.Net.Sockets;

namespace ProdOps.Servers.Ssh.Identities;

/// <summary>A connection to the agent of the user: a Unix socket, on Windows the pipe of OpenSSH's agent or of Pageant.</summary>
internal sealed class AgentClient : IDisposable
{
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(10);

    // A signature may wait for somebody who confirms it or touches a key.
    private static readonly TimeSpan SignatureTime = TimeSpan.FromSeconds(60);
    private readonly Stream _stream;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private bool _broken;

    /// <summary>Speaks to an agent at the other end of a stream.</summary>
    public AgentClient(Stream stream, TimeProvider time)
    {
        _stream = stream;
        _time = time;
    }

    /// <summary>Connects to an agent.</summary>
    /// <exception cref="IOException">There is none, or it does not answer.</exception>
    public static async Task<AgentClient> ConnectAsync(string address, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            return new(OperatingSystem.IsWindows() ? await OpenPipeAsync(address, cancellationToken).ConfigureAwait(false) : await OpenSocketAsync(address, cancellationToken).ConfigureAwait(false), time);
        }
        catch (Exception exception) when (exception is SocketException or TimeoutException or ArgumentException or UnauthorizedAccessException)
        {
            throw new IOException(exception.Message, exception);
        }
    }

    /// <summary>The keys that the agent holds.</summary>
    /// <exception cref="IOException">It does not answer, or not by the protocol.</exception>
    public async Task<IReadOnlyList<AgentKey>> ListAsync(CancellationToken cancellationToken)
    {
        byte[] answer = await AskAsync(AgentMessages.RequestIdentities(), AnswerTime, cancellationToken).ConfigureAwait(false);
        return AgentMessages.ParseIdentities(answer) ?? throw new IOException("it does not list its keys");
    }

    /// <summary>A signature in SSH's encoding.</summary>
    /// <exception cref="IOException">The agent refuses or does not answer.</exception>
    public async Task<byte[]> SignAsync(byte[] key, byte[] data, string algorithm, CancellationToken cancellationToken)
    {
        byte[] answer = await AskAsync(AgentMessages.RequestSignature(key, data, algorithm), SignatureTime, cancellationToken).ConfigureAwait(false);
        return AgentMessages.ParseSignature(answer, algorithm) ?? throw new IOException($"it does not sign by {algorithm}");
    }

    public void Dispose()
    {
        _stream.Dispose();
        _turn.Dispose();
    }

    private async Task<byte[]> AskAsync(byte[] request, TimeSpan time, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(time, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        bool ours = false;
        try
        {
            await _turn.WaitAsync(both.Token).ConfigureAwait(false);
            ours = true;
            // After an answer that was not waited for, the next one read would be the wrong one.
            if (_broken) throw new IOException("it did not answer before");
            _broken = true;
            await _stream.WriteAsync(request, both.Token).ConfigureAwait(false);
            byte[] header = new byte[4];
            await _stream.ReadExactlyAsync(header, both.Token).ConfigureAwait(false);
            uint length = BinaryPrimitives.ReadUInt32BigEndian(header);
            if (length is 0 or > AgentMessages.MaximumLength) throw new IOException("its answer has an impossible length");
            byte[] answer = new byte[length];
            await _stream.ReadExactlyAsync(answer, both.Token).ConfigureAwait(false);
            _broken = false;
            return answer;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"it does not answer within {time.TotalSeconds:0} s");
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            throw new IOException(exception.Message, exception);
        }
        finally
        {
            if (ours) _turn.Release();
        }
    }

    private static async Task<Stream> OpenSocketAsync(string path, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<Stream> OpenPipeAsync(string address, CancellationToken cancellationToken)
    {
        const string folder = @"\\.\pipe\";
        string name = address.Replace('/', '\\');
        if (name.StartsWith(folder, StringComparison.OrdinalIgnoreCase)) name = name[folder.Length..];
        // Pageant's pipe has a name that only it can make up: its beginning is enough to find it.
        if (!File.Exists(folder + name))
        {
            string start = $"{folder}pageant.{Environment.UserName}.";
            name = Directory.EnumerateFiles(folder).FirstOrDefault(pipe => pipe.StartsWith(start, StringComparison.OrdinalIgnoreCase))?[folder.Length..] ?? name;
        }

        var pipe = new NamedPipeClientStream(".", name, PipeDirection.InOut, PipeOptions.Asynchronous);
        try
        {
            await pipe.ConnectAsync(2000, cancellationToken).ConfigureAwait(false);
            return pipe;
        }
        catch
        {
            await pipe.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
