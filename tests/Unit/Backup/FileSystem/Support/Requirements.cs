namespace ProdOps.Backup.Tests.FileSystem;

/// <summary>What this machine has; a test that needs more is skipped and says why.</summary>
internal static class Requirements
{
    public static bool IsRoot { get; } = OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess;

    public static string? MissingProgram(params string[] programs) => programs
        .Where(p => !(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(d => File.Exists(Path.Combine(d, p))))
        .Select(p => $"needs {p}")
        .FirstOrDefault();
}

/// <summary>A test of Linux system calls.</summary>
internal sealed class LinuxFactAttribute : FactAttribute
{
    public LinuxFactAttribute(params string[] programs) =>
        Skip = OperatingSystem.IsLinux() ? Requirements.MissingProgram(programs) : "needs Linux";
}

/// <summary>A test of what root is not refused.</summary>
internal sealed class NotRootFactAttribute : FactAttribute
{
    public NotRootFactAttribute() => Skip = !OperatingSystem.IsLinux() ? "needs Linux" : Requirements.IsRoot ? "needs a user other than root" : null;
}

/// <summary>A test of what only root may do.</summary>
internal sealed class RootFactAttribute : FactAttribute
{
    public RootFactAttribute()
    {
        if (!Environment.IsPrivilegedProcess) Skip = "needs root";
    }
}
