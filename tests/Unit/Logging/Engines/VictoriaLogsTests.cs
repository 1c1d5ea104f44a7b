using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using ProdOps.Logging.Collecting;
using ProdOps.Logging.Engines;
using ProdOps.Logging.Engines.VictoriaLogs;
using ProdOps.Logging.Searching;
using ProdOps.Logging.Tests.Store;
using ProdOps.Servers.Secrets;

namespace ProdOps.Logging.Tests.Engines;

/// <summary>What is asked of VictoriaLogs, and what is made of its answers, with recorded ones.</summary>
public sealed class VictoriaLogsTests : IDisposable
{
    private readonly HttpListener _server;
    private readonly List<(string Url, string? Type, string Body, string? Login)> _asked = [];
    private readonly Queue<(int Status, string Body)> _answers = new();
    private readonly string _state = Directory.CreateTempSubdirectory("prodops-engine-state-").FullName;
    private readonly RecordingActivity _activity = new();
    private readonly OpenEngine _engine;

    public VictoriaLogsTests()
    {
        (_server, var url) = LoopbackHttp.Start();
        _ = Task.Run(ServeAsync);
        _engine = LogEngines.Open(new EngineOptions
        {
            Kind = LogEngine.VictoriaLogs, Url = url, StateFolder = _state, FirstDelay = TimeSpan.FromMilliseconds(5),
            User = "logs", Password = SecretSource.FromBytes("open sesame"u8),
        }, _activity);
    }

    [Fact]
    public async Task A_log_that_had_only_a_greeting_when_it_was_first_collected_is_read_as_what_it_turns_out_to_be()
    {
        const string Greeting = "2026-11-23T14:00:00.000001+00:00 web1 haproxy[75]: Proxy shop started.\n";
        const string Request = "2026-11-23T14:00:09.000001+00:00 web1 haproxy[75]: 10.0.0.9:43722 [23/Nov/2026:14:00:09.809] shop web/web1 0/0/0/0/0 404 283 - - ---- 1/1/0/0/0 0/0 \"GET /cart HTTP/1.1\"\n";
        foreach (string lines in (string[])[Greeting, Request, Greeting, Request])
        {
            _answers.Enqueue((200, ""));
            await _engine.Sink.AppendAsync(new LogBatch(new LogStream("web1", "haproxy"), Encoding.UTF8.GetBytes(lines)) { ReceivedTime = DateTimeOffset.UnixEpoch.AddDays(1), Checkpoint = "here" }, default);
        }

        Assert.Equal([null, "404", null, "404"], _asked.Select(request => VictoriaLogsRows.Parse(Encoding.UTF8.GetBytes(request.Body.TrimEnd('\n'))).GetValueOrDefault("status")));
    }

    [Fact]
    public async Task Lines_are_sent_as_JSON_lines_and_the_checkpoint_is_kept_when_they_are_acknowledged()
    {
        var stream = new LogStream("web1", "syslog");
        var batch = new LogBatch(stream, Encoding.UTF8.GetBytes("<27>1 2026-11-26T05:00:00.5Z web1 shop 7 - - it \"fails\"\n"))
        {
            ReceivedTime = DateTimeOffset.UnixEpoch.AddDays(1), Format = "syslog", Checkpoint = "here",
        };
        _answers.Enqueue((400, "no\u001b[31m way"));
        var error = await Assert.ThrowsAnyAsync<ProdOpsException>(() => _engine.Sink.AppendAsync(batch, default));
        Assert.Equal("LogEngineRefused", error.ErrorId);
        Assert.DoesNotContain('\u001b', error.Message);
        Assert.Null(await _engine.Sink.GetCheckpointAsync(stream, default));

        _answers.Enqueue((503, "busy"));
        _answers.Enqueue((200, ""));
        await _engine.Sink.AppendAsync(batch, default);
        Assert.Equal("here", await _engine.Sink.GetCheckpointAsync(stream, default));
        Assert.Contains("sent again", Assert.Single(_activity.Warnings), StringComparison.Ordinal);
        var (url, type, body, login) = _asked[^1];
        Assert.Equal("/insert/jsonline?_stream_fields=server,source&_time_field=_time&_msg_field=_msg", url);
        Assert.Equal("application/stream+json", type);
        Assert.Equal("Basic bG9nczpvcGVuIHNlc2FtZQ==", login);
        var row = VictoriaLogsRows.Parse(Encoding.UTF8.GetBytes(body.TrimEnd('\n')));
        Assert.Equal(("2026-11-26T05:00:00.5000000Z", "<27>1 2026-11-26T05:00:00.5Z web1 shop 7 - - it \"fails\"", "web1", "error"), (row["_time"], row["_msg"], row["server"], row["level"]));
    }

    [Theory]
    [InlineData(200, "<html>", "LogEngineMisbehaves")]
    [InlineData(200, "{\"n\":3}", "LogEngineMisbehaves")]
    [InlineData(200, "{\"n\":\"many\"}", "LogEngineMisbehaves")]
    [InlineData(200, "{\"n\":\"1\"}\n{\"n\":\"2\"}", "LogEngineMisbehaves")]
    [InlineData(302, "", "LogEngineMisbehaves")]
    [InlineData(401, "", "LogEngineLoginFailed")]
    [InlineData(403, "", "LogEngineDenied")]
    [InlineData(422, "too much", "LogEngineRefused")]
    public async Task A_wrong_answer_is_told(int status, string body, string id)
    {
        _answers.Enqueue((status, body));
        var error = await Assert.ThrowsAnyAsync<ProdOpsException>(() => _engine.Search.CountAsync(new LogQuery(), default));
        Assert.Equal(id, error.ErrorId);
        Assert.DoesNotContain("sesame", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_recorded_search_gives_entries_in_the_order_of_time()
    {
        _answers.Enqueue((200, """{"first":"2026-11-04T00:01:14.369229Z","last":"2026-11-04T00:01:14.73571Z","n":"2"}"""));
        _answers.Enqueue((200, """
            {"_time":"2026-11-04T00:01:14.73571Z","_msg":"second WARN","server":"app01","source":"app","prodops.format":"plain","prodops.received":"1793750474000002"}
            {"_time":"2026-11-04T00:01:14.369229Z","_msg":"first warn","server":"app01","source":"app","prodops.format":"plain","prodops.received":"1793750474000001"}
            {"_time":"2026-11-04T00:01:14.369229Z","_msg":"first warn","server":"app01","source":"app","prodops.format":"plain","prodops.received":"1793750474000001"}
            """));
        var found = new List<LogEntry>();
        await foreach (var batch in _engine.Search.SearchAsync(new LogQuery { Patterns = ["Warn"], Servers = ["app*"] }, default)) found.AddRange(batch);
        Assert.Equal(["first warn", "second WARN"], found.Select(static entry => entry.Raw));
        Assert.Equal(new DateTimeOffset(2026, 11, 4, 0, 1, 14, TimeSpan.Zero).AddTicks(3692290), found[0].Time);
        Assert.Contains("_msg:~\"[Ww][Aa][Rr][Nn]\"", WebUtility.UrlDecode(_asked[0].Body), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_in_a_text_ends_the_quotes_around_it()
    {
        var random = new Random(20261126);
        for (int round = 0; round < 20_000; round++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => random.Next(3) == 0 ? (char)random.Next(1, 0xD800) : "\"\\`'\n\r\0|{}()#*:~ \u2028"[random.Next(18)]));
            string quoted = LogsQlText.Quote(text);
            Assert.DoesNotContain(quoted, static c => char.IsControl(c));
            Assert.Equal(text, JsonSerializer.Deserialize<string>(quoted));
        }
    }

    public void Dispose()
    {
        _engine.Dispose();
        _server.Close();
        Directory.Delete(_state, recursive: true);
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var context = await _server.GetContextAsync();
                bool isPacked = context.Request.Headers["Content-Encoding"] == "gzip";
                using var reader = new StreamReader(isPacked ? new GZipStream(context.Request.InputStream, CompressionMode.Decompress) : context.Request.InputStream);
                _asked.Add((context.Request.RawUrl!, context.Request.ContentType, await reader.ReadToEndAsync(), context.Request.Headers["Authorization"]));
                var (status, body) = _answers.Dequeue();
                context.Response.StatusCode = status;
                await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(body));
                context.Response.Close();
            }
        }
        catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
        {
            // The test is over.
        }
    }
}
