using ProdOps.Benchmarks.Measurement;

namespace ProdOps.Benchmarks.Comparison;

internal sealed class BorgTool(string program, string version, string compression) : BackupTool($"borg {version} {compression}", version)
{
    /// <summary>Reads "borg 1.2.4".</summary>
    public static async Task<BorgTool> FindAsync(string program, string compression, CancellationToken cancellationToken)
    {
        var (_, output) = await ChildProcess.RunAsync(new ChildCommand(program, ["--version"]), cancellationToken);
        return new BorgTool(program, output.Trim().Split(' ')[1], compression);
    }

    /// <summary>Its prune removes archives, its compact their data, by other rules: nothing to compare.</summary>
    public override bool Prunes => false;

    public override bool Copies => false;

    public override ChildCommand CommandFor(Work work, Workspace workspace)
    {
        string repository = workspace.Repository;
        string[] arguments = work switch
        {
            Work.Init => ["init", "-e", "repokey-blake2", repository],
            Work.Restore => ["extract", $"{repository}::{Work.Changed}"],
            Work.Check => ["check", "--verify-data", repository],
            _ => ["create", "-C", compression, $"{repository}::{work}", workspace.Source],
        };
        return new ChildCommand(program, arguments)
        {
            // borg extracts into the folder it stands in.
            WorkingFolder = work == Work.Restore ? workspace.Restored : "/",
            Environment = new Dictionary<string, string>(HomeVariables(workspace))
            {
                ["BORG_PASSPHRASE"] = Password,
                ["BORG_BASE_DIR"] = workspace.Home,
                ["BORG_CHECK_I_KNOW_WHAT_I_AM_DOING"] = "YES",
            },
        };
    }
}
