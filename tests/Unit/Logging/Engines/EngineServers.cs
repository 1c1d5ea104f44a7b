using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace ProdOps.Logging.Tests.Engines;

/// <summary>A test of a real engine: one that a variable names, or a program in the PATH that is then started here.</summary>
internal sealed class EngineFactAttribute : FactAttribute
{
    public EngineFactAttribute(string variable, string program) =>
        Skip = Environment.GetEnvironmentVariable(variable) is { Length: > 0 } ? null : Requirements.Missing(program) is null ? null : $"needs a real server: its URL in ${variable}, or the program {program} in the PATH";
}

/// <summary>A real engine for one test: where it is, and its end.</summary>
internal sealed class EngineServer : IAsyncDisposable
{
    public const string VictoriaLogsVariable = "PRODOPS_VICTORIALOGS", LokiVariable = "PRODOPS_LOKI";

    private readonly Process? _process;
    private readonly string? _folder;

    private EngineServer(Uri url, Process? process, string? folder) => (Url, _process, _folder) = (url, process, folder);

    public Uri Url { get; }

    public static Task<EngineServer> VictoriaLogsAsync() => StartAsync(VictoriaLogsVariable, "victoria-logs", "/health", static (port, folder) =>
        [$"-httpListenAddr=127.0.0.1:{port}", $"-storageDataPath={folder}", "-retentionPeriod=100y", "-inmemoryDataFlushInterval=1s"]);

    // A server that is named must show lines at once, whatever their age, as this one does.
    public static Task<EngineServer> LokiAsync() => StartAsync(LokiVariable, "loki", "/ready", static (port, folder) =>
    {
        string file = Path.Combine(folder, "loki.yaml");
        File.WriteAllText(file, $$"""
            auth_enabled: false
            analytics: { reporting_enabled: false }
            server: { http_listen_address: 127.0.0.1, http_listen_port: {{port}}, grpc_listen_address: 127.0.0.1, grpc_listen_port: 0, log_level: error }
            common:
              instance_addr: 127.0.0.1
              path_prefix: {{folder}}
              storage: { filesystem: { chunks_directory: {{folder}}/chunks, rules_directory: {{folder}}/rules } }
              replication_factor: 1
              ring: { kvstore: { store: inmemory } }
            ingester: { query_store_max_look_back_period: -1ns, lifecycler: { min_ready_duration: 0s } }
            querier: { query_ingesters_within: 0 }
            limits_config: { split_queries_by_interval: 24h, split_instant_metric_queries_by_interval: 24h }
            schema_config: { configs: [ { from: 2020-10-24, store: tsdb, object_store: filesystem, schema: v13, index: { prefix: index_, period: 24h } } ] }

            """);
        return [$"-config.file={file}"];
    });

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
            _process.Dispose();
        }

        if (_folder is not null) Directory.Delete(_folder, recursive: true);
    }

    private static async Task<EngineServer> StartAsync(string variable, string program, string health, Func<int, string, string[]> arguments)
    {
        if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } url) return new EngineServer(new Uri(url), null, null);
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        int port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        string folder = Directory.CreateTempSubdirectory("prodops-engine-").FullName;
        var start = new ProcessStartInfo(program) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (string argument in arguments(port, folder)) start.ArgumentList.Add(argument);
        var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var server = new EngineServer(new Uri($"http://127.0.0.1:{port}"), process, folder);
        using var client = new HttpClient();
        for (int attempt = 0; attempt < 300; attempt++)
        {
            try
            {
                using var answer = await client.GetAsync(new Uri(server.Url, health));
                if (answer.IsSuccessStatusCode) return server;
            }
            catch (HttpRequestException)
            {
                // Not yet.
            }

            await Task.Delay(100);
        }

        await server.DisposeAsync();
        throw new TimeoutException($"{program} did not become ready.");
    }
}
