namespace ProdOps.Cmdlets.Tests.Logging;

/// <summary>Watch-Log through the built module, with this machine as the server.</summary>
public sealed class WatchLogTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("prodops-watch-").FullName;
    private readonly Engine _engine = new();

    public WatchLogTests()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "log"));
        File.WriteAllText(Path.Combine(_folder, "log", "app.log"), $"{DateTimeOffset.UnixEpoch:O} long ago\n");
        File.WriteAllText(Path.Combine(_folder, "environment.psd1"), $$"""
            @{
                Servers = @( @{ Name = 'here'; Local = $true } )
                Logging = @{ Store = 'store'; Sources = @( @{ Name = 'app'; Path = '{{_folder}}/log/*.log' } ) }
            }

            """);
        _engine.Run($"$null = $ExecutionContext.SessionState.Path.SetLocation('{_folder}')");
    }

    [UnixFact]
    public async Task What_is_written_while_it_watches_is_collected_and_shown_and_what_was_there_is_not()
    {
        using var stop = new CancellationTokenSource();
        var writing = Task.Run(async () =>
        {
            for (int i = 0; !stop.IsCancellationRequested; i++)
            {
                await File.AppendAllTextAsync(Path.Combine(_folder, "log", "app.log"), $"{TimeProvider.System.GetUtcNow():O} line {i}\n");
                await Task.Delay(50);
            }
        });
        var seen = _engine.Run("Watch-Log line -Interval 100ms -First 5 -For 60s");
        await stop.CancelAsync();
        await writing;
        Assert.Equal(5, seen.Count);
        Assert.All(seen, entry => Assert.Equal("here", (string)((dynamic)entry).Server));
        string[] lines = [.. seen.Select(entry => (string)((dynamic)entry).Raw)];
        Assert.Equal(lines.Order(StringComparer.Ordinal), lines);
    }

    [UnixFact]
    public void It_ends_when_its_time_is_over_and_begins_with_the_newest_that_are_there()
    {
        _engine.Run("$null = Sync-Log");
        Assert.Equal($"{DateTimeOffset.UnixEpoch:O} long ago", _engine.Run("Watch-Log -NoSync -Newest 3 -For 300ms -Raw").Single().ToString());
        Assert.Equal("LogWatchWindow,ProdOps.Cmdlets.Logging.WatchLog", _engine.Run("try { Watch-Log -Before 12:00 } catch { $_.FullyQualifiedErrorId }").Single().ToString());
    }

    public void Dispose()
    {
        _engine.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
