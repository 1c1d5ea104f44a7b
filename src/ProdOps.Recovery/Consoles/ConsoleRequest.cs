using System.Text;
using ProdOps.Servers.Http;

namespace ProdOps.Recovery.Consoles;

/// <summary>What somebody asks: the head, and the form behind it, which is read only where somebody wants it.</summary>
/// <param name="head">The head.</param>
/// <param name="stream">Where the rest comes from.</param>
/// <param name="patience">How long that may take.</param>
/// <param name="time">The clock.</param>
internal sealed class ConsoleRequest(HttpRequestHead head, Stream stream, TimeSpan patience, TimeProvider time)
{
    /// <summary>How long a form may be; the gate lets none pass that says it is longer.</summary>
    public const int LongestForm = 16 * 1024;

    public HttpRequestHead Head => head;

    public string Path => head.Path;

    /// <summary>The form as it was sent; <see langword="null"/> where it ends before it is whole.</summary>
    public async Task<string?> FormAsync(CancellationToken cancellationToken)
    {
        if (!int.TryParse(head["Content-Length"], out int length) || length is < 0 or > LongestForm) return null;
        byte[] body = new byte[length];
        int have = Math.Min(length, head.Beyond.Length);
        head.Beyond[..have].CopyTo(body);
        using var limit = new CancellationTokenSource(patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            have += await stream.ReadAtLeastAsync(body.AsMemory(have), length - have, throwOnEndOfStream: false, both.Token).ConfigureAwait(false);
        }
        catch (IOException)
        {
            return null;
        }

        // What is no ASCII in it is nothing that a browser encodes.
        return have == length ? Encoding.ASCII.GetString(body) : null;
    }
}
