using System.Text;
using ProdOps.Recovery.Consoles;
using ProdOps.Servers.Http;

namespace ProdOps.Recovery.Tests.Consoles;

/// <summary>Whose forms are let in where there are any.</summary>
public sealed class ConsoleFormGateTests
{
    private const string Form = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 3", Ours = "Origin: http://localhost";

    private readonly ConsoleGate _gate = new("the-token-of-this-test", ["/do"]);
    private readonly string _cookie;

    public ConsoleFormGateTests() => _cookie = _gate.Check(Head("GET", "/?token=the-token-of-this-test", ""))!.Fields[0].Value.Split(';')[0];

    [Theory]
    [InlineData("POST", "/do", $"{Ours}\r\n{Form}", 0)]
    [InlineData("POST", "/do?x=1", $"{Ours}\r\n{Form}\r\nSec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: navigate", 0)]
    [InlineData("GET", "/do", "", 0)]
    [InlineData("POST", "/", $"{Ours}\r\n{Form}", 405)]
    [InlineData("POST", "/do/", $"{Ours}\r\n{Form}", 405)]
    [InlineData("POST", "/Do", $"{Ours}\r\n{Form}", 405)]
    [InlineData("PUT", "/do", $"{Ours}\r\n{Form}", 405)]
    [InlineData("post", "/do", $"{Ours}\r\n{Form}", 405)]
    [InlineData("POST", "/do", Form, 403)]
    [InlineData("POST", "/do", $"Origin: null\r\n{Form}", 403)]
    [InlineData("POST", "/do", $"Origin: http://localhost:81\r\n{Form}", 403)]
    [InlineData("POST", "/do", $"Origin: http://127.0.0.1\r\n{Form}", 403)]
    [InlineData("POST", "/do", $"Origin: https://localhost\r\n{Form}", 403)]
    [InlineData("POST", "/do", $"{Ours}\r\n{Form}\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate", 403)]
    [InlineData("POST", "/do", $"{Ours}\r\n{Form}\r\nSec-Fetch-Site: same-site\r\nSec-Fetch-Mode: navigate", 403)]
    [InlineData("POST", "/do", $"{Ours}\r\nContent-Length: 3", 415)]
    [InlineData("POST", "/do", $"{Ours}\r\nContent-Length: 3\r\nContent-Type: text/plain", 415)]
    [InlineData("POST", "/do", $"{Ours}\r\nContent-Length: 3\r\nContent-Type: multipart/form-data; boundary=x", 415)]
    [InlineData("POST", "/do", $"{Ours}\r\nContent-Type: application/x-www-form-urlencoded", 411)]
    [InlineData("POST", "/do", $"{Ours}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: -3", 411)]
    [InlineData("POST", "/do", $"{Ours}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 16385", 413)]
    [InlineData("POST", "/do", $"{Ours}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 99999999999999999999", 411)]
    [InlineData("POST", "/do", $"{Ours}\r\n{Form}\r\nTransfer-Encoding: chunked", 400)]
    public void A_form_comes_from_this_console_s_own_page_whole_and_short(string method, string target, string fields, int status)
    {
        Assert.Equal(status, _gate.Check(Head(method, target, fields.Length > 0 ? $"Cookie: {_cookie}\r\n{fields}" : $"Cookie: {_cookie}"))?.Status ?? 0);
        // Nothing of it is to be had without the cookie, and the token in the address does not stand in for it.
        if (status == 0) Assert.Equal(401, _gate.Check(Head(method, target, fields))!.Status);
        if (status == 0 && method == "POST") Assert.Equal(401, _gate.Check(Head(method, "/do?token=the-token-of-this-test", fields))!.Status);
    }

    private static HttpRequestHead Head(string method, string target, string fields) =>
        HttpRequestHead.Parse(Encoding.ASCII.GetBytes($"{method} {target} HTTP/1.1\r\nHost: localhost{(fields.Length > 0 ? "\r\n" + fields : "")}"))!;
}
