using System.Diagnostics;

namespace ProdOps.Servers.Tests.TestTools;

/// <summary>Runs a program of the system to its end.</summary>
internal static class Tool
{
    /// <summary>Whether a program is installed.</summary>
    public static bool IsInstalled(string name) => Find(name) is not null;

    public static string? Find(string name) => (Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin:/sbin:/usr/bin").Split(':')
        .Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <summary>Sets a file's permissions.</summary>
    public static void SetMode(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, mode);
    }

    public static ToolResult Run(string program, params IEnumerable<string> arguments) => Run(program, arguments, null);

    public static ToolResult Run(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment)
    {
        var start = new ProcessStartInfo(Find(program) ?? program) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>()) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new(process.ExitCode, output, error.GetAwaiter().GetResult());
    }

    /// <summary>Runs it and fails the test where it fails.</summary>
    public static string Succeed(string program, params IEnumerable<string> arguments)
    {
        var result = Run(program, arguments);
        return result.ExitCode == 0 ? result.Output : throw new InvalidOperationException($"{program} ended with {result.ExitCode}: {result.Error}");
    }
}

/// <summary>How a program ended and what it wrote.</summary>
internal sealed record ToolResult(int ExitCode, string Output, string Error);
