using System.Buffers;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace ProdOps.Logging.Engines;

/// <summary>A request's body in the making: JSON, sent as gzip.</summary>
internal sealed class PushBody : IDisposable
{
    /// <summary>Loki refuses more than 4 MB.</summary>
    public const int LongestBody = 4 * 1000 * 1000;

    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly ArrayBufferWriter<byte> _buffer = new(64 * 1024);

    public PushBody() => Json = new Utf8JsonWriter(_buffer, WriterOptions);

    public Utf8JsonWriter Json { get; }

    public int Length => _buffer.WrittenCount + Json.BytesPending;

    /// <summary>Begins another document after a line feed.</summary>
    public void EndLine()
    {
        Json.Flush();
        _buffer.Write("\n"u8);
        Json.Reset(_buffer);
    }

    public void Clear()
    {
        _buffer.ResetWrittenCount();
        Json.Reset(_buffer);
    }

    /// <summary>The body, compressed.</summary>
    public ByteArrayContent ToContent(string mediaType)
    {
        Json.Flush();
        using var compressed = new MemoryStream(_buffer.WrittenCount / 4);
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(_buffer.WrittenSpan);
        var content = new ByteArrayContent(compressed.GetBuffer(), 0, (int)compressed.Length);
        content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
        content.Headers.ContentEncoding.Add("gzip");
        return content;
    }

    /// <summary>A text as engines take it: UTF-8, and what is not that as U+FFFD.</summary>
    public static ReadOnlySpan<byte> Valid(ReadOnlySpan<byte> text) => Utf8.IsValid(text) ? text : Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(text));

    /// <summary>Cuts a line that is too long for an engine when it stands in JSON, with a mark at its end, and not within a character.</summary>
    /// <returns>True if it was cut.</returns>
    public static bool TryCut(ref ReadOnlySpan<byte> line, int longest)
    {
        // The longest escape takes six bytes.
        if (line.Length <= longest / 6) return false;
        int escaped = 0, length = 0;
        while (length < line.Length && escaped <= longest) escaped += line[length++] switch { (byte)'"' or (byte)'\\' => 2, < 0x20 or 0x7F => 6, _ => 1 };
        if (escaped <= longest) return false;
        length = Math.Max(0, length - 1 - Collecting.Rotation.LineCutter.CutMark.Length);
        while (length > 0 && (line[length] & 0xC0) == 0x80) length--;
        line = (byte[])[.. line[..length], .. Collecting.Rotation.LineCutter.CutMark];
        return true;
    }

    public void Dispose() => Json.Dispose();
}
