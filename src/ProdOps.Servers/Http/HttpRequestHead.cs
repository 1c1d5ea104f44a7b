using System.Buffers;
using System.Net;
using System.Text;

namespace ProdOps.Servers.Http;

/// <summary>
/// The head of a request of HTTP/1 (RFC 9112), for those here who answer one request and then end the connection. What two readers could read in two ways is no request: a line feed alone, a folded field, a space
/// before a colon, two hosts. What follows the head is not looked at; what of it came with the head is kept.
/// </summary>
internal sealed class HttpRequestHead
{
    private const int MostFields = 100;

    private static readonly SearchValues<char> Token = SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
    private static readonly HashSet<string> Single = new(["Host", "Origin", "Authorization", "Content-Length", "Transfer-Encoding"], StringComparer.OrdinalIgnoreCase);

    private readonly Dictionary<string, string> _fields = new(StringComparer.OrdinalIgnoreCase);

    private HttpRequestHead(string method, string target)
    {
        Method = method;
        int question = target.IndexOf('?', StringComparison.Ordinal);
        (Path, Query) = question < 0 ? (target, "") : (target[..question], target[(question + 1)..]);
    }

    /// <summary>The method, as it was written.</summary>
    public string Method { get; }

    /// <summary>The path, as it was written: it begins with a slash, and nothing in it is decoded.</summary>
    public string Path { get; }

    /// <summary>What follows the question mark, as it was written.</summary>
    public string Query { get; }

    /// <summary>What has come behind the head already: the beginning of a body.</summary>
    public ReadOnlyMemory<byte> Beyond { get; private set; }

    /// <summary>A field's value; empty where it is not there.</summary>
    public string this[string field] => _fields.GetValueOrDefault(field, "");

    /// <summary>What the query holds, decoded as forms are encoded; of a name that is there twice the first.</summary>
    public IReadOnlyDictionary<string, string> Parameters() => Decode(Query);

    /// <summary>Names and values that are encoded as forms are; of a name that is there twice the first.</summary>
    public static IReadOnlyDictionary<string, string> Decode(string form)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string part in form.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            found.TryAdd(WebUtility.UrlDecode(equals < 0 ? part : part[..equals]), equals < 0 ? "" : WebUtility.UrlDecode(part[(equals + 1)..]));
        }

        return found;
    }

    /// <summary>Reads a head, and perhaps some of what follows it.</summary>
    /// <param name="stream">The connection.</param>
    /// <param name="longest">How many bytes are read at most.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The head; <see langword="null"/> where it is none, ends too soon or is too long.</returns>
    public static async Task<HttpRequestHead?> ReadAsync(Stream stream, int longest, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[longest];
        int length = 0, count;
        while (length < buffer.Length && (count = await stream.ReadAsync(buffer.AsMemory(length), cancellationToken).ConfigureAwait(false)) > 0)
        {
            // The empty line may come in two pieces.
            int from = Math.Max(0, length - 3);
            length += count;
            if (buffer.AsSpan(from, length - from).IndexOf("\r\n\r\n"u8) is >= 0 and var end)
            {
                var head = Parse(buffer.AsSpan(0, from + end));
                if (head is not null) head.Beyond = buffer.AsMemory((from + end + 4)..length);
                return head;
            }
        }

        return null;
    }

    /// <summary>Reads a head without its empty line.</summary>
    public static HttpRequestHead? Parse(ReadOnlySpan<byte> head)
    {
        string[] lines = Encoding.Latin1.GetString(head).Split("\r\n");
        if (lines.Length > MostFields + 1 || lines.Any(static line => line.AsSpan().ContainsAny("\r\n\0"))) return null;
        string[] first = lines[0].Split(' ');
        if (first is not [var method, ['/', ..] target, "HTTP/1.0" or "HTTP/1.1"] || !IsToken(method) || target.AsSpan().ContainsAnyExceptInRange('!', '~')) return null;
        var found = new HttpRequestHead(method, target);
        return lines.Skip(1).All(found.Take) ? found : null;
    }

    private bool Take(string line)
    {
        int colon = line.IndexOf(':', StringComparison.Ordinal);
        if (colon < 1 || !IsToken(line.AsSpan(0, colon))) return false;
        string name = line[..colon], value = line[(colon + 1)..].Trim(' ', '\t');
        if (_fields.TryAdd(name, value)) return true;
        if (Single.Contains(name)) return false;
        _fields[name] = $"{_fields[name]}{(name.Equals("Cookie", StringComparison.OrdinalIgnoreCase) ? "; " : ", ")}{value}";
        return true;
    }

    private static bool IsToken(ReadOnlySpan<char> text) => text.Length > 0 && !text.ContainsAnyExcept(Token);
}
