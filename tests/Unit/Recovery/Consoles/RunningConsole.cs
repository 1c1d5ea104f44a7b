using System.Net;
using System.Net.Sockets;
using System.Text;
using ProdOps.Recovery.Consoles;
using ProdOps.Recovery.Reports;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Recovery.Tests.Consoles;

/// <summary>A console, or a server with answers of the test's own, that is asked over real sockets.</summary>
internal sealed class RunningConsole : IAsyncDisposable
{
    public const string Token = "a-token-for-the-tests";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private readonly IDisposable? _console;

    private RunningConsole(Func<CancellationToken, (Func<ConsoleRequest, CancellationToken, Task<ConsoleAnswer>> Answer, IDisposable? Owner)> make, TimeProvider time, int mostAtOnce)
    {
        (var answer, _console) = make(_stop.Token);
        Server = ConsoleServer.Listen(0, answer, time, Activity);
        Server.MostAtOnce = mostAtOnce;
        // Other tests may have all cores for a while; those of its patience have a clock of their own.
        if (time == TimeProvider.System) Server.Patience = 2 * Limit;
        _running = Server.RunAsync(_stop.Token);
    }

    public RecordingActivity Activity { get; } = new();

    public ConsoleServer Server { get; }

    public int Port => Server.Port;

    public static RunningConsole Of(Func<ConsoleRequest, CancellationToken, Task<ConsoleAnswer>> answer, TimeProvider? time = null, int mostAtOnce = 64) => new(_ => (answer, null), time ?? TimeProvider.System, mostAtOnce);

    public static RunningConsole OfReport(Func<Report>? report = null, TimeSpan? interval = null)
    {
        var sources = SampleSources.Of() with { Interval = interval ?? TimeSpan.FromHours(1) };
        return OfSources(report is null ? sources : sources with { Report = _ => Task.FromResult(report()) });
    }

    public static RunningConsole OfSources(ConsoleSources sources) => new(ending =>
    {
        var console = new ConsoleSite(sources, Token, ending);
        return (console.AnswerAsync, console);
    }, TimeProvider.System, 64);

    /// <summary>Sends a text and reads what comes until the end.</summary>
    public async Task<string> AskAsync(string request, IPAddress? address = null)
    {
        using var client = await OpenAsync(request, address);
        using var read = new MemoryStream();
        try
        {
            await client.GetStream().CopyToAsync(read).WaitAsync(Limit);
        }
        catch (IOException)
        {
            // What was not read of a request that is too long may reset the line behind the answer.
        }

        return Encoding.UTF8.GetString(read.ToArray());
    }

    /// <summary>A GET with the fields that a browser sends; by somebody who was let in.</summary>
    public async Task<string> GetAsync(string path) => await AskAsync($"GET {path} HTTP/1.1\r\nHost: localhost:{Port}\r\nCookie: {await LogInAsync()}\r\n\r\n");

    /// <summary>A form as a browser of somebody who was let in sends it.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="form">What is in it, encoded.</param>
    /// <param name="head">Fields of the head in the place of those that a browser sends; one that is <see langword="null"/> is left out.</param>
    public async Task<string> PostAsync(string path, string form, params (string Name, string? Value)[] head)
    {
        var fields = new Dictionary<string, string?>
        {
            ["Host"] = $"localhost:{Port}",
            ["Origin"] = $"http://localhost:{Port}",
            ["Sec-Fetch-Site"] = "same-origin",
            ["Sec-Fetch-Mode"] = "navigate",
            ["Content-Type"] = "application/x-www-form-urlencoded",
            ["Content-Length"] = $"{form.Length}",
            ["Cookie"] = await LogInAsync(),
        };
        foreach (var (name, value) in head) fields[name] = value;
        return await AskAsync($"POST {path} HTTP/1.1\r\n{string.Concat(fields.Where(static field => field.Value is not null).Select(static field => $"{field.Key}: {field.Value}\r\n"))}\r\n{form}");
    }

    /// <summary>Hands in the token and gets the cookie.</summary>
    public async Task<string> LogInAsync()
    {
        string answer = await AskAsync($"GET /?token={Token} HTTP/1.1\r\nHost: 127.0.0.1:{Port}\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer, StringComparison.Ordinal);
        return answer.Split("Set-Cookie: ")[1].Split(';')[0];
    }

    /// <summary>Sends a text and leaves the connection open.</summary>
    public async Task<TcpClient> OpenAsync(string request, IPAddress? address = null)
    {
        var client = new TcpClient((address ?? IPAddress.Loopback).AddressFamily);
        await client.ConnectAsync(address ?? IPAddress.Loopback, Port);
        await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(request));
        return client;
    }

    /// <summary>Waits for something that is to come.</summary>
    public static async Task UntilAsync(Func<bool> isSo, string what, Action? meanwhile = null)
    {
        for (long begun = TimeProvider.System.GetTimestamp(); !isSo();)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < Limit, what);
            meanwhile?.Invoke();
            await Task.Delay(5);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Assert.Equal(0, Server.Serving);
        _console?.Dispose();
        _stop.Dispose();
    }
}
