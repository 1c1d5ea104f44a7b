using System.Collections;
using System.Management.Automation.Provider;
using System.Text;

namespace ProdOps.Cmdlets.Drive;

/// <summary>Reads a file in a backup for Get-Content: by lines, as one text, or as bytes.</summary>
internal sealed class BackupContentReader : IContentReader
{
    private readonly Stream _content;
    private readonly StreamReader? _text;
    private readonly bool _raw;
    private bool _ended;

    /// <param name="content">The content; closed with the reader.</param>
    /// <param name="encoding">The text's encoding unless it begins with a byte order mark; <see langword="null"/> for bytes.</param>
    /// <param name="raw">Whether all is one object.</param>
    public BackupContentReader(Stream content, Encoding? encoding, bool raw)
    {
        _content = content;
        _text = encoding is null ? null : new StreamReader(content, encoding);
        _raw = raw;
    }

    /// <inheritdoc/>
    public IList Read(long readCount)
    {
        if (_ended) return Array.Empty<object>();
        if (_raw)
        {
            _ended = true;
            return new object[] { _text is null ? ReadBytes(_content.Length) : _text.ReadToEnd() };
        }

        long wanted = readCount <= 0 ? long.MaxValue : readCount;
        IList read = _text is null ? ReadBytes(Math.Min(wanted, _content.Length - _content.Position)) : ReadLines(_text, wanted);
        _ended = read.Count == 0;
        return read;
    }

    /// <inheritdoc/>
    public void Seek(long offset, SeekOrigin origin)
    {
        _content.Seek(offset, origin);
        _text?.DiscardBufferedData();
        _ended = false;
    }

    /// <inheritdoc/>
    public void Close() => Dispose();

    /// <inheritdoc/>
    public void Dispose()
    {
        _text?.Dispose();
        _content.Dispose();
    }

    private byte[] ReadBytes(long count)
    {
        byte[] bytes = new byte[checked((int)count)];
        _content.ReadExactly(bytes);
        return bytes;
    }

    private static List<string> ReadLines(StreamReader text, long count)
    {
        var lines = new List<string>();
        while (lines.Count < count && text.ReadLine() is { } line) lines.Add(line);
        return lines;
    }
}
