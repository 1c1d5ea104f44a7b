using System.Diagnostics;
using System.Globalization;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Logging.Tests.Collecting;

/// <summary>The real command collects over SSH and is killed without warning, while a writer writes and the real logrotate rotates.</summary>
public sealed class KilledCollectorTests : IAsyncLifetime
{
    private static readonly int Kills = Effort.Of(full: 5, usual: 2);

    // On a slow machine a look takes long, and the longer the more files there are.
    private const int MaximumRotations = 15;

    // Long enough for a machine that does much else; it ends a test that hangs.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);
    private LoopbackSshd _sshd = null!;

    private string Folder => Path.Combine(_sshd.Folder, "log");

    private string Log => Path.Combine(Folder, "app.log");

    private string Store => Path.Combine(_sshd.Folder, "store");

    public async Task InitializeAsync()
    {
        _sshd = await LoopbackSshd.StartAsync();
        Directory.CreateDirectory(Folder);
        File.WriteAllText(Path.Combine(_sshd.Folder, "environment.psd1"), $$"""
            @{
                Servers = @( @{ Name = 'web1'; Address = '127.0.0.1'; Ssh = @{ User = '{{_sshd.User}}'; Port = {{_sshd.Port}}; IdentityFile = '{{_sshd.CreateUserKey("ed25519")}}'; KnownHosts = '{{_sshd.WriteKnownHosts()}}'; ConfigFile = 'none' } } )
                Logging = @{ Store = '{{Store}}'; Sources = @( @{ Name = 'app'; Path = '{{Log}}' } ) }
            }

            """);
    }

    public async Task DisposeAsync() => await _sshd.DisposeAsync();

    // logrotate itself loses lines: those written between copying and cutting, and those that a writer that was held up writes to a file already packed. Whatever is on the disk must be collected.
    [UnixTheory("sshd", "ssh-keygen", "logrotate", "gzip", "zstd", IsLong = true)]
    [InlineData("create\ncompress\ndelaycompress\nsharedscripts\npostrotate\n  true\nendscript")]
    [InlineData("copytruncate\ncompress\ndelaycompress")]
    [InlineData("create\ndateext\ndateformat -%Y%m%d-%s\ncompress")]
    public async Task Each_line_that_survived_on_the_disk_is_there_once_and_in_order(string mode)
    {
        await RunAsync(mode);
        int[] collected = Collected(), missing = [.. Surviving().Except(collected).Order()];
        int[] late = [.. collected.Zip(collected.Skip(1)).Where(pair => pair.First >= pair.Second).Select(pair => pair.Second)];
        Assert.True(missing.Length + late.Length == 0, $"missing: {string.Join(' ', missing)}; late: {string.Join(' ', late)}");
        Assert.NotEmpty(collected);
    }

    private async Task RunAsync(string mode)
    {
        string config = Path.Combine(_sshd.Folder, "logrotate.conf");
        await File.WriteAllTextAsync(config, $"{Log} {{\nrotate 500\nmissingok\n{mode}\n}}\n");
        Tool.SetMode(config, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        using var stop = new CancellationTokenSource();
        var writing = Task.Run(() => WriteAsync(stop.Token));
        var rotating = Task.Run(() => RotateAsync(config, stop.Token));
        var random = new Random(mode.Length);
        for (int kill = 0; kill < Kills; kill++) await KillAsync(random.Next(1, 3), random.NextDouble());
        await stop.CancelAsync();
        await writing;
        await rotating;
        // What changed while it was read is left to the next run.
        using var limit = new CancellationTokenSource(Limit);
        using var end = HostProcess.Start(["-Command", $"{Sync}; {Sync}"]);
        var errors = end.StandardError.ReadToEndAsync(limit.Token);
        await end.WaitForExitAsync(limit.Token);
        Assert.True(end.ExitCode == 0, $"{end.ExitCode}: {await errors}");
    }

    /// <summary>Opens the log for each line, as a shell's <c>&gt;&gt;</c> does.</summary>
    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        using var writer = Process.Start(new ProcessStartInfo("sh", ["-c", "while IFS= read -r line; do printf '%s\\n' \"$line\" >>\"$0\"; done", Log]) { RedirectStandardInput = true })!;
        var random = new Random(1);
        for (int number = 1; !cancellationToken.IsCancellationRequested;)
        {
            for (int i = random.Next(1, 20); i > 0; i--) await writer.StandardInput.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"{number++} {new string('.', random.Next(200))}\n"));
            await writer.StandardInput.FlushAsync(CancellationToken.None);
            await Task.Delay(random.Next(1, 40), CancellationToken.None);
        }

        writer.StandardInput.Close();
        await writer.WaitForExitAsync(CancellationToken.None);
    }

    /// <summary>Rotates several times a second, or as often as the machine is as much faster: where all takes longer, a collector that is outrun would see nothing but files that move.</summary>
    private static async Task RotateAsync(string config, CancellationToken cancellationToken)
    {
        var random = new Random(2);
        var pause = TimeSpan.FromMilliseconds(100);
        for (int i = 0; i < MaximumRotations && !cancellationToken.IsCancellationRequested; i++)
        {
            await Task.WhenAny(Task.Delay(pause, cancellationToken));
            long began = Stopwatch.GetTimestamp();
            Tool.Run("logrotate", "-f", "-s", config + ".state", config);
            pause = Stopwatch.GetElapsedTime(began) * random.Next(3, 20);
        }
    }

    private string Sync => $"$null = Sync-Log -Environment '{_sshd.Folder}/environment.psd1' -ErrorAction Stop -WarningAction Stop";

    /// <summary>Collects over and over, and is killed some rounds later, at a moment of a round.</summary>
    private async Task KillAsync(int rounds, double moment)
    {
        using var process = HostProcess.Start(["-Command", $"while ($true) {{ {Sync}; [Console]::Out.WriteLine('done') }}"]);
        using var limit = new CancellationTokenSource(Limit);
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        long began = Stopwatch.GetTimestamp();
        for (int round = 0; round < rounds; round++)
        {
            began = Stopwatch.GetTimestamp();
            string? line = await process.StandardOutput.ReadLineAsync(limit.Token);
            if (line != "done") Assert.Fail($"{line} {await errors}");
        }

        await Task.Delay(Stopwatch.GetElapsedTime(began) * moment, limit.Token);
        process.Kill();
        await process.WaitForExitAsync(limit.Token);
        if (process.ExitCode != 128 + 9) Assert.Fail($"It ended by itself: {process.ExitCode} {await errors}");
    }

    /// <summary>What plain zstd finds in the store.</summary>
    private int[] Collected() => Numbers(string.Concat(Directory.GetFiles(Store, "*.zst", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(path => Tool.Succeed("zstd", "-dcq", path))));

    private IEnumerable<int> Surviving() => Directory.GetFiles(Folder).SelectMany(path => Numbers(path.EndsWith(".gz", StringComparison.Ordinal) ? Tool.Succeed("gzip", "-dc", path) : File.ReadAllText(path)));

    private static int[] Numbers(string text) => [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => int.Parse(line.AsSpan(0, line.IndexOf(' ')), CultureInfo.InvariantCulture))];
}
