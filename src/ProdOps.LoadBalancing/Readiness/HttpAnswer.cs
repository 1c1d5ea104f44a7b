using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using ProdOps.LoadBalancing.Load;

namespace ProdOps.LoadBalancing.Readiness;

/// <summary>A whole answer of a server, as bytes came from it.</summary>
/// <param name="Status">Its status.</param>
/// <param name="Headers">Its headers in their order.</param>
/// <param name="Hash">The SHA-256 of its body.</param>
internal sealed record HttpAnswer(int Status, IReadOnlyList<KeyValuePair<string, string>> Headers, string Hash)
{
    private const int MaximumHeaders = 200;

    /// <summary>The values of a header.</summary>
    public IEnumerable<string> Of(string name) => Headers.Where(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value);

    /// <summary>The cookies that it sets: names and values.</summary>
    public IEnumerable<(string Name, string Value)> Cookies => from header in Of("Set-Cookie")
                                                              let pair = header.Split(';')[0].Split('=', 2)
                                                              where pair.Length == 2
                                                              select (pair[0].Trim(), pair[1].Trim());

    /// <summary>Reads an answer from everything that a connection brought.</summary>
    /// <returns><see langword="null"/> if it is none, or is not whole.</returns>
    public static HttpAnswer? Parse(ReadOnlySpan<byte> bytes)
    {
        var parser = new ResponseParser(false, [], null);
        parser.Reset();
        var body = new ArrayBufferWriter<byte>();
        parser.Read(bytes, body);
        parser.End();
        if (!parser.IsComplete) return null;
        string[] lines = Encoding.Latin1.GetString(bytes[..HeadLength(bytes)]).Split('\n', MaximumHeaders);
        var headers = from line in lines.Skip(1)
                      let colon = line.IndexOf(':')
                      where colon > 0
                      select KeyValuePair.Create(line[..colon], Printable(line[(colon + 1)..].Trim()));
        return new HttpAnswer(parser.Status, [.. headers], Convert.ToHexStringLower(SHA256.HashData(body.WrittenSpan)));
    }

    // The head ends with an empty line, with or without carriage returns.
    private static int HeadLength(ReadOnlySpan<byte> bytes)
    {
        int first = bytes.IndexOf("\r\n\r\n"u8), second = bytes.IndexOf("\n\n"u8);
        return first < 0 ? Math.Max(0, second) : second < 0 ? first : Math.Min(first, second);
    }

    private static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
}
