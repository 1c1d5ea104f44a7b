using System.Diagnostics;

namespace ProdOps.Backup.Tests.FileSystem;

/// <summary>Runs a bash script: the shortest way to files that .NET cannot name.</summary>
internal static class Shell
{
    /// <summary>Runs the script in a folder and returns what it wrote; a script that fails (they run under -eu) fails the test.</summary>
    public static byte[] Run(string folder, string script, params (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo("bash", ["-eu", "-c", script])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in variables) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        using var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"exit {process.ExitCode}: {errors.Result}");
        return output.ToArray();
    }

    public static string RunText(string folder, string script, params (string Name, string Value)[] variables) =>
        System.Text.Encoding.UTF8.GetString(Run(folder, script, variables));
}
