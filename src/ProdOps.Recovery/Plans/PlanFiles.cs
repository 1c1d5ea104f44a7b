namespace ProdOps.Recovery.Plans;

/// <summary>Where plans are: <c>plans/NAME.recovery.psd1</c> beside the environment's file.</summary>
internal static class PlanFiles
{
    public const string Ending = ".recovery.psd1";

    public static string FolderOf(ProdOpsEnvironment environment) => Path.Combine(Path.GetDirectoryName(environment.Path)!, "plans");

    public static string PathOf(ProdOpsEnvironment environment, string name) => Path.Combine(FolderOf(environment), name + Ending);

    public static string NameOf(string path)
    {
        string file = Path.GetFileName(path);
        return file.EndsWith(Ending, StringComparison.OrdinalIgnoreCase) ? file[..^Ending.Length] : Path.GetFileNameWithoutExtension(file);
    }

    /// <summary>The names of all plans, in order; none where the folder cannot be read.</summary>
    public static IReadOnlyList<string> Names(ProdOpsEnvironment environment)
    {
        try
        {
            return [.. Directory.EnumerateFiles(FolderOf(environment), "*" + Ending).Select(NameOf).Order(StringComparer.OrdinalIgnoreCase)];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>The full path of a file of this machine that a step takes its content from.</summary>
    public static string SourceOf(RecoveryPlan plan, RecoveryFile file) => Path.GetFullPath(file.Source!, Path.GetDirectoryName(plan.Path) is { Length: > 0 } folder ? folder : "/");
}
