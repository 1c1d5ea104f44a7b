using System.Diagnostics;
using System.Text.Json.Nodes;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Recovery.Tests.Browser;

/// <summary>A browser without a screen, for the tests of a class; each page has cookies of its own.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private readonly string _profile = Directory.CreateTempSubdirectory("prodops-chromium-").FullName;
    private Process? _process;
    private DevTools? _tools;

    /// <summary>Which one: what <c>PRODOPS_CHROMIUM</c> names, or one in the PATH.</summary>
    internal static string? Program { get; } = Environment.GetEnvironmentVariable("PRODOPS_CHROMIUM") is { Length: > 0 } named ? named : Tool.Find("chromium") ?? Tool.Find("chromium-browser") ?? Tool.Find("google-chrome");

    public async Task InitializeAsync()
    {
        if (Program is null) return;
        // As root there is no sandbox, and everything that would ask somebody else is off.
        var start = new ProcessStartInfo(Program)
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            ArgumentList =
            {
                "--headless=new", "--remote-debugging-port=0", $"--user-data-dir={_profile}", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--no-default-browser-check",
                "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions", "--disable-default-apps", "--force-color-profile=srgb", "about:blank",
            },
        };
        _process = Process.Start(start)!;
        _ = _process.StandardOutput.ReadToEndAsync();
        const string listening = "DevTools listening on ";
        string? line;
        do line = await _process.StandardError.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(90)) ?? throw new InvalidOperationException($"{Program} does not start.");
        while (!line.StartsWith(listening, StringComparison.Ordinal));
        _ = _process.StandardError.ReadToEndAsync();
        _tools = await DevTools.ConnectAsync(new Uri(line[listening.Length..]));
    }

    /// <summary>A new page, with nothing in it.</summary>
    internal async Task<BrowserPage> OpenAsync()
    {
        string context = (await _tools!.SendAsync("Target.createBrowserContext")).GetProperty("browserContextId").GetString()!;
        string target = (await _tools.SendAsync("Target.createTarget", new JsonObject { ["url"] = "about:blank", ["browserContextId"] = context })).GetProperty("targetId").GetString()!;
        string session = (await _tools.SendAsync("Target.attachToTarget", new JsonObject { ["targetId"] = target, ["flatten"] = true })).GetProperty("sessionId").GetString()!;
        return await BrowserPage.StartAsync(_tools, session, context);
    }

    public async Task DisposeAsync()
    {
        if (_tools is not null)
        {
            try
            {
                await _tools.SendAsync("Browser.close");
            }
            catch (InvalidOperationException)
            {
                // It has gone before it could answer.
            }

            await _tools.DisposeAsync();
        }

        if (_process is not null)
        {
            try
            {
                await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(20));
            }
            catch (TimeoutException)
            {
                _process.Kill(entireProcessTree: true);
            }

            _process.Dispose();
        }

        // Helpers of the browser may still write for a moment.
        for (int tries = 0; Directory.Exists(_profile) && tries < 50; tries++)
        {
            try
            {
                Directory.Delete(_profile, recursive: true);
            }
            catch (IOException)
            {
                await Task.Delay(100);
            }
        }
    }
}

/// <summary>A test that needs a browser.</summary>
internal sealed class ChromiumFactAttribute : FactAttribute
{
    public ChromiumFactAttribute() => Skip = ChromiumTheoryAttribute.Missing;
}

/// <inheritdoc cref="ChromiumFactAttribute"/>
internal sealed class ChromiumTheoryAttribute : TheoryAttribute
{
    public ChromiumTheoryAttribute() => Skip = Missing;

    public static string? Missing => Chromium.Program is null ? "needs Chromium (in the PATH, or named in PRODOPS_CHROMIUM)" : null;
}
