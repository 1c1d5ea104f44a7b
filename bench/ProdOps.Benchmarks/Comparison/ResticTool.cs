using ProdOps.Benchmarks.Measurement;

namespace ProdOps.Benchmarks.Comparison;

internal sealed class ResticTool(string program, string version) : BackupTool($"restic {version}", version)
{
    /// <summary>Reads "restic 0.14.0 compiled with …".</summary>
    public static async Task<ResticTool> FindAsync(string program, CancellationToken cancellationToken)
    {
        var (_, output) = await ChildProcess.RunAsync(new ChildCommand(program, ["version"]), cancellationToken);
        return new ResticTool(program, output.Split(' ')[1]);
    }

    public override ChildCommand CommandFor(Work work, Workspace workspace)
    {
        string[] arguments = work switch
        {
            Work.Init => ["init"],
            Work.Restore => ["restore", "latest", "--target", workspace.Restored],
            Work.Check => ["check", "--read-data"],
            Work.Forget => ["forget", "--keep-last", "5"],
            Work.Prune => ["prune"],
            _ => ["backup", workspace.Source],
        };
        return new ChildCommand(program, ["-r", workspace.Repository, .. arguments])
        {
            Environment = new Dictionary<string, string>(HomeVariables(workspace)) { ["RESTIC_PASSWORD"] = Password },
        };
    }
}
