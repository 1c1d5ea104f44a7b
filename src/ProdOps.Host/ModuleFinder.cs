namespace ProdOps.Host;

/// <summary>Finds the ProdOps module: where it is named, beside the program, in the clone the program was built in, or where PowerShell looks.</summary>
internal static class ModuleFinder
{
    public const string Variable = "PRODOPS_MODULE";

    private const string Manifest = "ProdOps.psd1";

    /// <summary>The manifest's path, or null.</summary>
    public static string? Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
            return File.Exists(named) ? Path.GetFullPath(named) : In(named);
        return In(Path.Combine(AppContext.BaseDirectory, "ProdOps")) ?? InClone(AppContext.BaseDirectory) ?? InModulePath();
    }

    private static string? InClone(string start)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
        {
            if (In(Path.Combine(folder.FullName, "artifacts", "ProdOps")) is { } found) return found;
        }

        return null;
    }

    private static string? InModulePath()
    {
        string[] folders = (Environment.GetEnvironmentVariable("PSModulePath") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        foreach (string folder in folders)
        {
            string module = Path.Combine(folder, "ProdOps");
            if (In(module) is { } found) return found;
            // The Gallery installs every version into a folder of its own.
            if (!Directory.Exists(module)) continue;
            var newest = Directory.EnumerateDirectories(module)
                .Where(path => Version.TryParse(Path.GetFileName(path), out _) && In(path) is not null)
                .MaxBy(path => Version.Parse(Path.GetFileName(path)));
            if (newest is not null) return In(newest);
        }

        return null;
    }

    private static string? In(string folder)
    {
        string manifest = Path.Combine(folder, Manifest);
        return File.Exists(manifest) ? Path.GetFullPath(manifest) : null;
    }
}
