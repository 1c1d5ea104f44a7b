using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ProdOps.Recovery.Tests.Browser;

/// <summary>A page of a browser: what is in it, what it asked for, and what went wrong with it.</summary>
internal sealed class BrowserPage : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly DevTools _tools;
    private readonly string _session, _context;
    private TaskCompletionSource _loaded = new();

    private BrowserPage(DevTools tools, string session, string context) => (_tools, _session, _context) = (tools, session, context);

    /// <summary>Errors of scripts, what the policy refused, what could not be loaded, and dialogs, which nothing here opens.</summary>
    public ConcurrentQueue<string> Problems { get; } = new();

    /// <summary>The addresses that it asked for.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    public static async Task<BrowserPage> StartAsync(DevTools tools, string session, string context)
    {
        var page = new BrowserPage(tools, session, context);
        tools.Hear(session, page.Take);
        foreach (string domain in (string[])["Page", "Runtime", "Network", "Log"]) await page.SendAsync($"{domain}.enable");
        await page.LookAsync(900, isDark: false);
        return page;
    }

    /// <summary>Goes to an address and waits until all of it is there.</summary>
    public async Task GoAsync(string address)
    {
        _loaded = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await SendAsync("Page.navigate", new JsonObject { ["url"] = address });
        await _loaded.Task.WaitAsync(Limit);
    }

    /// <summary>How wide it is, and in which colours its reader likes it.</summary>
    public async Task LookAsync(int width, bool isDark)
    {
        await SendAsync("Emulation.setDeviceMetricsOverride", new JsonObject { ["width"] = width, ["height"] = 800, ["deviceScaleFactor"] = 1, ["mobile"] = false });
        await SendAsync("Emulation.setEmulatedMedia", new JsonObject { ["features"] = new JsonArray(new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = isDark ? "dark" : "light" }) });
    }

    /// <summary>Whether scripts of the page are carried out.</summary>
    public Task ScriptsAsync(bool areOn) => SendAsync("Emulation.setScriptExecutionDisabled", new JsonObject { ["value"] = !areOn });

    /// <summary>What an expression is worth in the page; a promise what it becomes.</summary>
    public async Task<JsonElement> EvaluateAsync(string expression)
    {
        var answer = await SendAsync("Runtime.evaluate", new JsonObject { ["expression"] = expression, ["returnByValue"] = true, ["awaitPromise"] = true });
        if (answer.TryGetProperty("exceptionDetails", out var failure)) throw new InvalidOperationException(failure.GetRawText());
        return answer.GetProperty("result").TryGetProperty("value", out var value) ? value : default;
    }

    /// <summary>Waits until an expression is true.</summary>
    public async Task UntilAsync(string expression)
    {
        for (long begun = TimeProvider.System.GetTimestamp(); !await IsSoAsync(expression);)
        {
            if (TimeProvider.System.GetElapsedTime(begun) > Limit) Assert.Fail($"It does not become true: {expression}. The page: {await EvaluateAsync("document.body.innerText.slice(0, 2000)")}; problems: {string.Join('\n', Problems)}");
            await Task.Delay(30);
        }
    }

    private async Task<bool> IsSoAsync(string expression)
    {
        try
        {
            return (await EvaluateAsync($"!!({expression})")).GetBoolean();
        }
        catch (InvalidOperationException)
        {
            // Another page is just taking this one's place.
            return false;
        }
    }

    public async Task PressAsync(string key, int modifiers = 0)
    {
        // With a text of its own a key is typed as well: that is what sends a form.
        foreach (string type in (string[])[key == "Enter" ? "keyDown" : "rawKeyDown", "keyUp"])
        {
            var parameters = new JsonObject { ["type"] = type, ["key"] = key, ["code"] = key, ["modifiers"] = modifiers };
            if (key == "Tab") parameters["windowsVirtualKeyCode"] = 9;
            if (key == "Enter") (parameters["windowsVirtualKeyCode"], parameters["text"]) = (13, "\r");
            await SendAsync("Input.dispatchKeyEvent", parameters);
        }
    }

    public Task TypeAsync(string text) => SendAsync("Input.insertText", new JsonObject { ["text"] = text });

    /// <summary>Presses the mouse's button at one place and lets it go at another.</summary>
    public async Task DragAsync((double X, double Y) from, (double X, double Y) to)
    {
        foreach (var (type, place, buttons) in new[] { ("mouseMoved", from, 0), ("mousePressed", from, 1), ("mouseMoved", ((from.X + to.X) / 2, to.Y), 1), ("mouseMoved", to, 1), ("mouseReleased", to, 0) })
            await SendAsync("Input.dispatchMouseEvent", new JsonObject { ["type"] = type, ["x"] = place.Item1, ["y"] = place.Item2, ["button"] = type == "mouseMoved" && buttons == 0 ? "none" : "left", ["buttons"] = buttons, ["clickCount"] = 1 });
    }

    /// <summary>A picture of its upper part, for who wants to look.</summary>
    public async Task<byte[]> PictureAsync()
    {
        var clip = new JsonObject { ["x"] = 0, ["y"] = 0, ["width"] = (await EvaluateAsync("innerWidth")).GetInt32(), ["height"] = Math.Min(4000, (await EvaluateAsync("document.documentElement.scrollHeight")).GetInt32()), ["scale"] = 1 };
        return (await SendAsync("Page.captureScreenshot", new JsonObject { ["captureBeyondViewport"] = true, ["clip"] = clip })).GetProperty("data").GetBytesFromBase64();
    }

    private Task<JsonElement> SendAsync(string method, JsonObject? parameters = null) => _tools.SendAsync(method, parameters, _session);

    private void Take(string method, JsonElement told)
    {
        switch (method)
        {
            case "Page.loadEventFired":
                _loaded.TrySetResult();
                break;
            case "Network.requestWillBeSent":
                Requests.Enqueue(told.GetProperty("request").GetProperty("url").GetString()!);
                break;
            case "Runtime.exceptionThrown":
                Problems.Enqueue(told.GetProperty("exceptionDetails").GetRawText());
                break;
            case "Runtime.consoleAPICalled" when told.GetProperty("type").GetString() is "error" or "warning" or "assert":
            case "Log.entryAdded" when told.GetProperty("entry").GetProperty("level").GetString() is "error" or "warning":
                Problems.Enqueue(told.GetRawText());
                break;
            case "Page.javascriptDialogOpening":
                Problems.Enqueue($"a dialog: {told.GetRawText()}");
                _ = SendAsync("Page.handleJavaScriptDialog", new JsonObject { ["accept"] = true });
                break;
        }
    }

    public async ValueTask DisposeAsync() => await _tools.SendAsync("Target.disposeBrowserContext", new JsonObject { ["browserContextId"] = _context });
}
