using System.Collections;
using System.Management.Automation;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Completers;
using ProdOps.Logging;
using ProdOps.Logging.Formats;
using ProdOps.Logging.Formats.Testing;
using ProdOps.Logging.Grok;

namespace ProdOps.Cmdlets.Logging;

/// <summary>Shows what a log format or a filter makes of lines, and how much of a file it reads.</summary>
[Cmdlet(VerbsDiagnostic.Test, "LogFilter", DefaultParameterSetName = LineSet)]
[OutputType(typeof(LogFilterTest), ParameterSetName = [LineSet])]
[OutputType(typeof(LogFilterFileTest), ParameterSetName = [PathSet, LiteralSet])]
public sealed class TestLogFilter : AsyncCmdlet
{
    private const string LineSet = "Line", PathSet = "Path", LiteralSet = "LiteralPath";

    /// <summary>Lines.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = LineSet, ValueFromPipeline = true, HelpMessage = "Lines of a log. One with line feeds in it is an entry of several lines.")]
    [AllowEmptyString]
    public string[] Line { get; set; } = [];

    /// <summary>Files.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PathSet, HelpMessage = "Log files, with wildcards, compressed or not; of folders all files in them.")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>The same without wildcards.</summary>
    [Parameter(Mandatory = true, ParameterSetName = LiteralSet, ValueFromPipelineByPropertyName = true, HelpMessage = "The same, taken as they are written.")]
    [Alias("PSPath", "LP", "FullName")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>The format, or a filter of the environment.</summary>
    [Parameter(HelpMessage = "The format, or a filter of the environment's Logging.Filters. Default: the likeliest.")]
    [ArgumentCompleter(typeof(LogFormatCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Format { get; set; }

    /// <summary>Which lines begin an entry.</summary>
    [Parameter(ParameterSetName = PathSet, HelpMessage = "Which lines begin an entry: those in which this regular expression is found; the others belong to the entry before. None: each line. Default: Auto, what the format says.")]
    [Parameter(ParameterSetName = LiteralSet, HelpMessage = "Which lines begin an entry: those in which this regular expression is found; the others belong to the entry before. None: each line. Default: Auto, what the format says.")]
    [ArgumentCompleter(typeof(MultiLineCompleter))]
    [ValidateNotNullOrEmpty]
    public string MultiLine { get; set; } = MultiLineFormat.Auto;

    /// <summary>A filter's pattern.</summary>
    [Parameter(HelpMessage = "A pattern to try, in the language of grok: '%{IP:client} %{WORD:method} %{NUMBER:ms:float}'.")]
    [ArgumentCompleter(typeof(GrokPatternCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Pattern { get; set; }

    /// <summary>Patterns by name that the pattern refers to.</summary>
    [Parameter(HelpMessage = "Patterns of your own that -Pattern refers to: @{ ORDER = '[A-Z]{2}[0-9]+' }.")]
    [ValidateNotNull]
    public Hashtable? Patterns { get; set; }

    /// <summary>The field with the time.</summary>
    [Parameter(HelpMessage = "The field of -Pattern that has the time. Default: the first with a usual name, such as timestamp or time.")]
    [ValidateNotNullOrEmpty]
    public string? TimeField { get; set; }

    /// <summary>How the time is written.</summary>
    [Parameter(HelpMessage = "How the time is written: a format such as 'dd.MM.yyyy HH:mm:ss', ISO8601, UNIX or UNIX_MS. Default: found by content.")]
    [ValidateNotNullOrEmpty]
    public string? TimeFormat { get; set; }

    /// <summary>The field with the level.</summary>
    [Parameter(HelpMessage = "The field of -Pattern that says how severe a line is. Default: the first with a usual name, such as level or severity.")]
    [ValidateNotNullOrEmpty]
    public string? LevelField { get; set; }

    /// <summary>The field with the message.</summary>
    [Parameter(HelpMessage = "The field of -Pattern that has the message. Default: message or msg, else the whole line.")]
    [ValidateNotNullOrEmpty]
    public string? MessageField { get; set; }

    /// <summary>The time zone of times without one.</summary>
    [Parameter(HelpMessage = "The time zone of times that do not say theirs, e.g. Europe/Berlin. Default: this machine's.")]
    [ArgumentCompleter(typeof(TimeZoneCompleter))]
    [ValidateNotNullOrEmpty]
    public string? TimeZone { get; set; }

    /// <summary>The environment file that has the filters.</summary>
    [Parameter(HelpMessage = "The environment.psd1 that has the filters. Default: $env:PRODOPS_ENVIRONMENT, else the one in this folder or above.")]
    [ArgumentCompleter(typeof(EnvironmentFileCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Environment { get; set; }

    private LogFormat? _format;
    private TimeZoneInfo _zone = TimeZoneInfo.Utc;

    /// <inheritdoc/>
    protected override async Task BeginAsync(CancellationToken cancellationToken)
    {
        if (Format is not null && Pattern is not null) throw LoggingErrors.FormatAndPattern();
        if (Pattern is null && (TimeField ?? TimeFormat ?? LevelField ?? MessageField ?? (object?)Patterns) is not null) throw LoggingErrors.PatternMissing();
        _zone = TimeZone is null ? TimeZoneInfo.Local : TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out var zone) ? zone : throw LoggingErrors.ZoneUnknown(TimeZone);
        MultiLineFormat.Check(MultiLine);
        if (Pattern is not null) _format = GrokFormat.Create(Filter(Pattern));
        if (Format is null) return;
        var environment = await InvokeAsync(() => StoreAccess.EnvironmentOf(SessionState, Environment));
        _format = FormatCatalog.Of(environment?.Logging?.Filters ?? []).Get(Format);
    }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var context = new TimeContext(TimeProvider.System.GetUtcNow(), _zone);
        foreach (string line in Line) await WriteObjectAsync(FilterTest.Read(line, _format, context));
        bool literal = ParameterSetName == LiteralSet;
        foreach (string path in literal ? LiteralPath : Path)
        {
            var (files, error) = await InvokeAsync(() => FilePaths.TryResolve(SessionState, path, literal));
            if (error is not null) await WriteErrorAsync(error);
            foreach (string file in files) await TestFileAsync(file, cancellationToken);
        }
    }

    private async Task TestFileAsync(string file, CancellationToken cancellationToken)
    {
        long read = 0;
        try
        {
            await WriteObjectAsync(FileTest.Run(file, _format, MultiLine, _zone, Progress, cancellationToken));
        }
        catch (ProdOpsException error)
        {
            await WriteErrorAsync(error);
        }

        void Progress(long bytes)
        {
            read += bytes;
            if (read > 16 << 20) Activity.Progress(new ActivityProgress("Testing a log format", $"{file}: {ByteSize.Format(read)}"));
        }
    }

    private LogFilterDefinition Filter(string pattern) => new()
    {
        Name = "",
        Pattern = pattern,
        TimeField = TimeField,
        TimeFormat = TimeFormat,
        LevelField = LevelField,
        MessageField = MessageField,
        Patterns = (Patterns ?? []).Cast<DictionaryEntry>().ToDictionary(entry => entry.Key.ToString()!, entry => entry.Value?.ToString() ?? "", StringComparer.Ordinal),
    };
}
