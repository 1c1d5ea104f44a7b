using System.Text;
using ProdOps.Recovery.Consoles;
using ProdOps.Servers.Http;

namespace ProdOps.Recovery.Tests.Consoles;

/// <summary>Who is let in.</summary>
public sealed class ConsoleGateTests
{
    private const string Token = "the-token-of-this-test";

    private readonly ConsoleGate _gate = new(Token, []);

    [Fact]
    public void The_token_is_handed_in_once_and_a_cookie_that_no_other_site_s_request_carries_does_the_rest()
    {
        var welcome = Ask("/?token=" + Token)!;
        Assert.Equal(200, welcome.Status);
        string cookie = welcome.Fields.Single(static field => field.Name == "Set-Cookie").Value;
        Assert.EndsWith("; Path=/; HttpOnly; SameSite=Strict", cookie, StringComparison.Ordinal);
        Assert.DoesNotContain(Token, cookie, StringComparison.Ordinal);
        Assert.StartsWith("prodops-console-80=", cookie, StringComparison.Ordinal);
        // One at another port has a cookie of its own.
        Assert.Equal(401, _gate.Check(Head("GET", "/", "localhost:81", $"Cookie: {cookie.Split(';')[0]}"))!.Status);
        string page = Encoding.UTF8.GetString(welcome.Body.Span);
        Assert.Contains("http-equiv=\"refresh\" content=\"0; url=/\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain(Token, page, StringComparison.Ordinal);
        Assert.Null(Ask("/", fields: $"Cookie: other=1; {cookie.Split(';')[0]}; more=2"));
        Assert.Equal(401, new ConsoleGate(Token, []).Check(Head("GET", "/", "localhost", $"Cookie: {cookie.Split(';')[0]}"))!.Status);
    }

    [Theory]
    [InlineData("/", null, 401)]
    [InlineData("/", "Cookie: prodops-console=x", 401)]
    [InlineData("/events?seen=1", null, 401)]
    [InlineData("/console.js", null, 401)]
    [InlineData("/?token=", null, 403)]
    [InlineData("/?token=the-token-of-this-tes", null, 403)]
    [InlineData("/?token=THE-TOKEN-OF-THIS-TEST", null, 403)]
    [InlineData("/?token=wrong&token=the-token-of-this-test", null, 403)]
    public void Who_has_no_token_sees_nothing(string target, string? fields, int status) => Assert.Equal(status, Ask(target, fields: fields)!.Status);

    [Theory]
    [InlineData("localhost:8080", true)]
    [InlineData("LocalHost", true)]
    [InlineData("127.0.0.1:1", true)]
    [InlineData("[::1]:8080", true)]
    [InlineData("[::1]", true)]
    [InlineData("", false)]
    [InlineData("evil.example", false)]
    [InlineData("localhost.evil.example:8080", false)]
    [InlineData("127.0.0.1.evil.example", false)]
    [InlineData("evil.example:localhost", false)]
    [InlineData("localhost:evil.example", false)]
    [InlineData("localhost:", false)]
    [InlineData("127.0.0.1:65536", false)]
    [InlineData("0.0.0.0:8080", false)]
    [InlineData("[::1", false)]
    [InlineData("127.1:8080", false)]
    public void A_name_of_somebody_else_s_that_leads_here_is_none(string host, bool isOurs) => Assert.Equal(isOurs ? 200 : 421, _gate.Check(Head("GET", $"/?token={Token}", host))!.Status);

    [Theory]
    [InlineData("Origin: http://localhost", 200)]
    [InlineData("Origin: http://localhost:81", 403)]
    [InlineData("Origin: https://localhost", 403)]
    [InlineData("Origin: http://evil.example", 403)]
    [InlineData("Origin: null", 403)]
    [InlineData("Sec-Fetch-Site: cross-site", 403)]
    [InlineData("Sec-Fetch-Site: same-site\r\nSec-Fetch-Mode: no-cors", 403)]
    [InlineData("Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate", 200)]
    [InlineData("Sec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: cors", 200)]
    public void Another_site_s_page_gets_nothing_even_with_the_token(string fields, int status) => Assert.Equal(status, Ask("/?token=" + Token, fields: fields)!.Status);

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    [InlineData("OPTIONS")]
    [InlineData("get")]
    public void Nothing_but_reading_is_possible(string method)
    {
        var refused = Ask("/?token=" + Token, method)!;
        Assert.Equal(405, refused.Status);
        Assert.Contains(("Allow", "GET, HEAD"), refused.Fields);
    }

    [Theory]
    [InlineData("Content-Length: 5")]
    [InlineData("Content-Length: 00")]
    [InlineData("Transfer-Encoding: chunked")]
    public void A_request_with_a_body_is_refused(string fields) => Assert.Equal(400, Ask("/?token=" + Token, fields: fields)!.Status);

    [Fact]
    public void A_token_is_another_each_time_and_its_address_bears_any_text()
    {
        string[] tokens = [.. Enumerable.Range(0, 100).Select(static _ => ConsoleGate.NewToken())];
        Assert.Equal(100, tokens.Distinct().Count());
        Assert.All(tokens, static token => Assert.Matches("^[A-Za-z0-9_-]{43}$", token));
        var odd = new ConsoleGate("a b&c=d#ü%41?/+", []);
        var address = ConsoleGate.Address(8080, "a b&c=d#ü%41?/+");
        Assert.Equal("127.0.0.1:8080", address.Authority);
        Assert.Equal(200, odd.Check(Head("GET", address.PathAndQuery, "127.0.0.1:8080"))!.Status);
    }

    private ConsoleAnswer? Ask(string target, string method = "GET", string? fields = null) => _gate.Check(Head(method, target, "localhost", fields));

    private static HttpRequestHead Head(string method, string target, string host, string? fields = null) =>
        HttpRequestHead.Parse(Encoding.ASCII.GetBytes($"{method} {target} HTTP/1.1\r\nHost: {host}{(fields is null ? "" : "\r\n" + fields)}"))!;
}
