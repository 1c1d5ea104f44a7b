using ProdOps.Backup.Tests.Storage;
using ProdOps.Monitoring.Tests.TestTools;

namespace ProdOps.Monitoring.Tests.Engines;

/// <summary>Debian's Prometheus or VictoriaMetrics for one test, with an empty disk, on loopback.</summary>
internal sealed class EngineProcess : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _client = new();
    private readonly Func<int, IEnumerable<string>> _arguments;
    private readonly UnpackedTool _tool;
    private readonly string _ready;
    private PrivateServer? _server;

    private EngineProcess(UnpackedTool tool, Func<string, int, IEnumerable<string>> arguments, string ready) =>
        (_tool, _arguments, _ready) = (tool, port => arguments(_folder.Path, port), ready);

    public Uri Url { get; private set; } = null!;

    /// <summary>Where it keeps what it has.</summary>
    public string DataPath => _folder["data"];

    public static async Task<EngineProcess> StartVictoriaMetricsAsync()
    {
        var engine = new EngineProcess(UnpackedTool.VictoriaMetrics, static (folder, port) => [$"-httpListenAddr=127.0.0.1:{port}", $"-storageDataPath={folder}/data", "-retentionPeriod=100y", "-memory.allowedBytes=64MB"], "/health");
        await engine.StartAsync();
        return engine;
    }

    /// <param name="scrape">Targets that are scraped each second.</param>
    public static async Task<EngineProcess> StartPrometheusAsync(params string[] scrape)
    {
        var engine = new EngineProcess(UnpackedTool.Prometheus, static (folder, port) => [$"--config.file={folder}/prometheus.yml", $"--storage.tsdb.path={folder}/data", $"--web.listen-address=127.0.0.1:{port}"], "/-/ready");
        string targets = string.Join(", ", scrape.Select(static target => $"'{target}'"));
        await File.WriteAllTextAsync(engine._folder["prometheus.yml"], scrape.Length == 0 ? "global: {}\n"
            : $"global: {{ scrape_interval: 1s, scrape_timeout: 1s }}\nscrape_configs: [ {{ job_name: prodops, static_configs: [ {{ targets: [ {targets} ] }} ] }} ]\n");
        await engine.StartAsync();
        return engine;
    }

    /// <summary>Begins again with the same disk; at another port, unless it is kept.</summary>
    public async Task StartAsync()
    {
        int? port = Url?.Port;
        // Whoever waits for an engine to come back waits at its address.
        _server = await PrivateServer.StartAsync(_tool.Program!, free => _arguments(port ?? free), async free =>
        {
            try
            {
                using var answer = await _client.GetAsync($"http://127.0.0.1:{port ?? free}{_ready}");
                return answer.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }, _tool.Libraries);
        Url = new Uri($"http://127.0.0.1:{port ?? _server.Port}");
    }

    /// <summary>Ends it as a power cut does.</summary>
    public void Stop()
    {
        _server?.Dispose();
        _server = null;
    }

    /// <summary>Gives lines to VictoriaMetrics, which shows them at once.</summary>
    public async Task ImportAsync(IEnumerable<string> lines)
    {
        using var body = new StringContent(string.Join('\n', lines));
        (await _client.PostAsync(new Uri(Url, "/api/v1/import"), body)).EnsureSuccessStatusCode().Dispose();
        await FlushAsync();
    }

    public async Task FlushAsync() => (await _client.GetAsync(new Uri(Url, "/internal/force_flush"))).Dispose();

    public void Dispose()
    {
        Stop();
        _client.Dispose();
        _folder.Dispose();
    }
}
