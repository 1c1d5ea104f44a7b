using ProdOps.Logging.Collecting;
using ProdOps.Logging.Searching;
using ProdOps.Logging.Store;

namespace ProdOps.Logging.Tests.Store;

/// <summary>The real commands that write segments anew and remove them, killed in the middle.</summary>
public sealed class KilledUpkeepTests : IAsyncLifetime
{
    private const int Days = 30, LinesOfDay = 400;

    private static readonly int Kills = Effort.Of(full: 40, usual: 4);
    private static readonly LogStream Web = new("web1", "access");

    private readonly StoreFixture _fixture = new(new LogStoreOptions { SegmentLength = 60_000 });
    private readonly List<string> _lines = [];

    public async Task InitializeAsync()
    {
        for (int day = 0; day < Days; day++)
        {
            string text = LogSamples.Text(new LogSamples(day).Accesses(LinesOfDay)).Replace("20/Nov/2026", $"{day + 1:00}/Oct/2026", StringComparison.Ordinal);
            _lines.AddRange(text.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            await _fixture.AppendAsync(Web.Server, Web.Source, text, $"at {day}");
        }

        Assert.True(Segments().Length > 20);
    }

    public Task DisposeAsync()
    {
        _fixture.Dispose();
        return Task.CompletedTask;
    }

    [UnixFact]
    public async Task Packing_that_is_killed_loses_no_line_and_is_done_again()
    {
        var random = new Random(5);
        for (int kill = 0; kill < Kills; kill++)
        {
            await KillAsync("Repair-LogStore -Pack", () => Directory.GetFiles(_fixture.Folder, "*.tmp", SearchOption.AllDirectories).Length > 0, random);
            await AssertHoldsAsync(_lines);
        }

        RunToItsEnd("Repair-LogStore -Pack");
        await AssertHoldsAsync(_lines);
        Assert.Empty(Directory.GetFiles(_fixture.Folder, "*.tmp", SearchOption.AllDirectories));
    }

    [UnixFact]
    public async Task Retention_that_is_killed_removes_the_oldest_and_nothing_else()
    {
        var random = new Random(6);
        long size = Segments().Sum(file => new FileInfo(file).Length);
        int left = _lines.Count;
        for (int kill = 1; kill <= Kills; kill++)
        {
            int before = Segments().Length;
            await KillAsync($"Remove-Log -MaxSize {size * (Kills - kill + 1) / (Kills + 2)}", () => Segments().Length < before, random);
            _fixture.Reopen();
            int count = (int)await _fixture.CountAsync(new LogQuery());
            Assert.InRange(count, 1, left);
            await AssertHoldsAsync(_lines[^count..]);
            left = count;
        }

        Assert.True(left < _lines.Count);
        RunToItsEnd("Remove-Log -MaxSize 1");
        _fixture.Reopen();
        Assert.Equal(0, await _fixture.CountAsync(new LogQuery()));
        Assert.Equal($"at {Days - 1}", await _fixture.Store.GetCheckpointAsync(Web, default));
    }

    private string[] Segments() => Directory.GetFiles(_fixture.Folder, "*.log.zst", SearchOption.AllDirectories);

    private async Task AssertHoldsAsync(IReadOnlyList<string> lines)
    {
        _fixture.Reopen();
        Assert.Equal(lines, (await _fixture.SearchAsync(new LogQuery())).OrderBy(entry => entry.Position.File, StringComparer.Ordinal).ThenBy(entry => entry.Position.Offset).Select(entry => entry.Raw));
        Assert.Equal($"at {Days - 1}", await _fixture.Store.GetCheckpointAsync(Web, default));
    }

    /// <summary>Kills a command as soon as, or shortly after, it has begun to change the store.</summary>
    private async Task KillAsync(string command, Func<bool> hasBegun, Random random)
    {
        using var process = HostProcess.Start(Arguments(command));
        while (!process.HasExited && !hasBegun()) await Task.Delay(1);
        await Task.Delay(random.Next(30));
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
    }

    private void RunToItsEnd(string command)
    {
        var result = HostProcess.Run(Arguments(command));
        Assert.True(result.ExitCode == 0, $"{result.ExitCode}: {result.Error}");
    }

    private string[] Arguments(string command) => ["-NonInteractive", "-Command", $"$ErrorActionPreference = 'Stop'; $null = {command} -Store '{_fixture.Folder}' -Confirm:$false"];
}
