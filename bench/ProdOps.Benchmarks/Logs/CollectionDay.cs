using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using ProdOps.Benchmarks.Corpora;
using ProdOps.Logging.Formats;
using ProdOps.Logging.Searching;
using ProdOps.Logging.Store;

namespace ProdOps.Benchmarks.Logs;

/// <summary>
/// A day of many servers' lines, each over a connection of its own that stays, received by Start-LogReceiver as an admin starts it. The day passes as fast as it is taken; the lines say
/// when they would have been written. What is told is the receiver's memory as the day goes on.
/// </summary>
internal sealed class CollectionDay(string prodops, string folder, int servers, int linesEachMinute, int hours, TextWriter output)
{
    private static readonly string[] Programs = ["nginx", "shop", "sshd", "cron", "postgres"];

    private string Store => Path.Combine(folder, "store");

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (Directory.Exists(Store)) Directory.Delete(Store, recursive: true);
        // More connections than servers, as nobody else is limited here.
        using var receiver = Process.Start(new ProcessStartInfo(prodops,
            ["-NoProfile", "-NonInteractive", "-OutputFormat", "Json", "-Command", Invariant($"Start-LogReceiver -Tcp 0 -ListenAddress 127.0.0.1 -Store '{Store}' -MaxConnections {2 * servers} -MaxConnectionsPerPeer {2 * servers} -PassThru -StatisticsInterval 1s")]) { RedirectStandardOutput = true })!;
        long stored = 0;
        try
        {
            var status = await NextAsync() ?? throw new UsageException("The receiver did not start; what it said stands above.");
            int port = int.Parse(status.GetProperty("Endpoints")[0].GetString()!.Split(':')[^1], CultureInfo.InvariantCulture);
            var connections = new List<NetworkStream>();
            for (int i = 0; i < servers; i++)
            {
                var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
                connections.Add(client.GetStream());
            }

            output.WriteLine(Invariant($"{servers:N0} servers, {linesEachMinute} lines a minute each"));
            output.WriteLine("| after | lines | lines a second | CPU seconds | MB resident, most so far | anonymous |");
            output.WriteLine("| ---: | ---: | ---: | ---: | ---: | ---: |");
            var day = new DateTimeOffset(TimeProvider.System.GetUtcNow().UtcDateTime.Date.AddDays(-1), TimeSpan.Zero);
            var random = new SeededRandom(1);
            var message = new StringBuilder();
            for (int hour = 0; hour < hours; hour++)
            {
                long begun = Stopwatch.GetTimestamp();
                var used = receiver.TotalProcessorTime;
                for (int minute = 0; minute < 60; minute++)
                {
                    for (int server = 0; server < servers; server++)
                    {
                        message.Clear();
                        for (int line = 0; line < linesEachMinute; line++)
                        {
                            var time = day + TimeSpan.FromSeconds(3600 * hour + 60 * minute + 60.0 * line / linesEachMinute);
                            message.Append(CultureInfo.InvariantCulture, $"<13>1 {time:yyyy-MM-dd'T'HH:mm:ss.fff'Z'} srv{server:d4} {Programs[random.Below(Programs.Length)]} {random.Below(30000)} - - GET /orders/{random.Below(1_000_000)} {200 + random.Below(5) / 4 * 304} {random.Below(90_000)} bytes in {random.Below(900)} ms, client 198.51.100.{random.Below(256)} trace {random.Next():x16}\n");
                        }

                        await connections[server].WriteAsync(Encoding.ASCII.GetBytes(message.ToString()), cancellationToken);
                    }
                }

                long sent = (hour + 1L) * 60 * servers * linesEachMinute;
                while (stored < sent && await NextAsync() is { } now) stored = now.GetProperty("Stored").GetInt64();
                if (stored != sent) throw new UsageException(Invariant($"The receiver stored {stored:N0} of {sent:N0} lines."));
                receiver.Refresh();
                var memory = (await File.ReadAllLinesAsync(Invariant($"/proc/{receiver.Id}/status"), cancellationToken)).Select(line => line.Split(':')).ToDictionary(pair => pair[0], pair => pair[1]);
                output.WriteLine(Invariant($"| {hour + 1}:00 | {stored:N0} | {60 * servers * linesEachMinute / Stopwatch.GetElapsedTime(begun).TotalSeconds:N0} | {(receiver.TotalProcessorTime - used).TotalSeconds:F1} | {Megabytes("VmRSS"):F0}, {Megabytes("VmHWM"):F0} | {Megabytes("RssAnon"):F0} |"));
                output.Flush();

                // proc_pid_status(5), which counts in KiB.
                double Megabytes(string name) => double.Parse(memory[name].Trim().Split(' ')[0], CultureInfo.InvariantCulture) * 1024 / 1e6;
            }
        }
        finally
        {
            if (!receiver.HasExited) receiver.Kill();
        }

        var activity = new EngineActivity();
        using var store = new LogStore(Store, FormatCatalog.BuiltIn, new LogStoreOptions(), activity);
        long kept = await new StoreSearch(store, activity).CountAsync(new LogQuery(), cancellationToken);
        output.WriteLine(kept == stored ? Invariant($"All {kept:N0} lines are found in the store, after the receiver was killed.") : throw new UsageException(Invariant($"Of {stored:N0} lines {kept:N0} are in the store.")));

        async Task<JsonElement?> NextAsync() => await receiver.StandardOutput.ReadLineAsync(cancellationToken) is { } line ? JsonDocument.Parse(line).RootElement : null;
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
