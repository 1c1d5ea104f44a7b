using System.Text;
using ProdOps.Servers.Http;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Servers.Tests.Http;

public sealed class HttpRequestHeadTests
{
    [Fact]
    public void A_request_has_its_parts()
    {
        var head = Parse("GET /logs?q=a+b%26c&q=x&level=&alone HTTP/1.1\r\nHost: localhost:80\r\ncookie: a=1\r\nCookie:\tb=2 \r\nAccept: text/html\r\naccept: text/plain")!;
        Assert.Equal(("GET", "/logs", "q=a+b%26c&q=x&level=&alone"), (head.Method, head.Path, head.Query));
        Assert.Equal(("localhost:80", "a=1; b=2", "text/html, text/plain", ""), (head["host"], head["Cookie"], head["Accept"], head["Origin"]));
        Assert.Equal([("q", "a b&c"), ("level", ""), ("alone", "")], head.Parameters().Select(static pair => (pair.Key, pair.Value)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("GET / HTTP/2.0")]
    [InlineData("GET / HTTP/1.1 ")]
    [InlineData("GET  / HTTP/1.1")]
    [InlineData("G\u00C9T / HTTP/1.1")]
    [InlineData("GET http://localhost/ HTTP/1.1")]
    [InlineData("GET /\u00E4 HTTP/1.1")]
    [InlineData("GET / HTTP/1.1\nHost: x")]
    [InlineData("GET / HTTP/1.1\r\nHost: x\rX: y")]
    [InlineData("GET / HTTP/1.1\r\nHost : x")]
    [InlineData("GET / HTTP/1.1\r\n Host: x")]
    [InlineData("GET / HTTP/1.1\r\nA: b\r\n folded")]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\nhost: y")]
    [InlineData("GET / HTTP/1.1\r\nContent-Length: 0\r\nContent-Length: 5")]
    [InlineData("GET / HTTP/1.1\r\n: x")]
    [InlineData("GET / HTTP/1.1\r\nX: a\0b")]
    public void What_could_be_read_in_two_ways_is_no_request(string head) => Assert.Null(Parse(head));

    [Fact]
    public void A_hundred_fields_are_taken_and_no_more()
    {
        Assert.NotNull(Parse("GET / HTTP/1.1" + string.Concat(Enumerable.Range(0, 100).Select(static i => $"\r\nX-{i}: {i}"))));
        Assert.Null(Parse("GET / HTTP/1.1" + string.Concat(Enumerable.Range(0, 101).Select(static i => $"\r\nX-{i}: {i}"))));
    }

    [Fact]
    public async Task A_head_may_come_in_any_pieces_and_be_as_long_as_it_may_be()
    {
        byte[] text = Encoding.Latin1.GetBytes("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\nand more");
        for (int piece = 1; piece < text.Length; piece++) Assert.Equal("/metrics", (await HttpRequestHead.ReadAsync(new Pieces(text, piece), 100, default))?.Path);
        Assert.NotNull(await HttpRequestHead.ReadAsync(new MemoryStream(text), text.Length - 8, default));
        Assert.Null(await HttpRequestHead.ReadAsync(new MemoryStream(text), text.Length - 9, default));
        Assert.Null(await HttpRequestHead.ReadAsync(new MemoryStream(text, 0, 20), 100, default));
        Assert.Null(await HttpRequestHead.ReadAsync(new MemoryStream(), 100, default));
    }

    [Fact]
    public void Nothing_that_is_sent_breaks_the_reading() => ParserFuzz.Run("request", static text => Parse(text)?.Parameters(), ["GET /logs?q=a%2&b=%u00&%=%% HTTP/1.1\r\nHost: localhost\r\nCookie: a=b; c", "HEAD / HTTP/1.0", "\u0016\u0003\u0001"]);

    private static HttpRequestHead? Parse(string text) => HttpRequestHead.Parse(Encoding.UTF8.GetBytes(text));

    /// <summary>Gives so many bytes at a time.</summary>
    private sealed class Pieces(byte[] content, int size) : MemoryStream(content)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => base.ReadAsync(buffer[..Math.Min(size, buffer.Length)], cancellationToken);
    }
}
