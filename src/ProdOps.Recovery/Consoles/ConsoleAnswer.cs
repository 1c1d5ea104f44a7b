using System.Text;
using ProdOps.Recovery.Html;

namespace ProdOps.Recovery.Consoles;

/// <summary>What the console answers a request with: a body that is at hand, or one that comes piece by piece.</summary>
/// <param name="Status">The status of HTTP.</param>
/// <param name="Type">The kind of content.</param>
internal sealed record ConsoleAnswer(int Status, string Type)
{
    public const string Page = "text/html; charset=utf-8", Plain = "text/plain; charset=utf-8", Json = "application/json", Events = "text/event-stream; charset=utf-8";

    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Writes the body, until it is done or whoever reads has gone: its token says so.</summary>
    public Func<ConsoleOutput, CancellationToken, Task>? Write { get; init; }

    /// <summary>Whom a browser tells which page it comes from: nobody. One with a form tells this console, or what is sent from it would come from nowhere (Fetch, "serialize a request origin").</summary>
    public string Referrer { get; init; } = "no-referrer";

    /// <summary>Further fields of the head.</summary>
    public IReadOnlyList<(string Name, string Value)> Fields { get; init; } = [];

    public static ConsoleAnswer Of(int status, string type, string body) => new(status, type) { Body = Encoding.UTF8.GetBytes(body) };

    public static ConsoleAnswer Of(int status, HtmlWriter page) => Of(status, Page, page.ToString());

    /// <summary>Leads a browser on, so that loading anew sends nothing again.</summary>
    public static ConsoleAnswer GoTo(string path) => Of(303, Plain, $"Go on at {path}\n") with { Fields = [("Location", path)] };

    public static ConsoleAnswer Refusal(int status, string why) => Of(status, Plain, why + "\n");
}

/// <summary>Where an answer goes. Whoever takes nothing of it for a while is taken for gone.</summary>
internal sealed class ConsoleOutput(Stream stream, TimeSpan patience, TimeProvider time)
{
    private const int Piece = 64 * 1024;

    public Task WriteAsync(string text, CancellationToken cancellationToken) => WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);

    public async Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        for (; bytes.Length > 0; bytes = bytes[Math.Min(Piece, bytes.Length)..])
        {
            using var limit = new CancellationTokenSource(patience, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
            await stream.WriteAsync(bytes[..Math.Min(Piece, bytes.Length)], both.Token).ConfigureAwait(false);
        }
    }
}
