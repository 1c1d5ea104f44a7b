using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using ProdOps.Benchmarks.Measurement;
using ProdOps.Logging.Collecting;
using ProdOps.Logging.Files;
using ProdOps.Logging.Formats;

namespace ProdOps.Benchmarks.Logs;

/// <summary>VictoriaLogs on this machine, with a folder of its own.</summary>
internal sealed class VictoriaServer : IAsyncDisposable
{
    public const string Name = "VictoriaLogs";

    private const int BodyLength = 8 << 20;

    private static readonly JsonEncodedText Time = JsonEncodedText.Encode("_time"), Message = JsonEncodedText.Encode("_msg");

    private readonly Process _process;

    private VictoriaServer(Process process, HttpClient client) => (_process, Client) = (process, client);

    public HttpClient Client { get; }

    public static async Task<VictoriaServer> StartAsync(string program, string folder, CancellationToken cancellationToken)
    {
        int port;
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            port = ((IPEndPoint)probe.LocalEndpoint).Port;
        }

        var process = Process.Start(new ProcessStartInfo(program,
            [$"-storageDataPath={folder}", $"-httpListenAddr=127.0.0.1:{port}", "-retentionPeriod=100y", "-loggerLevel=ERROR", "-search.maxQueryDuration=10m"]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        process.ErrorDataReceived += static (_, _) => { };
        process.OutputDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/"), Timeout = TimeSpan.FromMinutes(10) };
        var server = new VictoriaServer(process, client);
        while (!process.HasExited)
        {
            try
            {
                using var answer = await client.GetAsync("health", cancellationToken);
                return server;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(20, cancellationToken);
            }
        }

        await server.DisposeAsync();
        throw new UsageException($"'{program}' did not start.");
    }

    /// <summary>Its processor time so far.</summary>
    public (double User, double System) Cpu()
    {
        _process.Refresh();
        return (_process.UserProcessorTime.TotalSeconds, _process.PrivilegedProcessorTime.TotalSeconds);
    }

    /// <summary>The user time of all processes but it and this one.</summary>
    public double Others() => CpuClock.Read().User - Cpu().User - Environment.CpuUsage.UserTime.TotalSeconds;

    /// <summary>Its largest resident set in KiB.</summary>
    public long Peak()
    {
        _process.Refresh();
        return _process.PeakWorkingSet64 / 1024;
    }

    /// <summary>Brings in all files of a corpus, two at a time, and waits until it is on disk.</summary>
    public async Task<Measured> IngestAsync(string corpus, CancellationToken cancellationToken)
    {
        var idle = Others();
        long start = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(
            Directory.GetFiles(corpus, "*.log", SearchOption.AllDirectories).Order(StringComparer.Ordinal),
            new ParallelOptions { MaxDegreeOfParallelism = 2, CancellationToken = cancellationToken },
            async (path, stop) => await SendAsync(path, stop));
        using var flushed = await Client.GetAsync("internal/force_flush", cancellationToken);
        double wall = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var (user, system) = Cpu();
        return new Measured(wall, user, system, Peak(), Math.Max(0, Others() - idle), 0, 0, "");
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!_process.HasExited)
        {
            // It writes what it has in memory before it ends.
            await ChildProcess.RunAsync(new ChildCommand("kill", ["-INT", _process.Id.ToString(CultureInfo.InvariantCulture)]), CancellationToken.None);
            await _process.WaitForExitAsync();
        }
        _process.Dispose();
    }

    private async Task SendAsync(string path, CancellationToken cancellationToken)
    {
        var stream = new LogStream(Path.GetFileName(Path.GetDirectoryName(path)!), RotatedSet.Group([path])[0].SourceName);
        var context = new TimeContext(File.GetLastWriteTimeUtc(path), TimeZoneInfo.Utc);
        LogFormat? format = null;
        var body = new ArrayBufferWriter<byte>(BodyLength);
        await using var file = LogFileStream.Open(path);
        var blocks = new LineBlocks(file);
        while (blocks.Read() is { IsEmpty: false } lines)
        {
            format ??= FormatCatalog.BuiltIn.Detect(lines.Span, path);
            Add(body, lines.Span, stream, format, context);
            if (body.WrittenCount < BodyLength && !blocks.IsLast)
                continue;
            using var content = new ReadOnlyMemoryContent(body.WrittenMemory) { Headers = { ContentType = new MediaTypeHeaderValue("application/stream+json") } };
            using var answer = await Client.PostAsync("insert/jsonline?_stream_fields=server,source&_time_field=_time&_msg_field=_msg", content, cancellationToken);
            answer.EnsureSuccessStatusCode();
            body.ResetWrittenCount();
        }
    }

    private static void Add(ArrayBufferWriter<byte> body, ReadOnlySpan<byte> lines, LogStream stream, LogFormat format, TimeContext context)
    {
        using var json = new Utf8JsonWriter(body, new JsonWriterOptions { SkipValidation = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        while (!lines.IsEmpty)
        {
            int length = lines.IndexOf((byte)'\n');
            var line = length < 0 ? lines : lines[..length];
            lines = length < 0 ? [] : lines[(length + 1)..];
            format.TryReadTime(line, context, out var time);
            json.WriteStartObject();
            json.WriteString(Time, time.UtcDateTime);
            json.WriteString(Message, line);
            json.WriteString("server", stream.Server);
            json.WriteString("source", stream.Source);
            json.WriteEndObject();
            json.Flush();
            body.Write("\n"u8);
            json.Reset();
        }
    }
}

/// <summary>Asks the server one question again and again.</summary>
internal sealed class VictoriaSearcher(VictoriaServer server, LogWork work) : ILogSearcher
{
    public string Name => VictoriaServer.Name;

    public bool WritesLines => false;

    public async Task<(Measured Run, long Count)> MeasureAsync(CancellationToken cancellationToken)
    {
        string query = work.LogsQl + (work.WantsLines ? " | fields _msg" : " | count() as n");
        double idle = server.Others();
        var before = server.Cpu();
        long start = Stopwatch.GetTimestamp();
        byte[] answer = await server.Client.GetByteArrayAsync("select/logsql/query?query=" + Uri.EscapeDataString(query), cancellationToken);
        double wall = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var after = server.Cpu();
        long count = work.WantsLines ? answer.AsSpan().Count((byte)'\n') : long.Parse(JsonDocument.Parse(answer).RootElement.GetProperty("n").GetString()!, CultureInfo.InvariantCulture);
        return (new Measured(wall, after.User - before.User, after.System - before.System, 0, Math.Max(0, server.Others() - idle), 0, 0, ""), count);
    }

    public Task<long> EndAsync(CancellationToken cancellationToken) => Task.FromResult(server.Peak());

    public void Dispose() { }
}
