using System.Diagnostics;
using System.Globalization;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Logging.Tests.Collecting;

/// <summary>
/// The real command collects over SSH and is killed without warning, while writers write and the real logrotate rotates. What happens is told by the collector's own
/// commands, not by the clock: at each of them something is written, and at times rotated, so that a slow machine has no more to do than a fast one.
/// </summary>
public sealed class KilledCollectorTests : IAsyncLifetime
{
    // Beside those that come while the collector starts. The more files there are, the longer a look takes.
    private const int MaximumRotations = 5;

    // Another course: PRODOPS_FIRST_SEED=7.
    private static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("PRODOPS_FIRST_SEED"), CultureInfo.InvariantCulture, out int seed) ? seed : 1;

    private static readonly Dictionary<string, string> Ways = new()
    {
        ["renamed"] = "create\ncompress\ndelaycompress\nsharedscripts\npostrotate\n  true\nendscript",
        ["copied"] = "copytruncate\ncompress\ndelaycompress",
        ["dated"] = "create\ndateext\ndateformat -%Y%m%d-%s\ncompress",
    };

    // Ends a test that hangs; nothing waits for it.
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromMinutes(5));
    private readonly Random _random = new(Seed);
    private readonly Dictionary<string, RotatedLog> _logs = [];
    private LoopbackSshd _sshd = null!;

    public async Task InitializeAsync() => _sshd = await LoopbackSshd.StartAsync();

    public async Task DisposeAsync()
    {
        foreach (var log in _logs.Values) await log.DisposeAsync();
        await _sshd.DisposeAsync();
        _limit.Dispose();
    }

    [UnixFact("sshd", "ssh-keygen", "logrotate", "gzip", "zstd")]
    public Task Each_line_that_survived_on_the_disk_is_there_once_and_in_order() => RunAsync(kills: 3, [.. Ways.Keys]);

    [UnixTheory("sshd", "ssh-keygen", "logrotate", "gzip", "zstd", IsLong = true)]
    [InlineData("renamed")]
    [InlineData("copied")]
    [InlineData("dated")]
    public Task The_same_of_a_log_alone_that_more_becomes_of(string way) => RunAsync(kills: 10, way);

    private async Task RunAsync(int kills, params string[] ways)
    {
        foreach (string way in ways) _logs[way] = new RotatedLog(Path.Combine(_sshd.Folder, way), Ways[way]);
        await File.WriteAllTextAsync(EnvironmentFile, $$"""
            @{
                Servers = @( @{ Name = 'web1'; Address = '127.0.0.1'; Ssh = @{ User = '{{_sshd.User}}'; Port = {{_sshd.Port}}; IdentityFile = '{{_sshd.CreateUserKey("ed25519")}}'; KnownHosts = '{{_sshd.WriteKnownHosts()}}'; ConfigFile = 'none' } } )
                Logging = @{ Store = '{{Store}}'; Sources = @( {{string.Join("; ", _logs.Select(log => $"@{{ Name = '{log.Key}'; Path = '{log.Value.Log}' }}"))}} ) }
            }

            """);
        for (int kill = 0; kill < kills; kill++) await KillAsync(waits: kill % 2 == 1);
        // What changed while it was read is left to the next run.
        using var end = HostProcess.Start(["-Command", $"{Sync}; {Sync}"]);
        var errors = end.StandardError.ReadToEndAsync(_limit.Token);
        await end.WaitForExitAsync(_limit.Token);
        Assert.True(end.ExitCode == 0, $"{end.ExitCode}: {await errors}");
        Assert.All(_logs.Values, log => Assert.True(log.RotatedFiles >= 2, log.Complaint));
        string complaints = string.Join(" | ", ways.Select(Complaint).Where(complaint => complaint.Length > 0));
        Assert.True(complaints.Length == 0, complaints);
    }

    private string EnvironmentFile => Path.Combine(_sshd.Folder, "environment.psd1");

    private string Store => Path.Combine(_sshd.Folder, "store");

    private string Sync => $"$null = Sync-Log -Environment '{EnvironmentFile}' -ErrorAction Stop -WarningAction Stop";

    /// <summary>Collects over and over, and is killed at a moment of the first round, or of one after it.</summary>
    private async Task KillAsync(bool waits)
    {
        while (await _sshd.Commands.WaitAsync(0)) { }
        using var process = HostProcess.Start(["-Command", $"while ($true) {{ {Sync}; [Console]::Out.WriteLine('done') }}"]);
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        var (first, ended) = (process.StandardOutput.ReadLineAsync(_limit.Token).AsTask(), process.WaitForExitAsync(_limit.Token));
        foreach (var log in _logs.Values) await log.WriteAsync(_random, rotates: true, _limit.Token);
        int rotations = MaximumRotations;
        var since = TimeSpan.Zero;
        for (int left = _random.Next(3, waits ? 12 : 20); left > 0;)
        {
            long began = Stopwatch.GetTimestamp();
            if (await Task.WhenAny(_sshd.Commands.WaitAsync(_limit.Token), ended) == ended) Assert.Fail($"It ended by itself: {process.ExitCode} {await errors}");
            _limit.Token.ThrowIfCancellationRequested();
            bool rotates = rotations > 0 && _random.Next(3) == 0;
            if (rotates) rotations--;
            await _logs.Values.ElementAt(_random.Next(_logs.Count)).WriteAsync(_random, rotates, _limit.Token);
            since = Stopwatch.GetElapsedTime(began);
            if (!waits || first.IsCompleted) left--;
        }

        await Task.Delay(since * _random.NextDouble(), _limit.Token);
        process.Kill();
        await ended;
        if (process.ExitCode != 128 + 9) Assert.Fail($"It ended by itself: {process.ExitCode} {await errors}");
    }

    /// <summary>What is wrong with what plain zstd finds in the store.</summary>
    private string Complaint(string name)
    {
        string[] collected = RotatedLog.LinesIn(string.Concat(Directory.GetFiles(Path.Combine(Store, "web1", name), "*.zst", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(path => Tool.Succeed("zstd", "-dcq", path))));
        string[] surviving = _logs[name].Surviving();
        int[] numbers = Numbers(collected);
        int[] missing = [.. Numbers(surviving).Except(numbers).Order()];
        int[] late = [.. numbers.Zip(numbers.Skip(1)).Where(pair => pair.First >= pair.Second).Select(pair => pair.Second)];
        // Only what is torn on the disk itself may be so in the store.
        string[] torn = [.. collected.Where(line => RotatedLog.NumberOf(line) is null).Except(surviving)];
        return missing.Length + late.Length + torn.Length == 0 ? "" : $"{name}: missing {string.Join(' ', missing)}; late {string.Join(' ', late)}; torn {string.Join(' ', torn)}";

        static int[] Numbers(string[] lines) => [.. lines.Select(RotatedLog.NumberOf).OfType<int>()];
    }
}
