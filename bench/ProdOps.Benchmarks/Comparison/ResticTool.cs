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
            Work.Copy or Work.CopyRest => ["copy", "--from-repo", workspace.Repository],
            _ => ["backup", workspace.Source],
        };
        return Command(work is Work.Copy or Work.CopyRest ? workspace.CopyTarget : workspace.Repository, arguments, workspace);
    }

    public override ChildCommand CommandForCopyTarget(Workspace workspace) =>
        Command(workspace.CopyTarget, ["init", "--copy-chunker-params", "--from-repo", workspace.Repository], workspace);

    private ChildCommand Command(string repository, string[] arguments, Workspace workspace) => new(program, ["-r", repository, .. arguments])
    {
        Environment = new Dictionary<string, string>(HomeVariables(workspace)) { ["RESTIC_PASSWORD"] = Password, ["RESTIC_FROM_PASSWORD"] = Password },
    };
}
