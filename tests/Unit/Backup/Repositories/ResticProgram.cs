using System.Diagnostics;
using System.Text;

namespace ProdOps.Backup.Tests.Repositories;

/// <summary>The real restic, on one repository.</summary>
internal sealed record ResticProgram(string Repository)
{
    /// <summary>Environment variables it runs with, beside ours.</summary>
    public Dictionary<string, string> Variables { get; init; } = [];

    public static bool Available { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(folder => folder.Length > 0 && File.Exists(Path.Combine(folder, "restic")));

    /// <summary>Which restic it is: "restic 0.14.0 compiled with …".</summary>
    public Version Version => Version.Parse(Run("version").Split(' ')[1].Split('-')[0]);

    /// <summary>Runs a command that must succeed and returns its output.</summary>
    public string Run(params string[] arguments)
    {
        var (exitCode, output, errors) = TryRun(arguments);
        Assert.True(exitCode == 0, $"restic {string.Join(' ', arguments)} ended with {exitCode}:\n{errors}\n{output}");
        return output;
    }

    public (int ExitCode, string Output, string Errors) TryRun(params string[] arguments)
    {
        var start = new ProcessStartInfo("restic", ["--no-cache", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["RESTIC_REPOSITORY"] = Repository;
        start.Environment["RESTIC_PASSWORD"] = Encoding.UTF8.GetString(TestRepository.Password);
        foreach (var (name, value) in Variables) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }
}

/// <summary>A test that needs restic on the PATH.</summary>
internal sealed class ResticFactAttribute : FactAttribute
{
    public ResticFactAttribute()
    {
        if (!ResticProgram.Available) Skip = "Needs restic on the PATH.";
    }
}

/// <summary>A theory that needs restic on the PATH.</summary>
internal sealed class ResticTheoryAttribute : TheoryAttribute
{
    public ResticTheoryAttribute()
    {
        if (!ResticProgram.Available) Skip = "Needs restic on the PATH.";
    }
}
