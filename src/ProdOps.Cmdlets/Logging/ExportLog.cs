using System.Management.Automation;
using ProdOps.Logging;
using ProdOps.Logging.Exporting;
using ProdOps.Logging.Searching;

namespace ProdOps.Cmdlets.Logging;

/// <summary>Writes the log entries that a search finds to a file.</summary>
[Cmdlet(VerbsData.Export, "Log", SupportsShouldProcess = true)]
[OutputType(typeof(LogExport))]
public sealed class ExportLog : SearchingCmdlet
{
    /// <summary>The file.</summary>
    [Parameter(Mandatory = true, HelpMessage = "The file to write. A name that ends with .gz or .zst is compressed so.")]
    [Alias("FilePath")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>How entries are written.</summary>
    [Parameter(HelpMessage = "How entries are written: Raw, the lines as they are, or Json, an object a line. Default: Raw, for a name with .json in it Json.")]
    public LogExportFormat? Format { get; set; }

    /// <summary>Replace a file that is there.</summary>
    [Parameter(HelpMessage = "Replace a file that is there.")]
    public SwitchParameter Force { get; set; }

    private readonly List<LogQuery> _queries = [];

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken) =>
        // Each input has a server and a source of its own, which are gone when the next one comes.
        _queries.Add(await CreateQueryAsync(await InvokeAsync(() => StoreAccess.EnvironmentOf(SessionState, Environment))));

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        if (_queries.Count == 0) return;
        string path = await InvokeAsync(() => SessionState.Path.GetUnresolvedProviderPathFromPSPath(Path));
        if (File.Exists(path) && !Force) throw LoggingErrors.ExportExists(path);
        var environment = await InvokeAsync(() => StoreAccess.EnvironmentOf(SessionState, Environment));
        if (!await ShouldProcessAsync(path, "Export log entries")) return;
        using var search = await OpenSearchAsync(environment);
        var format = Format ?? (System.IO.Path.GetFileName(path).Contains(".json", StringComparison.OrdinalIgnoreCase) ? LogExportFormat.Json : LogExportFormat.Raw);
        await using var writer = new EntryWriter(path, format);
        foreach (var query in _queries)
        {
            await foreach (var batch in search.Search.SearchAsync(query, cancellationToken))
            {
                foreach (var entry in batch) writer.Write(entry);
            }
        }

        writer.Complete();
        await WriteObjectAsync(new LogExport { Path = path, Entries = writer.Entries, Bytes = writer.Bytes, From = writer.From, To = writer.To });
    }
}
