using System.Diagnostics;
using ProdOps.Benchmarks.Measurement;

namespace ProdOps.Benchmarks.Comparison;

internal sealed class ProdOpsTool(string program, string version) : BackupTool("ProdOps", version)
{
    public static ProdOpsTool Find(string program) =>
        new(program, FileVersionInfo.GetVersionInfo(Path.ChangeExtension(program, ".dll")).ProductVersion ?? "unknown");

    public override ChildCommand CommandFor(Work work, Workspace workspace)
    {
        string repository = Quote(workspace.Repository);
        string script = work switch
        {
            Work.Init => $"Initialize-BackupRepository {repository}",
            Work.Restore => $"Restore-Backup latest -Repository {repository} -Confirm:$false -Destination {Quote(workspace.Restored)}",
            Work.Check => $"Test-Backup -Repository {repository} -ReadData",
            Work.Forget => $"Remove-Backup -Keep @{{ Last = 5 }} -Repository {repository} -Confirm:$false",
            Work.Prune => $"Optimize-BackupRepository {repository}",
            Work.Copy or Work.CopyRest => $"Copy-Backup -Repository {repository} -To {Quote(workspace.CopyTarget)}",
            _ => $"Invoke-Backup {Quote(workspace.Source)} -Repository {repository}",
        };
        return Command(script, workspace);
    }

    public override ChildCommand CommandForCopyTarget(Workspace workspace) =>
        Command($"Initialize-BackupRepository {Quote(workspace.CopyTarget)} -CopyChunkerParametersFrom {Quote(workspace.Repository)}", workspace);

    private ChildCommand Command(string script, Workspace workspace) => new(program, ["-NonInteractive", "-OutputFormat", "None", "-Command", script])
    {
        Environment = new Dictionary<string, string>(HomeVariables(workspace)) { ["RESTIC_PASSWORD"] = Password },
    };

    private static string Quote(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
