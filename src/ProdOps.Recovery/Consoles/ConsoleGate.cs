using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ProdOps.Recovery.Html;
using ProdOps.Servers.Http;

namespace ProdOps.Recovery.Consoles;

/// <summary>
/// Lets in who has the token, and nobody whom a page of somebody else's has sent: a name of its own that leads to this machine (DNS rebinding) shows in Host, another origin in Origin and in Sec-Fetch-Site. The token
/// comes once, in the address; a browser gets a cookie for it, which no other site's request carries, so that the token is in no address that is looked at, kept or passed on.
/// </summary>
/// <param name="token">The token.</param>
/// <param name="forms">The paths that take a form; none: it only shows.</param>
internal sealed class ConsoleGate(string token, IReadOnlyCollection<string> forms)
{
    private const string Parameter = "token", FormType = "application/x-www-form-urlencoded";

    // Neither says anything about the other, nor about one of another console.
    private readonly string _session = NewToken();
    private readonly byte[] _expected = Sum(token);

    /// <summary>A token that nobody guesses: 256 bits.</summary>
    public static string NewToken() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    /// <summary>The address that lets in.</summary>
    public static Uri Address(int port, string token) => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/?{Parameter}={Uri.EscapeDataString(token)}"));

    /// <summary>What a request is answered with that is not let in, or only comes to be let in; <see langword="null"/> where it may pass.</summary>
    public ConsoleAnswer? Check(HttpRequestHead request)
    {
        string host = request["Host"];
        if (PortOf(host) is not { } port) return ConsoleAnswer.Refusal(421, "This console answers to localhost, 127.0.0.1 and [::1] alone.");
        bool isForm = request.Method == "POST" && forms.Contains(request.Path);
        // Browsers name the origin of whatever is sent to do something; who does not has no business here.
        if (request["Origin"] is var origin && (isForm || origin.Length > 0) && !origin.Equals($"http://{host}", StringComparison.OrdinalIgnoreCase)) return Elsewhere();
        // Following a link is no reading: there the cookie, which other sites' links do not bring, decides.
        if (request["Sec-Fetch-Site"] is "cross-site" or "same-site" && (isForm || request["Sec-Fetch-Mode"] != "navigate")) return Elsewhere();
        if (isForm) return CheckForm(request) ?? (HasCookie(request, port) ? null : Stranger(401));
        if (request.Method is not ("GET" or "HEAD"))
        {
            return ConsoleAnswer.Refusal(405, forms.Count == 0 ? "This console only shows: there is nothing but GET." : "There is nothing but GET, and POST of forms where there is one.")
                with { Fields = [("Allow", forms.Contains(request.Path) ? "GET, HEAD, POST" : "GET, HEAD")] };
        }

        if (request["Transfer-Encoding"].Length > 0 || request["Content-Length"] is not ("" or "0")) return ConsoleAnswer.Refusal(400, "A request here has no body.");
        if (request.Query.Length > 0 && request.Parameters().TryGetValue(Parameter, out string? given)) return Is(given, _expected) ? Welcome(port) : Stranger(403);
        return HasCookie(request, port) ? null : Stranger(401);
    }

    /// <summary>Whether what follows can be a form: its bytes are counted, few, and of the kind that a form has.</summary>
    private static ConsoleAnswer? CheckForm(HttpRequestHead request)
    {
        if (request["Transfer-Encoding"].Length > 0) return ConsoleAnswer.Refusal(400, "A form here comes in one piece.");
        if (!long.TryParse(request["Content-Length"], NumberStyles.None, CultureInfo.InvariantCulture, out long length)) return ConsoleAnswer.Refusal(411, "A form says how long it is.");
        if (length > ConsoleRequest.LongestForm) return ConsoleAnswer.Refusal(413, "The form is too long.");
        return request["Content-Type"].Split(';')[0].Trim().Equals(FormType, StringComparison.OrdinalIgnoreCase) ? null : ConsoleAnswer.Refusal(415, $"A form here is {FormType}.");
    }

    private static ConsoleAnswer Elsewhere() => ConsoleAnswer.Refusal(403, "Another site asks, and gets nothing.");

    private bool HasCookie(HttpRequestHead request, int port) => Cookies(request, port).Any(value => Is(value, Sum(_session)));

    /// <summary>The port that a host of this machine's is asked at, which a tunnel may have changed; <see langword="null"/> where it is another's name.</summary>
    private static int? PortOf(string host)
    {
        int colon = host.LastIndexOf(':');
        bool hasPort = colon > host.LastIndexOf(']');
        string name = hasPort ? host[..colon] : host;
        if (!name.Equals("localhost", StringComparison.OrdinalIgnoreCase) && name is not ("127.0.0.1" or "[::1]")) return null;
        if (!hasPort) return 80;
        return ushort.TryParse(host.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) ? port : null;
    }

    /// <summary>The name of the cookie. Cookies do not know ports: two consoles are not to log out each other, and one that is started anew takes the place of the one before.</summary>
    private static string NameOf(int port) => FormattableString.Invariant($"prodops-console-{port}");

    private static IEnumerable<string> Cookies(HttpRequestHead request, int port) => request["Cookie"].Split(';', StringSplitOptions.TrimEntries)
        .Where(one => one.StartsWith(NameOf(port) + "=", StringComparison.Ordinal)).Select(one => one[(NameOf(port).Length + 1)..]);

    /// <summary>Sets the cookie and goes on from a page of this console, not by a redirection: that would still be what the other site asked for, where it was one that led here.</summary>
    private ConsoleAnswer Welcome(int port) => ConsoleAnswer.Of(200, new HtmlWriter().Add(
        $"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"refresh\" content=\"0; url=/\">\n<title>ProdOps console</title>\n</head>\n<body>\n<h1>ProdOps console</h1>\n<p><a href=\"/\">Go on</a></p>\n</body>\n</html>\n"))
        with { Fields = [("Set-Cookie", $"{NameOf(port)}={_session}; Path=/; HttpOnly; SameSite=Strict")] };

    private static ConsoleAnswer Stranger(int status) => ConsoleAnswer.Of(status, new HtmlWriter().Add(
        $"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<title>ProdOps console</title>\n</head>\n<body>\n<h1>ProdOps console</h1>\n<p>Open the whole address that Start-ProdOpsConsole has given: its token is not that of this console, or not there. A console that was started anew has a new one.</p>\n</body>\n</html>\n"));

    /// <summary>Compares sums: how long it takes says nothing about the text or its length.</summary>
    private static bool Is(string given, byte[] expected) => CryptographicOperations.FixedTimeEquals(Sum(given), expected);

    private static byte[] Sum(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
