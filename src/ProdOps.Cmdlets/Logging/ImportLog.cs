using System.Management.Automation;
using ProdOps.Cmdlets.Completers;
using ProdOps.Logging;
using ProdOps.Logging.Collecting;
using ProdOps.Logging.Files;
using ProdOps.Logging.Formats;

namespace ProdOps.Cmdlets.Logging;

/// <summary>Brings log files of this machine into the store.</summary>
[Cmdlet(VerbsData.Import, "Log", SupportsShouldProcess = true, DefaultParameterSetName = PathSet)]
[OutputType(typeof(LogImport))]
public sealed class ImportLog : LoggingCmdlet
{
    private const string PathSet = "Path", LiteralSet = "LiteralPath";

    /// <summary>Files or folders.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PathSet, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Log files, with wildcards, or folders of them. Compressed ones (gzip, zstd, xz, bzip2) and rotated ones are part of their log.")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>The same without wildcards.</summary>
    [Parameter(Mandatory = true, ParameterSetName = LiteralSet, ValueFromPipelineByPropertyName = true, HelpMessage = "The same, taken as they are written.")]
    [Alias("PSPath", "LP", "FullName")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>The server that the lines are of.</summary>
    [Parameter(HelpMessage = "The server that the lines are of. Default: this machine.")]
    [Alias("ComputerName", "Cn")]
    [ArgumentCompleter(typeof(LogServerCompleter))]
    [ValidateNotNullOrEmpty]
    public string Server { get; set; } = System.Environment.MachineName;

    /// <summary>The source that the lines become.</summary>
    [Parameter(HelpMessage = "The source that the lines become. Default: the file's name, with the folder's where that tells more: nginx-access, syslog.")]
    [ArgumentCompleter(typeof(LogSourceCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Source { get; set; }

    /// <summary>The lines' format.</summary>
    [Parameter(HelpMessage = "The lines' format. Default: found by their content.")]
    [ArgumentCompleter(typeof(LogFormatCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Format { get; set; }

    /// <summary>Which lines begin an entry.</summary>
    [Parameter(HelpMessage = "Which lines begin an entry: those in which this regular expression is found; the others belong to the entry before. None: each line. Default: Auto, what the format says.")]
    [ArgumentCompleter(typeof(MultiLineCompleter))]
    [ValidateNotNullOrEmpty]
    public string MultiLine { get; set; } = MultiLineFormat.Auto;

    /// <summary>The time zone of times without one.</summary>
    [Parameter(HelpMessage = "The time zone of times that do not say theirs, e.g. Europe/Berlin. Default: this machine's.")]
    [ArgumentCompleter(typeof(TimeZoneCompleter))]
    [ValidateNotNullOrEmpty]
    public string? TimeZone { get; set; }

    /// <summary>Bring in again what was brought in before.</summary>
    [Parameter(HelpMessage = "Bring in again what was brought in before. Lines are then there twice.")]
    public SwitchParameter Force { get; set; }

    private readonly List<string> _paths = [];

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        bool literal = ParameterSetName == LiteralSet;
        foreach (string path in literal ? LiteralPath : Path)
        {
            try
            {
                _paths.AddRange(await InvokeAsync(() => FilePaths.Resolve(SessionState, path, literal)));
            }
            catch (ProdOpsException error)
            {
                await WriteErrorAsync(error);
            }
        }
    }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        var environment = await InvokeAsync(() => StoreAccess.EnvironmentOf(SessionState, Environment));
        string? format = Format is null ? null : FormatCatalog.Of(environment?.Logging?.Filters ?? []).Get(Format).Name;
        MultiLineFormat.Check(MultiLine);
        using var sink = await LogSinks.OpenAsync(this, Store, environment, Activity);
        var importer = new LogImporter(sink.Sink, TimeProvider.System, Activity) { Format = format, MultiLine = MultiLine, Zone = FindZone(), Again = Force };
        var sets = RotatedSet.Group(_paths);
        var progress = new ImportProgress(sets, Activity, TimeProvider.System);
        foreach (var set in sets)
        {
            var stream = new LogStream(Server, Source ?? set.SourceName);
            if (!await ShouldProcessAsync(set.Files.Count == 1 ? set.Files[0] : $"{set.Base} and {set.Files.Count - 1} rotated", $"Import to {stream}")) continue;
            try
            {
                await WriteObjectAsync(await importer.ImportAsync(set, stream, progress.Add, cancellationToken));
            }
            catch (ProdOpsException error) when (error.ErrorId != LoggingErrors.StoreNotWrittenId)
            {
                await WriteErrorAsync(error);
            }
        }
    }

    private TimeZoneInfo FindZone()
    {
        if (TimeZone is null) return TimeZoneInfo.Local;
        return TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out var zone) ? zone : throw LoggingErrors.ZoneUnknown(TimeZone);
    }
}
