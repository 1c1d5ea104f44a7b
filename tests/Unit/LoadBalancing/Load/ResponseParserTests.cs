using System.Buffers;
using System.Text;
using ProdOps.LoadBalancing.Load;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.LoadBalancing.Tests.Load;

/// <summary>Answers of HTTP/1.1, whole, in pieces, one behind the other, and such as no server should send.</summary>
public sealed class ResponseParserTests
{
    private const string Plain = "HTTP/1.1 200 OK\r\nX-Served-By: web1\r\nContent-Length: 5\r\n\r\nhello";
    private const string Chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n3;name=\"v\"\r\nhel\r\n2\r\nlo\r\n0\r\nX-Sum: 1\r\n\r\n";

    [Theory]
    [InlineData(Plain, 200, true, "hello")]
    [InlineData(Chunked, 200, true, "hello")]
    [InlineData("HTTP/1.1 200 OK\nContent-Length: 2\n\nok", 200, true, "ok")]
    [InlineData("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", 200, true, "")]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n", 204, true, "")]
    [InlineData("HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n", 304, true, "")]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 1\r\n\r\n1", 201, true, "1")]
    [InlineData("HTTP/1.1 200 OK\r\nConnection: Keep-Alive, CLOSE\r\nContent-Length: 2\r\n\r\nok", 200, false, "ok")]
    [InlineData("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, false, "ok")]
    [InlineData("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok", 200, true, "ok")]
    [InlineData("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4, 4\r\n\r\nbusy", 503, true, "busy")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", 200, false, "ok")]
    public void Answers_are_read_alike_however_they_are_cut(string text, int status, bool keepsAlive, string body)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(text);
        for (int size = 1; size <= bytes.Length; size++)
        {
            var (parser, read, left) = Feed(bytes, size);
            Assert.Null(parser.Problem);
            Assert.True(parser.IsComplete);
            Assert.Equal((status, keepsAlive, body, 0), (parser.Status, parser.KeepsAlive, read, left));
        }
    }

    [Fact]
    public void An_answer_without_a_length_ends_with_the_connection()
    {
        var parser = Parser();
        var body = new ArrayBufferWriter<byte>();
        parser.Read("HTTP/1.1 200 OK\r\n\r\nall that comes"u8, body);
        Assert.False(parser.IsComplete);
        Assert.True(parser.End());
        Assert.Equal(("all that comes", false), (Encoding.ASCII.GetString(body.WrittenSpan), parser.KeepsAlive));
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n")]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\n")]
    [InlineData("")]
    public void An_answer_that_ends_early_is_not_complete(string text)
    {
        var (parser, _, _) = Feed(Encoding.ASCII.GetBytes(text), int.MaxValue);
        Assert.False(parser.End());
        Assert.Null(parser.Problem);
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n")]
    [InlineData("HTTP/2 200\r\n\r\n")]
    [InlineData("HTTP/1.1 20 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 2000 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 -20 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 099 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\n Content-Length: 5\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nno header\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nA: b\rContent-Length: 5\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n0\r\n\r\n")]
    public void What_two_readers_could_understand_differently_is_refused(string text)
    {
        foreach (int size in (int[])[1, 7, int.MaxValue])
        {
            var (parser, _, _) = Feed(Encoding.Latin1.GetBytes(text), size);
            Assert.NotNull(parser.Problem);
            Assert.False(parser.IsComplete || parser.KeepsAlive);
        }
    }

    [Fact]
    public void Heads_are_bounded()
    {
        foreach (string endless in (string[])["A: " + new string('a', 100_000), string.Concat(Enumerable.Repeat("A: b\r\n", 20_000))])
        {
            var (parser, _, _) = Feed(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\n" + endless), 4096);
            Assert.Contains("too long", parser.Problem, StringComparison.Ordinal);
        }

        var (hints, _, _) = Feed(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 20_000))), 4096);
        Assert.Contains("too long", hints.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_answered_is_told_by_a_header_or_a_cookie()
    {
        var parser = new ResponseParser(false, ["x-served-by"], "SRV");
        parser.Read("HTTP/1.1 200 OK\r\nX-SERVED-BY:  web1 \r\nContent-Length: 0\r\n\r\n"u8);
        Assert.Equal("web1", Encoding.ASCII.GetString(parser.Server));
        parser.Reset();
        parser.Read("HTTP/1.1 200 OK\r\nSet-Cookie: other=1\r\nSet-Cookie: SRV=web2; path=/\r\nSet-Cookie: SRVX=web9\r\nContent-Length: 0\r\n\r\n"u8);
        Assert.Equal("web2", Encoding.ASCII.GetString(parser.Server));
        parser.Reset();
        parser.Read(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nX-Served-By: {new string('w', 5000)}\r\nContent-Length: 0\r\n\r\n"));
        Assert.Equal(128, parser.Server.Length);
    }

    [Fact]
    public void An_answer_to_HEAD_has_no_body()
    {
        var parser = new ResponseParser(true, [], null);
        parser.Read("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"u8);
        Assert.True(parser.IsComplete && parser.KeepsAlive);
    }

    [Fact]
    public void What_follows_an_answer_is_left()
    {
        var parser = Parser();
        Assert.Equal(Plain.Length, parser.Read(Encoding.ASCII.GetBytes(Plain + Plain)));
        Assert.True(parser.IsComplete);
    }

    [Fact]
    public void Damaged_answers_neither_hang_nor_throw()
    {
        var random = new Random(20261126);
        byte[][] seeds = [Encoding.ASCII.GetBytes(Plain), Encoding.ASCII.GetBytes(Chunked), Encoding.ASCII.GetBytes("HTTP/1.1 100 Continue\r\n\r\n" + Plain)];
        for (int i = 0; i < ParserFuzz.Rounds; i++)
        {
            byte[] bytes = Mutation.Of(seeds[i % seeds.Length], random);
            var (whole, body, left) = Feed(bytes, int.MaxValue);
            var (cut, cutBody, cutLeft) = Feed(bytes, 1 + random.Next(5));
            Assert.Equal((whole.IsComplete, whole.Problem is null, whole.Status, left), (cut.IsComplete, cut.Problem is null, cut.Status, whole.Problem is null ? cutLeft : left));
            if (whole.Problem is null) Assert.Equal(body, cutBody);
        }
    }

    private static ResponseParser Parser() => new(false, ["X-Served-By"], null);

    /// <summary>Gives a parser bytes as a connection does: pieces of a size, each behind what was left. Returns the body and how many bytes were left.</summary>
    private static (ResponseParser Parser, string Body, int Left) Feed(byte[] bytes, int size)
    {
        var parser = Parser();
        parser.Reset();
        var body = new ArrayBufferWriter<byte>();
        var buffer = new List<byte>();
        foreach (byte[] piece in bytes.Chunk(Math.Max(1, Math.Min(size, bytes.Length))))
        {
            buffer.AddRange(piece);
            buffer.RemoveRange(0, parser.Read(buffer.ToArray(), body));
        }

        return (parser, Encoding.Latin1.GetString(body.WrittenSpan), buffer.Count);
    }
}
