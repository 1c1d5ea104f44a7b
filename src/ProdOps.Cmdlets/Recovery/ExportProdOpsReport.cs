using System.Management.Automation;
using System.Text;
using ProdOps.Cmdlets.Common;
using ProdOps.Recovery;
using ProdOps.Recovery.Reports;
using ProdOps.Recovery.Reports.Html;

namespace ProdOps.Cmdlets.Recovery;

/// <summary>Writes all that is known of an environment as one HTML file: health, incidents, availability, balancers, backups, recovery, risks, logs and readiness.</summary>
[Cmdlet(VerbsData.Export, "ProdOpsReport", SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class ExportProdOpsReport : ReadinessCmdlet
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly List<ServerHealth> _servers = [];
    private readonly List<LoadBalancer> _balancers = [];

    /// <summary>The file.</summary>
    [Parameter(Position = 0, HelpMessage = "The file to write. Default: prodops-report.html in this folder. A report that is there already is replaced.")]
    [Alias("FilePath")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "prodops-report.html";

    /// <summary>What is known better than it was noted.</summary>
    [Parameter(ValueFromPipeline = true, HelpMessage = "Objects of Get-HealthStatus and Get-LoadBalancer: servers and balancers as they are just now, instead of what was noted of them.")]
    [ValidateNotNull]
    public PSObject? InputObject { get; set; }

    /// <summary>How far back it goes.</summary>
    [Parameter(HelpMessage = "How far charts, events and logs go back, e.g. 7d. Availability is of 30 days in any case. Default: 24h.")]
    [Duration]
    public TimeSpan Last { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How many lines of logs.</summary>
    [Parameter(HelpMessage = "How many lines of logs are in it at most, the newest that are a warning or worse; 0 for none. Default: 500.")]
    [ValidateRange(0, 20_000)]
    public int LogLines { get; set; } = 500;

    /// <summary>Replace any file.</summary>
    [Parameter(HelpMessage = "Replace a file that is there and is no report.")]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        switch (InputObject?.BaseObject)
        {
            case null: break;
            case ServerHealth server: _servers.Add(server); break;
            case LoadBalancer balancer: _balancers.Add(balancer); break;
            case var other: await WriteErrorAsync(RecoveryErrors.ReportInputUnknown(other.GetType().Name)); break;
        }
    }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        var environment = await RequireEnvironmentAsync();
        string path = await InvokeAsync(() => GetUnresolvedProviderPathFromPSPath(Path));
        if (!Force && File.Exists(path) && !IsReport(path)) throw RecoveryErrors.ReportExists(path);
        if (!await ShouldProcessAsync(path, $"Write the report of '{environment.Name}'")) return;
        var sources = ReportInputs.Of(await SourcesAsync(environment), Last, LogLines) with
        {
            Servers = [.. _servers.DistinctBy(static server => server.Server, StringComparer.OrdinalIgnoreCase)],
            Balancers = _balancers,
        };
        await WriteFileAsync(path, HtmlReport.Write(await new ReportGatherer(sources).GatherAsync(cancellationToken)), cancellationToken);
        await WriteObjectAsync(new FileInfo(path));
    }

    /// <summary>Whole or not at all, and for this user alone: it holds lines of logs.</summary>
    private static async Task WriteFileAsync(string path, string html, CancellationToken cancellationToken)
    {
        string beside = $"{path}.{System.IO.Path.GetRandomFileName()}.tmp";
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = Private;
            await using (var file = new FileStream(beside, options)) await file.WriteAsync(Encoding.UTF8.GetBytes(html), cancellationToken);
            File.Move(beside, path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw RecoveryErrors.ReportNotWritten(path, error);
        }
        finally
        {
            if (File.Exists(beside)) File.Delete(beside);
        }
    }

    private static bool IsReport(string path)
    {
        try
        {
            using var reader = new StreamReader(path, Encoding.UTF8);
            char[] head = new char[2000];
            return new string(head, 0, reader.ReadBlock(head)).Contains(HtmlReport.Marker, StringComparison.Ordinal);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw RecoveryErrors.ReportNotWritten(path, error);
        }
    }
}
