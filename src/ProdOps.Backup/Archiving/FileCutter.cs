
namespace ProdOps.Backup.Archiving;

/// <summary>
/// Cuts one file after another into chunks and has them stored. Whoever reads the file writes it into <see cref="Space"/>, piece by piece, and
/// says how much came, so the bytes are copied once at most whatever they come from.
/// </summary>
internal sealed class FileCutter(ArchivePipeline pipeline, ArchiveWorker worker)
{
    private const int ReadSize = 1024 * 1024;

    private byte[] _small = pipeline.Buffers.RentSmall();
    private PendingFile? _file;
    private byte[]? _buffer;
    private int _length, _examined;
    private long _total;

    /// <summary>
    /// Have other workers store small files too. It pays where one thread reads everything; where each worker reads files of its own, handing
    /// over would only cost.
    /// </summary>
    public bool HandsOverSmallFiles { get; init; }

    /// <summary>Where the next bytes go; never empty.</summary>
    public Memory<byte> Space => _buffer is null ? _small.AsMemory(_length) : _buffer.AsMemory(_length, Math.Min(ReadSize, _buffer.Length - _length));

    /// <summary>What came so far is less than the smallest chunk that a cut makes.</summary>
    public bool IsSmall => _buffer is null;

    public void Begin(PendingFile file)
    {
        _file = file;
        _length = _examined = 0;
        _total = 0;
    }

    /// <summary>That many bytes are in <see cref="Space"/>.</summary>
    public void Advance(int count)
    {
        Interlocked.Add(ref pipeline.Counters.BytesProcessed, count);
        _total += count;
        _length += count;
        if (_buffer is null)
        {
            if (_length < _small.Length) return;
            _buffer = pipeline.Buffers.Rent();
            _small.CopyTo(_buffer, 0);
        }
        CutOff();
        if (_length == _buffer.Length) _buffer = pipeline.Buffers.Grow(_buffer);
    }

    /// <summary>The file is at its end. Returns how many bytes it had; some of its chunks may still wait to be stored.</summary>
    public long Finish()
    {
        if (_buffer is not null)
        {
            if (_length > 0) Store(_buffer);
            Release();
        }
        else if (_length > 0) StoreSmall();
        _file = null;
        long total = _total;
        _total = 0;
        return total;
    }

    /// <summary>The file cannot be read to its end: what came of it does not count.</summary>
    public void Abandon()
    {
        Interlocked.Add(ref pipeline.Counters.BytesProcessed, -_total);
        _total = 0;
        Release();
        _file = null;
    }

    private void CutOff()
    {
        int cut;
        while ((cut = pipeline.Scanner.FindCut(_buffer.AsSpan(0, _length), _examined)) >= 0)
        {
            byte[] next = pipeline.Buffers.Rent();
            _buffer.AsSpan(cut, _length - cut).CopyTo(next);
            _length -= cut;
            _examined = 0;
            (byte[] full, _buffer) = (_buffer!, next);
            StoreOrHandOver(new BlobWork(_file!, _file!.Reserve(), full, cut));
        }
        _examined = _length;
    }

    private void StoreOrHandOver(BlobWork blob)
    {
        // A large chunk waits for nobody, so that there are never more large buffers than workers.
        if (blob.Buffer.Length > ChunkBufferPool.CommonSize || !pipeline.Queue.TryAdd(blob)) worker.StoreBlob(blob);
    }

    private void StoreSmall()
    {
        if (!HandsOverSmallFiles)
        {
            Store(_small);
            return;
        }
        var blob = new BlobWork(_file!, _file!.Reserve(), _small, _length);
        _small = pipeline.Buffers.RentSmall();
        StoreOrHandOver(blob);
    }

    private void Store(byte[] buffer) => _file!.Complete(_file.Reserve(), worker.StoreData(buffer.AsSpan(0, _length)));

    private void Release()
    {
        if (_buffer is { } buffer) pipeline.Buffers.Return(buffer);
        _buffer = null;
    }
}
