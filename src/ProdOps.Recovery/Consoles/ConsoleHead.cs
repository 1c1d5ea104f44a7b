using System.Text;
using static System.FormattableString;

namespace ProdOps.Recovery.Consoles;

/// <summary>
/// The head of an answer. Whatever is answered: only this server's own style and script are carried out and only it is asked (Content Security Policy Level 3), no other page may frame, embed or read it, and
/// nothing of it is kept or told to others.
/// </summary>
internal static class ConsoleHead
{
    private const string Common =
        "Connection: close\r\n"
        + "Content-Security-Policy: default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'\r\n"
        + "X-Content-Type-Options: nosniff\r\nX-Frame-Options: DENY\r\nCache-Control: no-store\r\n"
        + "Cross-Origin-Opener-Policy: same-origin\r\nCross-Origin-Resource-Policy: same-origin\r\n";

    public static byte[] Of(ConsoleAnswer answer)
    {
        var head = new StringBuilder(Invariant($"HTTP/1.1 {answer.Status} {Reason(answer.Status)}\r\nContent-Type: {answer.Type}\r\nReferrer-Policy: {answer.Referrer}\r\n{Common}"));
        // Without a length the body ends with the connection.
        if (answer.Write is null) head.Append(Invariant($"Content-Length: {answer.Body.Length}\r\n"));
        foreach (var (name, value) in answer.Fields) head.Append(Invariant($"{name}: {value}\r\n"));
        return Encoding.ASCII.GetBytes(head.Append("\r\n").ToString());
    }

    private static string Reason(int status) => status switch
    {
        200 => "OK",
        303 => "See Other",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        411 => "Length Required",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        421 => "Misdirected Request",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    };
}
