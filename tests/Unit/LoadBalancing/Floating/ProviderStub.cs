using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ProdOps.LoadBalancing.Tests.Floating;

/// <summary>
/// Plays the provider's documented exchanges on loopback: a reserved address with actions that take a number of polls, and answers that a test puts before it. An answer of <see langword="null"/> ends
/// the connection without a word.
/// </summary>
internal sealed class ProviderStub : IAsyncDisposable
{
    public const string Address = "203.0.113.5", Token = "dop_v1_0123456789abcdef0123456789abcdef";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private readonly List<(long Id, long Droplet, int Polls)> _actions = [];
    private long _next = 72531856;
    private int _busy;

    public ProviderStub()
    {
        _listener.Start();
        _running = Task.Run(AcceptAsync);
    }

    public string Url => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>The first line of each request, with the body behind it.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    /// <summary>Answers in the place of those to come: to requests that begin with the text.</summary>
    public ConcurrentQueue<(string Request, string? Answer)> Next { get; } = [];

    /// <summary>The droplet that has the address.</summary>
    public long? Holder { get; set; } = 101;

    /// <summary>How often an action is asked for until it ends.</summary>
    public int PollsPerAction { get; set; } = 2;

    /// <summary>How many requests are being answered.</summary>
    public int Busy => Volatile.Read(ref _busy);

    /// <summary>How actions end.</summary>
    public string ActionEnd { get; set; } = "completed";

    public static string Answer(string status, string json, string headers = "") =>
        $"HTTP/1.1 {status}\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: {Encoding.UTF8.GetByteCount(json)}\r\n{headers}Connection: close\r\n\r\n{json}";

    public static string Failure(string status, string id, string message, string headers = "") => Answer(status, $$"""{"id":"{{id}}","message":"{{message}}","request_id":"4d9d8375-3c56-4925-a3e7-eb137fed17e9"}""", headers);

    /// <summary>Begins an action, as somebody else would.</summary>
    public string Begin(long droplet)
    {
        lock (_actions)
        {
            if (_actions.Exists(action => action.Polls > 0)) return Failure("422 Unprocessable Entity", "unprocessable_entity", "The IP already has a pending event.");
            _actions.Insert(0, (_next, droplet, PollsPerAction));
            return Answer("201 Created", $$"""{"action":{{ActionJson(_next++)}} }""");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _running;
        _stop.Dispose();
    }

    private string Droplet => Holder is null ? "null" : $$"""{"id":{{Holder}},"name":"lb"}""";

    private string? Handle(string line, string body, string request)
    {
        if (!request.Contains($"\r\nAuthorization: Bearer {Token}\r\n", StringComparison.Ordinal)) return Failure("401 Unauthorized", "unauthorized", "Unable to authenticate you");
        if (Next.TryPeek(out var next) && line.StartsWith(next.Request, StringComparison.Ordinal) && Next.TryDequeue(out next)) return next.Answer;
        string root = $"/v2/reserved_ips/{Address}";
        string[] words = line.Split(' ');
        if (words is ["POST", _, _] && words[1] == $"{root}/actions") return Begin(long.Parse(body.Split("\"droplet_id\":")[1].TrimEnd('}')));
        lock (_actions)
        {
            if (words[1] == root) return Answer("200 OK", $$"""{"reserved_ip":{"ip":"{{Address}}","droplet":{{Droplet}},"region":{"slug":"nyc3"},"locked":false} }""");
            if (words[1] == $"{root}/actions") return Answer("200 OK", $$"""{"actions":[{{string.Join(',', _actions.Select(action => ActionJson(action.Id)))}}],"links":{},"meta":{"total":{{_actions.Count}}} }""");
            if (words[1].StartsWith($"{root}/actions/", StringComparison.Ordinal))
            {
                int index = _actions.FindIndex(action => words[1].EndsWith($"/{action.Id}", StringComparison.Ordinal));
                if (index >= 0)
                {
                    var (id, droplet, polls) = _actions[index];
                    if (polls > 0) _actions[index] = (id, droplet, polls - 1);
                    if (polls == 1 && ActionEnd == "completed") Holder = droplet;
                    return Answer("200 OK", $$"""{"action":{{ActionJson(id)}} }""");
                }
            }
        }

        return Failure("404 Not Found", "not_found", "The resource you requested could not be found.");
    }

    private string ActionJson(long id)
    {
        var action = _actions.Find(action => action.Id == id);
        string status = action.Polls > 0 ? "in-progress" : ActionEnd;
        return $$"""{"id":{{id}},"status":"{{status}}","type":"assign_ip","started_at":"2026-11-21T21:51:09Z","completed_at":null,"resource_id":{{action.Droplet}},"resource_type":"reserved_ip","region_slug":"nyc3"}""";
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true) serving.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or InvalidOperationException)
        {
            await Task.WhenAll(serving);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        Interlocked.Increment(ref _busy);
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                var text = new StringBuilder();
                byte[] buffer = new byte[4096];
                int length, end;
                while ((end = text.ToString().IndexOf("\r\n\r\n", StringComparison.Ordinal)) < 0 || text.Length - end - 4 < BodyLength(text.ToString()))
                {
                    if ((length = await stream.ReadAsync(buffer, _stop.Token)) == 0) return;
                    text.Append(Encoding.UTF8.GetString(buffer, 0, length));
                }

                string request = text.ToString(), line = request[..request.IndexOf("\r\n", StringComparison.Ordinal)], body = request[(end + 4)..];
                Requests.Enqueue($"{line.Replace(" HTTP/1.1", "")} {body}".TrimEnd());
                if (Handle(line, body, request) is { } answer) await stream.WriteAsync(Encoding.UTF8.GetBytes(answer), _stop.Token);
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException)
            {
                // The other side has gone.
            }
            finally
            {
                Interlocked.Decrement(ref _busy);
            }
        }
    }

    private static int BodyLength(string request)
    {
        string? length = Array.Find(request.Split("\r\n"), static line => line.StartsWith("Content-Length: ", StringComparison.OrdinalIgnoreCase));
        return length is null ? 0 : int.Parse(length["Content-Length: ".Length..]);
    }
}
