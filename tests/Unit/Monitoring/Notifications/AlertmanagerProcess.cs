using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Monitoring.Tests.Notifications;

/// <summary>Debian's Alertmanager for one test, on loopback.</summary>
internal sealed partial class AlertmanagerProcess : IAsyncDisposable
{
    private readonly HttpClient _client = new();
    private readonly Process _process;
    private readonly string _folder;

    private AlertmanagerProcess(Process process, string folder) => (_process, _folder) = (process, folder);

    public Uri Url { get; private set; } = null!;

    public static async Task<AlertmanagerProcess> StartAsync()
    {
        string folder = $"/tmp/{Guid.NewGuid():N}", here = AlertmanagerFactAttribute.Root + folder;
        Directory.CreateDirectory(here);
        await File.WriteAllTextAsync($"{here}/alertmanager.yml", "route: { receiver: none }\nreceivers: [ { name: none } ]\n");
        var alertmanager = new AlertmanagerProcess(Process.Start(new ProcessStartInfo(Tool.Find("chroot")!,
            [AlertmanagerFactAttribute.Root, AlertmanagerFactAttribute.Program, $"--config.file={folder}/alertmanager.yml", $"--storage.path={folder}/data", "--web.listen-address=127.0.0.1:0", "--cluster.listen-address="])
        {
            RedirectStandardError = true,
        })!, here);
        while (await alertmanager._process.StandardError.ReadLineAsync() is { } line)
        {
            if (Address().Match(line) is not { Success: true } match) continue;
            alertmanager.Url = new Uri($"http://127.0.0.1:{match.Groups[1].Value}");
            _ = alertmanager._process.StandardError.ReadToEndAsync();
            return alertmanager;
        }

        await alertmanager.DisposeAsync();
        throw new InvalidOperationException("Alertmanager has not started.");
    }

    /// <summary>Makes a silence of an hour; gives its id.</summary>
    public async Task<string> SilenceAsync(string label, string value)
    {
        var now = TimeProvider.System.GetUtcNow();
        using var answer = await _client.PostAsJsonAsync(new Uri(Url, "/api/v2/silences"), new
        {
            matchers = new[] { new { name = label, value, isRegex = false, isEqual = true } },
            startsAt = now.ToString("o", CultureInfo.InvariantCulture), endsAt = now.AddHours(1).ToString("o", CultureInfo.InvariantCulture), createdBy = "ann", comment = "new disk",
        });
        answer.EnsureSuccessStatusCode();
        return (string)(await answer.Content.ReadFromJsonAsync<JsonObject>())!["silenceID"]!;
    }

    public async Task ExpireAsync(string silence) => (await _client.DeleteAsync(new Uri(Url, $"/api/v2/silence/{silence}"))).EnsureSuccessStatusCode().Dispose();

    public void Stop()
    {
        if (!_process.HasExited) _process.Kill();
        _process.WaitForExit();
    }

    public ValueTask DisposeAsync()
    {
        Stop();
        _process.Dispose();
        _client.Dispose();
        Directory.Delete(_folder, recursive: true);
        return default;
    }

    [GeneratedRegex(@"listening.*address=[^ ]*?:([0-9]+)", RegexOptions.IgnoreCase)]
    private static partial Regex Address();
}
