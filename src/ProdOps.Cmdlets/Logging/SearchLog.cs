using System.Management.Automation;
using ProdOps.Cmdlets.Completers;
using ProdOps.Logging;
using ProdOps.Logging.Files;
using ProdOps.Logging.Formats;
using ProdOps.Logging.Searching;

namespace ProdOps.Cmdlets.Logging;

/// <summary>Finds log entries of all servers, in the store or in files where they lie.</summary>
[Cmdlet(VerbsCommon.Search, "Log", DefaultParameterSetName = StoreSet)]
[OutputType(typeof(LogEntry), typeof(string), typeof(long))]
public sealed class SearchLog : SearchingCmdlet
{
    private const string StoreSet = "Store", PathSet = "Path", LiteralSet = "LiteralPath";

    // Not from the pipeline: what Get-LogStore emits has a path too, which is the folder of a source of the store.
    /// <summary>Log files to search where they lie.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PathSet,
        HelpMessage = "Log files, with wildcards, or folders of them, to search where they lie; rotated and compressed ones are part of their log.")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>The same without wildcards.</summary>
    [Parameter(Mandatory = true, ParameterSetName = LiteralSet, ValueFromPipelineByPropertyName = true, HelpMessage = "The same, taken as they are written.")]
    [Alias("PSPath", "LP", "FullName")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>The format of the files.</summary>
    [Parameter(ParameterSetName = PathSet, HelpMessage = "The format of the files. Default: found by their content.")]
    [Parameter(ParameterSetName = LiteralSet, HelpMessage = "The format of the files. Default: found by their content.")]
    [ArgumentCompleter(typeof(LogFormatCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Format { get; set; }

    /// <summary>Which lines begin an entry.</summary>
    [Parameter(ParameterSetName = PathSet, HelpMessage = "Which lines begin an entry: those in which this regular expression is found; the others belong to the entry before. None: each line. Default: Auto, what the format says.")]
    [Parameter(ParameterSetName = LiteralSet, HelpMessage = "Which lines begin an entry: those in which this regular expression is found; the others belong to the entry before. None: each line. Default: Auto, what the format says.")]
    [ArgumentCompleter(typeof(MultiLineCompleter))]
    [ValidateNotNullOrEmpty]
    public string MultiLine { get; set; } = MultiLineFormat.Auto;

    /// <summary>Only the earliest so many.</summary>
    [Parameter(HelpMessage = "Only the earliest so many.")]
    [ValidateRange(1, int.MaxValue)]
    public int First { get; set; }

    /// <summary>Only the latest so many.</summary>
    [Parameter(HelpMessage = "Only the latest so many; they still come in the order of time.")]
    [ValidateRange(1, int.MaxValue)]
    public int Newest { get; set; }

    /// <summary>Entries of the same source around each found.</summary>
    [Parameter(HelpMessage = "How many entries of the same source to show around each one found: 3, or 2,5 for two before and five after.")]
    [ValidateCount(1, 2)]
    [ValidateRange(0, 10_000)]
    public int[] Context { get; set; } = [];

    /// <summary>Emit lines as text.</summary>
    [Parameter(HelpMessage = "Emit the lines as text, as they were written.")]
    public SwitchParameter Raw { get; set; }

    /// <summary>Emit only how many there are.</summary>
    [Parameter(HelpMessage = "Emit only how many entries are found.")]
    public SwitchParameter Count { get; set; }

    private readonly List<string> _paths = [];

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        await base.ProcessAsync(cancellationToken);
        var named = ParameterSetName == LiteralSet ? LiteralPath : Path;
        foreach (string path in named) _paths.AddRange(await InvokeAsync(() => FilePaths.Resolve(SessionState, path, literal: ParameterSetName == LiteralSet)));
    }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        if (First > 0 && Newest > 0) throw LoggingErrors.FirstAndNewest();
        var environment = await InvokeAsync(() => StoreAccess.EnvironmentOf(SessionState, Environment));
        var query = await CreateQueryOfAllAsync(environment) with
        {
            First = First > 0 ? First : null,
            Newest = Newest > 0 ? Newest : null,
            ContextBefore = Context.Length > 0 ? Context[0] : 0,
            ContextAfter = Context.Length > 0 ? Context[^1] : 0,
        };
        if (ParameterSetName == StoreSet) await SearchStoreAsync(environment, query, cancellationToken);
        else await SearchFilesAsync(environment, query, cancellationToken);
    }

    private async Task SearchStoreAsync(ProdOpsEnvironment? environment, LogQuery query, CancellationToken cancellationToken)
    {
        using var search = await OpenSearchAsync(environment);
        if (Count) await WriteObjectAsync(Math.Min(await search.Search.CountAsync(query, cancellationToken), query.First ?? query.Newest ?? long.MaxValue));
        else await EmitAsync(search.Search.SearchAsync(query, cancellationToken));
    }

    private async Task SearchFilesAsync(ProdOpsEnvironment? environment, LogQuery query, CancellationToken cancellationToken)
    {
        if (_paths.Count == 0) return;
        var formats = FormatCatalog.Of(environment?.Logging?.Filters ?? []);
        if (Format is not null) _ = formats.Get(Format);
        MultiLineFormat.Check(MultiLine);
        var search = new FileSearch(formats, Activity) { Format = Format, MultiLine = MultiLine };
        var found = search.SearchAsync(RotatedSet.Group(_paths), query, cancellationToken);
        if (!Count)
        {
            await EmitAsync(found);
            return;
        }

        long count = 0;
        await foreach (var batch in found) count += batch.Count(static entry => !entry.IsContext);
        await WriteObjectAsync(count);
    }

    private async Task EmitAsync(IAsyncEnumerable<IReadOnlyList<LogEntry>> found)
    {
        await foreach (var batch in found)
        {
            // Text is made here, on another thread than the pipeline's.
            object[] objects = Raw ? [.. batch.Select(static entry => entry.Raw)] : [.. batch];
            await WriteAllAsync(objects);
        }
    }
}
