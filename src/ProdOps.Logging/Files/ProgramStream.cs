using System.Diagnostics;
using ProdOps.Servers.Files;

namespace ProdOps.Logging.Files;

/// <summary>What a program prints. That it fails is found out at the end, and then the end is an error.</summary>
internal sealed class ProgramStream : ReadOnlyStream
{
    private readonly Process _process;
    private readonly string _path;
    private readonly Stream _output;
    private readonly Task<string> _complaints;
    private bool _ended;

    public ProgramStream(Process process, string path)
    {
        _process = process;
        _path = path;
        _output = process.StandardOutput.BaseStream;
        _complaints = process.StandardError.ReadToEndAsync();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        int read = _output.Read(buffer);
        if (read > 0 || buffer.IsEmpty || _ended) return read;
        _ended = true;
        _process.WaitForExit();
        if (_process.ExitCode != 0) throw new InvalidDataException($"'{_path}' could not be decompressed: {_complaints.GetAwaiter().GetResult().Trim()}");
        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            if (!_process.HasExited) _process.Kill();
            _process.Dispose();
        }

        base.Dispose(disposing);
    }
}
