using System.Management.Automation;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Servers;
using ProdOps.Logging;
using ProdOps.Logging.Collecting;
using ProdOps.Logging.Searching;
using ProdOps.Logging.Store;
using ProdOps.Servers.Inventory;

namespace ProdOps.Cmdlets.Logging;

/// <summary>Shows log entries of all servers as they come, until it is stopped.</summary>
[Cmdlet(VerbsCommon.Watch, "Log")]
[OutputType(typeof(LogEntry), typeof(string))]
public sealed class WatchLog : SearchingCmdlet
{
    // Clocks differ a little; lines of before are what a first round of collecting brings, and nobody asked for them.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(10);

    /// <summary>Begin with the latest so many that are there already.</summary>
    [Parameter(HelpMessage = "Begin with the latest so many that are there already. Default: none, or with -Last all of that time.")]
    [ValidateRange(0, 1_000_000)]
    public int Newest { get; set; }

    /// <summary>End after so many.</summary>
    [Parameter(HelpMessage = "End after so many entries. Default: never.")]
    [ValidateRange(1, int.MaxValue)]
    public int First { get; set; }

    /// <summary>End after this time.</summary>
    [Parameter(HelpMessage = "End after this time: 10m. Default: never.")]
    [Duration(MostDays = DurationAttribute.Waitable)]
    [ValidateNotNull]
    public TimeSpan? For { get; set; }

    /// <summary>How often the servers are asked for new lines.</summary>
    [Parameter(HelpMessage = "How often the servers of the environment are asked for new lines. Default: 2 s.")]
    [Duration(MostDays = DurationAttribute.Waitable)]
    [ValidateNotNull]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Ask no server.</summary>
    [Parameter(HelpMessage = "Ask no server for new lines: show what others bring to the store, Sync-Log or a receiver.")]
    public SwitchParameter NoSync { get; set; }

    /// <summary>Emit lines as text.</summary>
    [Parameter(HelpMessage = "Emit the lines as text, as they were written.")]
    public SwitchParameter Raw { get; set; }

    private int _left;

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        if (Before is not null || Around is not null) throw LoggingErrors.WatchWindow();
        var environment = await InvokeAsync(() => StoreAccess.EnvironmentOf(SessionState, Environment));
        var query = await CreateQueryOfAllAsync(environment);
        _left = First > 0 ? First : int.MaxValue;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var search = await OpenWatchedAsync(environment);
        if (Newest > 0 || Last is not null) await EmitAsync(search.Search.SearchAsync(query with { Newest = Newest > 0 ? Newest : null }, limit.Token));
        if (For is { } time) limit.CancelAfter(time);
        var collecting = CollectAsync(environment, search.Owner as LogStore, limit.Token);
        try
        {
            if (_left > 0) await EmitAsync(search.Search.WatchAsync(query with { After = TimeProvider.System.GetUtcNow() - Margin }, limit.Token));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The time is over.
        }
        finally
        {
            await limit.CancelAsync();
            await collecting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<OpenSearch> OpenWatchedAsync(ProdOpsEnvironment? environment)
    {
        // A store that is not there yet is made by the first lines that come.
        string folder = await InvokeAsync(() => StoreAccess.FolderOf(SessionState, Store, environment));
        if (environment is { Servers.Count: > 0 } && !NoSync) Directory.CreateDirectory(folder);
        return await OpenSearchAsync(environment);
    }

    private async Task EmitAsync(IAsyncEnumerable<IReadOnlyList<LogEntry>> found)
    {
        await foreach (var batch in found)
        {
            var wanted = batch.Take(_left).ToList();
            _left -= wanted.Count;
            await WriteAllAsync(Raw ? [.. wanted.Select(static entry => entry.Raw)] : [.. wanted]);
            if (_left <= 0) return;
        }
    }

    /// <summary>Asks the servers for new lines, round after round. What a server fails with is told when it begins and not again while it lasts.</summary>
    private async Task CollectAsync(ProdOpsEnvironment? environment, LogStore? store, CancellationToken cancellationToken)
    {
        if (NoSync || store is null || environment is null) return;
        var names = ServerNames.Resolve(Servers, environment);
        Server[] servers = [.. environment.Servers.Where(server => names.Count == 0 || names.Any(name => NamePattern.IsMatch(name, server.Name)))];
        if (servers.Length == 0) return;
        var shells = await InvokeAsync(() => SessionShells.Current);
        var access = new ServerAccess(this);
        await Task.WhenAll(servers.Select(async server =>
        {
            string? told = null;
            var options = new CollectOptions { Sources = Sources, MeasuresClock = false, FirstWindow = TimeSpan.Zero };
            while (!cancellationToken.IsCancellationRequested)
            {
                try
                {
                    var shell = await shells.OpenAsync(access.TargetOf(server), Activity, cancellationToken);
                    await new ServerRound(shell, store, options, Activity, TimeProvider.System).RunAsync(SourceSelection.Of(server, environment), static _ => Task.CompletedTask, cancellationToken);
                    told = null;
                }
                catch (ProdOpsException error)
                {
                    if (told != error.ErrorId) Activity.Error(error);
                    told = error.ErrorId;
                }

                await Task.Delay(Interval, TimeProvider.System, cancellationToken);
            }
        }));
    }
}
