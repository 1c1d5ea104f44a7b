using System.Diagnostics;
using ProdOps.Backup.Tests.Storage;

namespace ProdOps.Recovery.Tests.Execution;

/// <summary>An environment about this machine with a plan of web1, in a folder of its own, and the built prodops to work with it: <c>{0}</c> stands for the folder.</summary>
internal sealed class PlanFolder : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public PlanFolder(string environment)
    {
        Directory.CreateDirectory(_folder["plans"]);
        File.WriteAllText(_folder["environment.psd1"], environment.Replace("{0}", _folder.Path, StringComparison.Ordinal));
    }

    public string this[string name] => _folder[name];

    public void WritePlan(string steps) => File.WriteAllText(_folder["plans/web1.recovery.psd1"], $"@{{ Server = 'web1'; Steps = @(\n{steps.Replace("{0}", _folder.Path, StringComparison.Ordinal)}\n) }}");

    /// <summary>A file that only its owner may read.</summary>
    public void WriteSecret(string name, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new FileStream(_folder[name], options);
        file.Write(System.Text.Encoding.UTF8.GetBytes(text));
    }

    /// <summary>What the script writes.</summary>
    public async Task<string> RunAsync(string command)
    {
        using var process = Start(command);
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return output.Trim();
    }

    public Process Start(string command)
    {
        // Whoever runs the tests in the background may have made this process ignore SIGINT, which children inherit.
        string[] call = OperatingSystem.IsLinux() ? ["env", "--default-signal=INT", Built.Host] : [Built.Host];
        var start = new ProcessStartInfo(call[0], [.. call[1..], "-NoProfile", "-NonInteractive", "-Command", command]) { WorkingDirectory = _folder.Path, RedirectStandardOutput = true };
        start.Environment.Remove("PSModulePath");
        start.Environment["PRODOPS_MODULE"] = Built.Module;
        start.Environment["XDG_DATA_HOME"] = _folder["data"];
        start.Environment["XDG_CACHE_HOME"] = _folder["cache"];
        start.Environment["PRODOPS_EVIDENCE_STORE"] = _folder["evidence"];
        // Whoever else runs this test on this machine at the same time has locks of its own.
        start.Environment["PRODOPS_STATE"] = _folder["state"];
        return Process.Start(start)!;
    }

    public void Dispose() => _folder.Dispose();
}
