using System.Management.Automation;
using ProdOps.Cmdlets.Common;
using ProdOps.Logging;
using ProdOps.Logging.Patterns;

namespace ProdOps.Cmdlets.Logging;

/// <summary>Tells what kinds of line there are: which are new, and which have become more frequent.</summary>
[Cmdlet(VerbsCommon.Get, "LogPattern")]
[OutputType(typeof(LogPattern))]
public sealed class GetLogPattern : SearchingCmdlet
{
    /// <summary>The time before that is compared with.</summary>
    [Parameter(HelpMessage = "Compare with so long a time before the window: 1d, 7d. Default with -New and -Surge: as long as the window.")]
    [Duration]
    [ValidateNotNull]
    public TimeSpan? Baseline { get; set; }

    /// <summary>Only patterns that were not there before.</summary>
    [Parameter(HelpMessage = "Only patterns that no entry had in the time before. With -Surge: these too.")]
    public SwitchParameter New { get; set; }

    /// <summary>Only patterns that have become more frequent.</summary>
    [Parameter(HelpMessage = "Only patterns so many times as frequent as in the time before, or more: 3.")]
    [ValidateRange(1.0, double.MaxValue)]
    public double Surge { get; set; }

    /// <summary>Only the most frequent patterns.</summary>
    [Parameter(HelpMessage = "Only so many patterns, the most frequent.")]
    [ValidateRange(1, int.MaxValue)]
    public int Top { get; set; }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        var environment = await InvokeAsync(() => StoreAccess.EnvironmentOf(SessionState, Environment));
        var query = await CreateQueryOfAllAsync(environment);
        var now = TimeProvider.System.GetUtcNow();
        var baseline = BaselineOf(query.After, query.Before ?? now);
        string folder = await InvokeAsync(() => StoreAccess.FolderOf(SessionState, Store, environment));
        if (!Directory.Exists(folder)) throw LoggingErrors.StoreEmpty(folder);
        using var store = StoreAccess.Open(folder, environment, Activity);
        var found = await new PatternSearch(store, Activity).FindAsync(query, baseline, now, cancellationToken);
        var wanted = found.Where(IsWanted);
        await WriteAllAsync([.. Top > 0 ? wanted.Take(Top) : wanted]);
    }

    private bool IsWanted(LogPattern pattern)
    {
        bool surges = Surge > 0 && pattern.Change >= Surge, isNew = New && pattern.IsNew == true;
        return (Surge == 0 && !New) || surges || isNew;
    }

    private TimeSpan? BaselineOf(DateTimeOffset? begin, DateTimeOffset end)
    {
        if (Baseline is null && !New && Surge == 0) return null;
        if (begin is not { } after) throw LoggingErrors.BaselineWithoutWindow();
        var length = Baseline ?? end - after;
        return length > TimeSpan.Zero ? length : throw LoggingErrors.BaselineWithoutWindow();
    }
}
