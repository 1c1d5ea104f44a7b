using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text.Json;
using ProdOps.Servers.Compression;

namespace ProdOps.Logging.Exporting;

/// <summary>Writes entries to a file, whole or not at all: it gets its name when everything is in it. Compressed as its name ends: <c>.gz</c>, <c>.zst</c>.</summary>
internal sealed class EntryWriter : IAsyncDisposable
{
    private const int FlushAt = 1024 * 1024, ZstdLevel = 6;

    private readonly string _path, _temporary;
    private readonly LogExportFormat _format;
    private readonly FileStream _file;
    private readonly Stream? _gzip;
    private readonly ZstdCompressor? _zstd;
    private readonly ArrayBufferWriter<byte> _buffer = new(FlushAt + 65536);
    private bool _completed;

    /// <param name="path">The file.</param>
    /// <param name="format">How entries are written.</param>
    /// <exception cref="ProdOpsException">The file cannot be made.</exception>
    public EntryWriter(string path, LogExportFormat format)
    {
        _path = path;
        _format = format;
        _temporary = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None };
            // Logs tell more than others should read.
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            _file = new FileStream(_temporary, options);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw LoggingErrors.ExportNotWritten(path, error);
        }

        if (path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase)) _gzip = new GZipStream(_file, CompressionLevel.Optimal);
        else if (path.EndsWith(".zst", StringComparison.OrdinalIgnoreCase)) _zstd = new ZstdCompressor(ZstdLevel, checksum: true);
    }

    public long Entries { get; private set; }

    public long Bytes { get; private set; }

    public DateTimeOffset? From { get; private set; }

    public DateTimeOffset? To { get; private set; }

    public void Write(LogEntry entry)
    {
        if (_format == LogExportFormat.Raw) _buffer.Write(entry.Line.Span);
        else WriteJson(entry);
        _buffer.Write("\n"u8);
        Entries++;
        From = From is { } from && from < entry.Time ? from : entry.Time;
        To = To is { } to && to > entry.Time ? to : entry.Time;
        if (_buffer.WrittenCount >= FlushAt) Flush();
    }

    /// <summary>Gives the file its name.</summary>
    /// <exception cref="ProdOpsException">It could not be written.</exception>
    public void Complete()
    {
        try
        {
            Flush();
            _gzip?.Dispose();
            if (_gzip is null) _file.Flush(flushToDisk: true);
            _file.Dispose();
            File.Move(_temporary, _path, overwrite: true);
            _completed = true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw LoggingErrors.ExportNotWritten(_path, error);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _zstd?.Dispose();
        try
        {
            if (_gzip is not null) await _gzip.DisposeAsync().ConfigureAwait(false);
            await _file.DisposeAsync().ConfigureAwait(false);
        }
        catch (IOException) when (!_completed)
        {
            // What is still in their buffers cannot be written either; that was told when it first happened.
        }

        if (!_completed) File.Delete(_temporary);
    }

    private void Flush()
    {
        var bytes = _buffer.WrittenSpan;
        Bytes += bytes.Length;
        try
        {
            if (_gzip is not null)
            {
                _gzip.Write(bytes);
            }
            else if (_zstd is not null)
            {
                byte[] frame = ArrayPool<byte>.Shared.Rent(ZstdCompressor.MaxCompressedLength(bytes.Length));
                _file.Write(frame.AsSpan(0, _zstd.Compress(bytes, frame)));
                ArrayPool<byte>.Shared.Return(frame);
            }
            else
            {
                _file.Write(bytes);
            }
        }
        catch (IOException error)
        {
            throw LoggingErrors.ExportNotWritten(_path, error);
        }

        _buffer.ResetWrittenCount();
    }

    private void WriteJson(LogEntry entry)
    {
        using var json = new Utf8JsonWriter(_buffer);
        json.WriteStartObject();
        json.WriteString("time"u8, entry.Time);
        json.WriteString("server"u8, entry.Server);
        json.WriteString("source"u8, entry.Source);
        if (entry.Level is { } level) json.WriteString("level"u8, level.ToString());
        json.WriteString("message"u8, entry.Message);
        json.WriteStartObject("fields"u8);
        foreach (var (name, value) in entry.Fields)
        {
            switch (value)
            {
                case long number: json.WriteNumber(name, number); break;
                case double number when double.IsFinite(number): json.WriteNumber(name, number); break;
                case bool flag: json.WriteBoolean(name, flag); break;
                case TimeSpan duration: json.WriteNumber(name, duration.TotalSeconds); break;
                case IPAddress address: json.WriteString(name, address.ToString()); break;
                default: json.WriteString(name, Convert.ToString(value, CultureInfo.InvariantCulture)); break;
            }
        }

        json.WriteEndObject();
        json.WriteString("raw"u8, entry.Raw);
        json.WriteEndObject();
    }
}
