using ProdOps.Servers.Commands;

namespace ProdOps.Servers.Tests.Files;

/// <summary>A server whose connection is cut after so many bytes, as when its sshd dies.</summary>
internal sealed class CuttingShell(IServerShell inner, long sendAtMost = long.MaxValue, long receiveAtMost = long.MaxValue) : IServerShell
{
    public string Name => inner.Name;

    public async Task<IServerProcess> StartAsync(ServerCommand command, CancellationToken cancellationToken) =>
        new CutProcess(await inner.StartAsync(command, cancellationToken), sendAtMost, receiveAtMost);

    private sealed class CutProcess(IServerProcess inner, long sendAtMost, long receiveAtMost) : IServerProcess
    {
        private readonly CutStream _input = new(inner.StandardInput, sendAtMost), _output = new(inner.StandardOutput, receiveAtMost);

        public Stream StandardInput => _input;

        public Stream StandardOutput => _output;

        public Stream StandardError => inner.StandardError;

        public async Task<CommandExit> WaitForExitAsync(CancellationToken cancellationToken)
        {
            if (!_input.IsCut && !_output.IsCut) return await inner.WaitForExitAsync(cancellationToken);
            // A command whose output nobody takes does not end; one whose input ends does.
            await inner.StandardInput.DisposeAsync();
            if (_input.IsCut) await inner.WaitForExitAsync(cancellationToken);
            throw ServersErrors.TransferCut("web1", "connection", null);
        }

        public async ValueTask DisposeAsync()
        {
            await _input.DisposeAsync();
            await _output.DisposeAsync();
            await inner.DisposeAsync();
        }
    }

    private sealed class CutStream(Stream inner, long left) : Stream
    {
        private long _left = left;

        public bool IsCut => _left <= 0;

        public override bool CanRead => inner.CanRead;

        public override bool CanSeek => false;

        public override bool CanWrite => inner.CanWrite;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int count = await inner.ReadAsync(buffer[..(int)Math.Min(buffer.Length, _left)], cancellationToken);
            _left -= count;
            return count;
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int count = (int)Math.Min(buffer.Length, _left);
            await inner.WriteAsync(buffer[..count], cancellationToken);
            await inner.FlushAsync(cancellationToken);
            _left -= count;
            if (_left <= 0) throw new IOException("cut");
        }

        public override async ValueTask DisposeAsync() => await inner.DisposeAsync();
    }
}
