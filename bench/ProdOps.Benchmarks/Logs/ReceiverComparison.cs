using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ProdOps.Benchmarks.Corpora.Logs;
using ProdOps.Benchmarks.Measurement;
using ProdOps.Logging.Formats;
using ProdOps.Logging.Receiving;
using ProdOps.Logging.Searching;
using ProdOps.Logging.Store;

namespace ProdOps.Benchmarks.Logs;

/// <summary>Syslog over one connection of TCP, as fast as it is taken: until the receiver has stored all of it, beside rsyslog that writes it to a file.</summary>
internal sealed class ReceiverComparison(LogFolders folders, long lines, int repetitions, TextWriter output, Action<LogRecord> record)
{
    private const string Work = "syslog over TCP";

    private const int PieceLength = 1 << 20;

    private string Folder => Path.Combine(folders.Work, "receive");

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        byte[] messages = Messages();
        string? rsyslog = new[] { "/usr/sbin/rsyslogd", "/sbin/rsyslogd" }.FirstOrDefault(File.Exists);
        if (rsyslog is null) await output.WriteLineAsync("rsyslog is not measured: it is not installed.");
        for (int repetition = 1; repetition <= Math.Min(3, repetitions); repetition++)
        {
            await MeasureAsync("ProdOps, the engine", repetition, messages, StartOursAsync, cancellationToken);
            if (rsyslog is not null) await MeasureAsync("rsyslog to a file", repetition, messages, (_, bytes, stop) => StartRsyslogAsync(rsyslog, bytes, stop), cancellationToken);
        }

        Clear();
    }

    /// <summary>The process that `compare` starts: says its port, then that all is stored, and at its end its largest resident set in KiB.</summary>
    public static async Task ServeAsync(string folder, long expected, CancellationToken cancellationToken)
    {
        var activity = new EngineActivity();
        using var store = new LogStore(folder, FormatCatalog.BuiltIn, new LogStoreOptions(), activity);
        var receiver = LogReceiver.Start(new LogReceiverOptions { Ports = [(LogReceiverProtocol.Tcp, 0)], Addresses = [IPAddress.Loopback] }, store, activity, TimeProvider.System);
        await Console.Out.WriteLineAsync(receiver.Endpoints[0].Endpoint.Port.ToString(CultureInfo.InvariantCulture));
        while (receiver.GetStatus().Stored < expected) await Task.Delay(2, cancellationToken);
        await Console.Out.WriteLineAsync("stored");
        await Console.In.ReadLineAsync(cancellationToken);
        await receiver.StopAsync();
        long kept = await new StoreSearch(store, activity).CountAsync(new LogQuery(), cancellationToken);
        if (kept != expected) throw new UsageException($"Of {expected} lines {kept} are in the store.");
    }

    private async Task MeasureAsync(string tool, int repetition, byte[] messages, Func<long, long, CancellationToken, Task<Receiving>> start, CancellationToken cancellationToken)
    {
        Clear();
        Directory.CreateDirectory(Folder);
        long whole = messages.AsSpan().Count((byte)'\n'), rounds = Math.Max(1, lines / whole);
        using var receiving = await start(rounds * whole, rounds * messages.Length, cancellationToken);
        var process = receiving.Process;
        var (user, system, machine) = (process.UserProcessorTime, process.PrivilegedProcessorTime, CpuClock.Read());
        var mine = Environment.CpuUsage.UserTime;
        long begun = Stopwatch.GetTimestamp();
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(IPAddress.Loopback, receiving.Port, cancellationToken);
            for (long round = 0; round < rounds; round++)
                for (int at = 0; at < messages.Length; at += PieceLength)
                    await client.GetStream().WriteAsync(messages.AsMemory(at, Math.Min(PieceLength, messages.Length - at)), cancellationToken);
            client.Client.Shutdown(SocketShutdown.Send);
            await receiving.StoredAsync();
        }

        double wall = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        process.Refresh();
        var after = CpuClock.Read();
        double userSeconds = (process.UserProcessorTime - user).TotalSeconds;
        double foreign = Math.Max(0, after.User - machine.User - userSeconds - (Environment.CpuUsage.UserTime - mine).TotalSeconds);
        var run = new Measured(wall, userSeconds, (process.PrivilegedProcessorTime - system).TotalSeconds, process.PeakWorkingSet64 / 1024, foreign, after.Stolen - machine.Stolen, 0, "");
        await receiving.EndAsync(cancellationToken);
        record(LogRecord.From(LogRecord.Receive, Work, tool, repetition, run, rounds * whole));
        await output.WriteLineAsync(FormattableString.Invariant($"{Work} {tool,-26} {run.Wall,7:F2} s wall {run.Cpu,7:F2} s CPU, {rounds * whole / run.Wall,9:N0} lines/s, {rounds * whole / run.Cpu,9:N0} a CPU second"));
    }

    private async Task<Receiving> StartOursAsync(long expected, long bytes, CancellationToken cancellationToken)
    {
        var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!,
            ["logs", "receive", Path.Combine(Folder, "store"), "--lines", expected.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        string port = await process.StandardOutput.ReadLineAsync(cancellationToken) ?? throw new UsageException("The receiver failed; what it said stands above.");
        return new Receiving(process, int.Parse(port, CultureInfo.InvariantCulture), async () => await process.StandardOutput.ReadLineAsync(cancellationToken));
    }

    private async Task<Receiving> StartRsyslogAsync(string program, long bytes, CancellationToken cancellationToken)
    {
        int port = FreePort();
        string target = Path.Combine(Folder, "all.log"), settings = Path.Combine(Folder, "rsyslog.conf");
        await File.WriteAllTextAsync(settings, $$"""
            global(workDirectory="{{Folder}}")
            module(load="imtcp")
            template(name="raw" type="string" string="%rawmsg%\n")
            input(type="imtcp" address="127.0.0.1" port="{{port}}")
            action(type="omfile" file="{{target}}" template="raw")

            """, cancellationToken);
        var process = Process.Start(new ProcessStartInfo(program, ["-n", "-f", settings, "-i", Path.Combine(Folder, "pid")]) { RedirectStandardInput = true })!;
        for (bool listens = false; !listens;)
        {
            if (process.HasExited) throw new UsageException("rsyslogd did not start; what it said stands above.");
            using var probe = new TcpClient();
            try
            {
                await probe.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
                listens = true;
            }
            catch (SocketException)
            {
                await Task.Delay(20, cancellationToken);
            }
        }

        return new Receiving(process, port, async () =>
        {
            while (!File.Exists(target) || new FileInfo(target).Length < bytes) await Task.Delay(2, cancellationToken);
        });
    }

    /// <summary>Lines of syslog files as a sender sends them: with a priority before.</summary>
    private byte[] Messages()
    {
        const int Enough = 24 << 20;
        using var messages = new MemoryStream();
        foreach (string file in Directory.GetFiles(folders.Corpus, LogFile.Syslog + "-*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            foreach (string line in File.ReadLines(file, Encoding.Latin1))
            {
                messages.Write("<13>"u8);
                messages.Write(Encoding.Latin1.GetBytes(line));
                messages.WriteByte((byte)'\n');
                if (messages.Length >= Enough) return messages.ToArray();
            }
        }

        return messages.Length > 0 ? messages.ToArray() : throw new UsageException("The corpus has no lines of syslog.");
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private void Clear()
    {
        if (Directory.Exists(Folder)) Directory.Delete(Folder, recursive: true);
    }

    private sealed record Receiving(Process Process, int Port, Func<Task> StoredAsync) : IDisposable
    {
        public async Task EndAsync(CancellationToken cancellationToken)
        {
            Process.StandardInput.Close();
            if (!Process.StartInfo.RedirectStandardOutput) Process.Kill();
            await Process.WaitForExitAsync(cancellationToken);
            if (Process.StartInfo.RedirectStandardOutput && Process.ExitCode != 0) throw new UsageException($"The receiver ended with {Process.ExitCode}.");
        }

        public void Dispose()
        {
            if (!Process.HasExited) Process.Kill();
            Process.Dispose();
        }
    }
}
