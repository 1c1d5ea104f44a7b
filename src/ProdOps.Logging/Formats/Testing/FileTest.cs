using System.Text;
using ProdOps.Logging.Files;

namespace ProdOps.Logging.Formats.Testing;

/// <summary>Tells how much of a file a format reads.</summary>
internal sealed class FileTest
{
    private const int MostShown = 4096;

    private readonly LogFormat _format;
    private readonly TimeContext _context;
    private readonly FieldList _fields = new();
    private readonly List<byte> _entry = [];
    private long _line, _entryLine, _entries, _matched, _timed;
    private DateTimeOffset? _first, _last;
    private long? _unmatchedLine;
    private string? _unmatched;

    private FileTest(LogFormat format, TimeContext context)
    {
        _format = format;
        _context = context;
    }

    /// <summary>Reads a file, compressed or not, to its end.</summary>
    /// <param name="path">The file.</param>
    /// <param name="format">The format, or <see langword="null"/> to find it by the first lines and the name.</param>
    /// <param name="multiLine">Which lines begin an entry, if not the format decides.</param>
    /// <param name="zone">The zone of times without one.</param>
    /// <param name="progress">Is told how many bytes were read.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="ProdOpsException">The file cannot be read.</exception>
    public static LogFilterFileTest Run(string path, LogFormat? format, string? multiLine, TimeZoneInfo zone, Action<long> progress, CancellationToken cancellationToken)
    {
        using var stream = LogFileStream.Open(path);
        var blocks = new LineBlocks(stream);
        FileTest? test = null;
        try
        {
            for (var block = blocks.Read(); block.Length > 0; block = blocks.Read())
            {
                cancellationToken.ThrowIfCancellationRequested();
                test ??= new FileTest(MultiLineFormat.Of(format ?? FormatDetector.Detect(block.Span, path), multiLine), new TimeContext(File.GetLastWriteTimeUtc(path), zone));
                test.Add(block.Span);
                progress(block.Length);
            }
        }
        catch (Exception error) when (error is IOException or InvalidDataException)
        {
            throw LoggingErrors.FileNotRead(path, error);
        }

        test ??= new FileTest(format ?? LogFormats.Plain, AnyContext.Value);
        test.EndEntry();
        return test.Result(path);
    }

    private void Add(ReadOnlySpan<byte> lines)
    {
        while (lines.Length > 0)
        {
            int end = lines.IndexOf((byte)'\n');
            var line = end < 0 ? lines : lines[..end];
            lines = end < 0 ? default : lines[(end + 1)..];
            _line++;
            if (_entry.Count > 0 && _format.IsContinuation(line))
            {
                // An entry without an end is no reason to take all the memory.
                if (_entry.Count < LineBlocks.DefaultLength) AddLine(line);
                continue;
            }

            EndEntry();
            if (LineText.WithoutReturn(line).Length == 0) continue;
            _entryLine = _line;
            AddLine(line);
        }
    }

    private void AddLine(ReadOnlySpan<byte> line)
    {
        if (_entry.Count > 0) _entry.Add((byte)'\n');
        _entry.AddRange(line);
    }

    private void EndEntry()
    {
        if (_entry.Count == 0) return;
        var entry = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_entry);
        _entries++;
        if (_format.TryReadTime(entry, _context, out var time))
        {
            _timed++;
            if (_first is null || time < _first) _first = time;
            if (_last is null || time > _last) _last = time;
        }

        if (_format.TryReadFields(entry, _context, _fields))
        {
            _matched++;
        }
        else if (_unmatchedLine is null)
        {
            _unmatchedLine = _entryLine;
            _unmatched = Encoding.UTF8.GetString(entry[..Math.Min(entry.Length, MostShown)]);
        }

        _entry.Clear();
    }

    private LogFilterFileTest Result(string path) => new()
    {
        Path = path,
        Format = FilterTest.NameOf(_format),
        Entries = _entries,
        Matched = _matched,
        WithTime = _timed,
        FirstTime = _first,
        LastTime = _last,
        FirstUnmatchedLine = _unmatchedLine,
        FirstUnmatched = _unmatched,
    };
}
