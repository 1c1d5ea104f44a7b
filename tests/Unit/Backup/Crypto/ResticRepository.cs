using System.Diagnostics;

namespace ProdOps.Backup.Tests.Crypto;

/// <summary>A repository made by the machine's restic, for what only restic can prove.</summary>
internal sealed class ResticRepository : IDisposable
{
    public ResticRepository(string password)
    {
        Restic(password, "init");
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("prodops-restic-").FullName;

    public string Restic(string password, params string[] arguments)
    {
        var start = new ProcessStartInfo("restic", ["--repo", Folder, "--no-cache", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["RESTIC_PASSWORD"] = password;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, error.Result);
        return output;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
