using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Text;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Logging.Tests.Collecting;

/// <summary>The real command collects over SSH and is killed without warning, while a writer writes and the real logrotate rotates.</summary>
public sealed class KilledCollectorTests : IAsyncLifetime
{
    private const int Kills = 2;
    private LoopbackSshd _sshd = null!;
    private int _written;

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
    [UnixTheory("sshd", "ssh-keygen", "logrotate", "gzip", "zstd", Skip = "Four causes of missed lines are mended since it last failed; that none is left is not shown yet, and it takes too long on a busy machine.")]
    [InlineData("create\ncompress\ndelaycompress\nsharedscripts\npostrotate\n  true\nendscript")]
    [InlineData("copytruncate\ncompress\ndelaycompress")]
    [InlineData("create\ndateext\ndateformat -%Y%m%d-%s\ncompress")]
    public async Task Each_line_that_survived_on_the_disk_is_there_once_and_in_order(string mode)
    {
        await RunAsync(mode);
        int[] collected = Collected();
        Assert.Equal(string.Join(' ', collected.Order().Distinct()), string.Join(' ', collected));
        Assert.Empty(Surviving().Except(collected));
        Assert.InRange(collected.Length, _written / 2, _written);
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
        // The first run ends by itself, and tells how long one takes.
        long began = Stopwatch.GetTimestamp();
        await SyncAsync(killAfter: null);
        var whole = Stopwatch.GetElapsedTime(began);
        for (int kill = 0; kill < Kills; kill++) await SyncAsync(whole * (0.4 + (random.NextDouble() * 0.6)));
        await stop.CancelAsync();
        await writing;
        await rotating;
        await SyncAsync(killAfter: null);
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        var random = new Random(1);
        while (!cancellationToken.IsCancellationRequested)
        {
            var lines = new StringBuilder();
            for (int i = random.Next(1, 30); i > 0; i--) lines.Append(CultureInfo.InvariantCulture, $"{++_written} {new string('.', random.Next(200))}\n");
            await File.AppendAllTextAsync(Log, lines.ToString(), CancellationToken.None);
            await Task.Delay(random.Next(1, 15), CancellationToken.None);
        }
    }

    private static async Task RotateAsync(string config, CancellationToken cancellationToken)
    {
        var random = new Random(2);
        while (!cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(random.Next(100, 600), CancellationToken.None);
            Tool.Run("logrotate", "-f", "-s", config + ".state", config);
        }
    }

    private async Task SyncAsync(TimeSpan? killAfter)
    {
        string root = Metadata("RepositoryRoot");
        string command = $"$null = Sync-Log -Environment '{_sshd.Folder}/environment.psd1' -ErrorAction Stop -WarningAction Stop";
        var start = new ProcessStartInfo(Path.Combine(root, "src", "ProdOps.Host", "bin", Metadata("Configuration"), "net10.0", "prodops"), ["-Command", command]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PRODOPS_MODULE"] = Path.Combine(root, "artifacts", "ProdOps");
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        if (killAfter is { } moment)
        {
            await Task.WhenAny(process.WaitForExitAsync(limit.Token), Task.Delay(moment, CancellationToken.None));
            process.Kill();
        }

        await process.WaitForExitAsync(limit.Token);
        if (killAfter is null) Assert.True(process.ExitCode == 0, $"{process.ExitCode}: {await output} {await errors}");
    }

    /// <summary>What plain zstd finds in the store.</summary>
    private int[] Collected() => Numbers(string.Concat(Directory.GetFiles(Store, "*.zst", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(path => Tool.Succeed("zstd", "-dcq", path))));

    private IEnumerable<int> Surviving() => Directory.GetFiles(Folder).SelectMany(path => Numbers(path.EndsWith(".gz", StringComparison.Ordinal) ? Tool.Succeed("gzip", "-dc", path) : File.ReadAllText(path)));

    // Appending is not atomic here: what is written at the place where the file ended before it was cut has a hole before it.
    private static int[] Numbers(string text) => [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.TrimStart('\0')).Select(line => int.Parse(line.AsSpan(0, line.IndexOf(' ')), CultureInfo.InvariantCulture))];

    private static string Metadata(string key) => typeof(KilledCollectorTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;
}
