using ProdOps.Benchmarks.Measurement;

namespace ProdOps.Benchmarks.Comparison;

internal enum Work
{
    Init,
    First,
    Unchanged,
    Changed,
    Restore,
    Check,
    Copy,
    CopyRest,

    /// <summary>One of the many small backups that there must be before anything is forgotten. Not measured.</summary>
    Age,
    Forget,
    Prune,
}

/// <summary>Where a tool finds and leaves things in one repetition; the home keeps its cache, fresh for each repository.</summary>
internal sealed record Workspace(string Source, string Repository, string Home, string Restored)
{
    /// <summary>Where copies go: another folder, or a REST server's address.</summary>
    public string CopyTarget { get; init; } = Repository + "-copy";
}

/// <summary>A backup program as its users call it: the only place where command lines stand.</summary>
internal abstract class BackupTool(string name, string version)
{
    protected const string Password = "correct horse battery staple";

    public string Name => name;

    public string Version => version;

    /// <summary>Whether the program removes backups and their data by separate commands.</summary>
    public virtual bool Prunes => true;

    /// <summary>Whether the program copies backups from one repository to another.</summary>
    public virtual bool Copies => true;

    public abstract ChildCommand CommandFor(Work work, Workspace workspace);

    /// <summary>Makes the repository to copy to, unmeasured.</summary>
    public virtual ChildCommand CommandForCopyTarget(Workspace workspace) => throw new NotSupportedException();

    /// <summary>Where the source's root stands after a restore: all three keep the absolute path under the destination.</summary>
    public static string RestoredSource(Workspace workspace) => workspace.Restored + workspace.Source;

    protected static Dictionary<string, string> HomeVariables(Workspace workspace) => new(StringComparer.Ordinal)
    {
        ["HOME"] = workspace.Home,
        ["XDG_CACHE_HOME"] = Path.Combine(workspace.Home, ".cache"),
        ["XDG_CONFIG_HOME"] = Path.Combine(workspace.Home, ".config"),
    };
}
