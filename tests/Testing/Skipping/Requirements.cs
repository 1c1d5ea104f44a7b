namespace ProdOps.Testing;

/// <summary>What this machine has; a test that needs more is skipped and says why.</summary>
internal static class Requirements
{
    public static bool IsRoot { get; } = OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess;

    public static string? Unix => OperatingSystem.IsWindows() ? "needs a Unix" : null;

    public static string? Linux => OperatingSystem.IsLinux() ? null : "needs Linux";

    public static string? Root => IsRoot ? null : "needs root on Linux";

    public static string? Full => Environment.GetEnvironmentVariable("PRODOPS_FULL_TESTS") == "1" ? null : "takes minutes: PRODOPS_FULL_TESTS=1 runs it";

    /// <summary>The first of them that is not there. One with a slash in it is a path, any other is looked for in the PATH and where only root's has it.</summary>
    public static string? Missing(params string[] programs) =>
        Array.Find(programs, program => !IsThere(program)) is { } missing ? $"needs {missing}" : null;

    private static bool IsThere(string program) => program.Contains('/')
        ? File.Exists(program)
        : $"{Environment.GetEnvironmentVariable("PATH")}{Path.PathSeparator}/usr/sbin{Path.PathSeparator}/sbin".Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));
}
