using System.Text;
using ProdOps.Servers.Files;

namespace ProdOps.Servers.Commands;

/// <summary>
/// One of a command's output streams, from the line after its start marker on. Markers are waited for by <see cref="FindAsync"/>, or by
/// <see cref="SkipNoise"/> and the first read; without a start marker there is nothing but noise, and the stream is empty.
/// </summary>
internal sealed class MarkedStream(Stream inner, string startMarker) : ReadOnlyStream
{
    private const int MaximumLine = 4096;

    private readonly byte[] _buffer = new byte[4096];
    private readonly StringBuilder _noise = new();
    private ReadOnlyMemory<byte> _left;
    private Task<FoundMarker?>? _finding;
    private volatile bool _started;

    /// <summary>The beginning of what came before the last marker.</summary>
    public string Noise => _noise.ToString();

    /// <summary>
    /// Reads up to the first of the markers and, for one that ends its line, over the end of the line. After the start marker the
    /// stream's own bytes follow.
    /// </summary>
    /// <returns>The marker and the rest of its line, or <see langword="null"/> at the end of the stream.</returns>
    public async ValueTask<FoundMarker?> FindAsync(IReadOnlyList<string> markers, CancellationToken cancellationToken)
    {
        var scanner = new MarkerScanner([.. markers.Select(Encoding.ASCII.GetBytes)]);
        var piece = _left.ToArray().AsMemory();
        _left = default;
        int marker;
        while (true)
        {
            if (scanner.TryFind(piece.Span, out marker, out var rest))
            {
                _left = rest.ToArray();
                break;
            }

            int length;
            try
            {
                length = await inner.ReadAsync(_buffer, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // Whoever looks next gets what may be the beginning of a marker.
                _left = scanner.Tail.ToArray();
                throw;
            }

            if (length == 0)
            {
                scanner.End();
                AddNoise(scanner);
                return null;
            }

            piece = _buffer.AsMemory(0, length);
        }

        AddNoise(scanner);
        string found = markers[marker];
        // A prompt is no line: whoever asks waits behind it.
        string line = found.EndsWith(':') ? "" : await ReadLineAsync(cancellationToken).ConfigureAwait(false);
        // Not before: who reads while noise is skipped must wait for the end of the marker's line too.
        _started = found == startMarker;
        return new FoundMarker(found, line);
    }

    /// <summary>Drops what comes before the start marker, without anybody having to wait: both streams share a window, and noise on one must not hold up the other.</summary>
    /// <returns>Completes when the start marker has come or the stream has ended.</returns>
    public Task SkipNoise() => _finding ??= FindAsync([startMarker], CancellationToken.None).AsTask();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_started)
        {
            await SkipNoise().WaitAsync(cancellationToken).ConfigureAwait(false);
            if (!_started) return 0;
        }

        if (_left.IsEmpty) return await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        int length = Math.Min(buffer.Length, _left.Length);
        _left[..length].CopyTo(buffer);
        _left = _left[length..];
        return length;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }

    private async ValueTask<string> ReadLineAsync(CancellationToken cancellationToken)
    {
        var line = new List<byte>();
        while (true)
        {
            int end = _left.Span.IndexOf((byte)'\n');
            line.AddRange(_left.Span[..(end < 0 ? _left.Length : end)]);
            if (end >= 0)
            {
                _left = _left[(end + 1)..];
                break;
            }

            int length = line.Count > MaximumLine ? 0 : await inner.ReadAsync(_buffer, cancellationToken).ConfigureAwait(false);
            _left = _buffer.AsSpan(0, length).ToArray();
            if (length == 0) break;
        }

        return Encoding.UTF8.GetString([.. line]).Trim();
    }

    private void AddNoise(MarkerScanner scanner)
    {
        if (_noise.Length < MarkerScanner.MaximumNoise) _noise.Append(Encoding.UTF8.GetString(scanner.Noise));
    }
}

/// <summary>A marker that came.</summary>
/// <param name="Marker">Which.</param>
/// <param name="Line">What stood behind it on its line.</param>
internal readonly record struct FoundMarker(string Marker, string Line);
