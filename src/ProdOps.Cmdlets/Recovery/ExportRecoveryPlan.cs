using System.Management.Automation;
using System.Text;
using ProdOps.Cmdlets.Completers;
using ProdOps.Recovery;
using ProdOps.Recovery.Execution;
using ProdOps.Recovery.Plans;
using ProdOps.Recovery.Runbooks;

namespace ProdOps.Cmdlets.Recovery;

/// <summary>Writes the runbook of a recovery plan: what a person does without ProdOps, with exact commands.</summary>
[Cmdlet(VerbsData.Export, "RecoveryPlan", SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo), typeof(string))]
public sealed class ExportRecoveryPlan : RecoveryCmdlet
{
    /// <summary>The plan.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true, HelpMessage = "The recovery plan.")]
    [Alias("Plan")]
    [ArgumentCompleter(typeof(RecoveryPlanCompleter))]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "";

    /// <summary>The file.</summary>
    [Parameter(Position = 1, HelpMessage = "The file to write: .html or .htm for HTML, else Markdown. Default: the Markdown is emitted as text.")]
    [Alias("FilePath")]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>Replace it.</summary>
    [Parameter(HelpMessage = "Replace a file that is there.")]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var environment = await Plans.RequireEnvironmentAsync();
        var plan = PlanAccess.Read(environment, Name);
        PlanHistory.Keep(plan, Activity);
        var runs = RunJournal.DefaultFolder is { } folder ? RunHistory.Read(folder, TimeProvider.System, _ => { }).ToArray() : [];
        var book = Runbook.Of(plan, environment, runs);
        if (Path is null)
        {
            await WriteObjectAsync(MarkdownRunbook.Write(book));
            return;
        }

        string path = await InvokeAsync(() => GetUnresolvedProviderPathFromPSPath(Path));
        bool isHtml = path.EndsWith(".html", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".htm", StringComparison.OrdinalIgnoreCase);
        if (File.Exists(path) && !Force) throw RecoveryErrors.RunbookExists(path);
        if (!await ShouldProcessAsync(path, $"Write the runbook of '{plan.Name}'")) return;
        try
        {
            await File.WriteAllTextAsync(path, isHtml ? HtmlRunbook.Write(book) : MarkdownRunbook.Write(book), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), cancellationToken);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw RecoveryErrors.RunbookNotWritten(path, error);
        }

        await WriteObjectAsync(new FileInfo(path));
    }
}
