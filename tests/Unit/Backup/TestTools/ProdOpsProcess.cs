using System.Diagnostics;
using System.Reflection;
using System.Text;
using ProdOps.Backup.Tests.Repositories;

namespace ProdOps.Backup.Tests.TestTools;

/// <summary>The real <c>prodops</c> command with the built module, as a process of its own.</summary>
internal sealed class ProdOpsProcess : IDisposable
{
    private static readonly string Root = Metadata("RepositoryRoot");

    private static readonly string Program = Path.Combine(
        Root, "src", "ProdOps.Host", "bin", Metadata("Configuration"), "net10.0", OperatingSystem.IsWindows() ? "prodops.exe" : "prodops");

    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _errors;

    private ProdOpsProcess(string repository, string command, (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo(Program, ["-Command", command]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["RESTIC_REPOSITORY"] = repository;
        start.Environment["RESTIC_PASSWORD"] = Encoding.UTF8.GetString(TestRepository.Password);
        start.Environment["PRODOPS_MODULE"] = Path.Combine(Root, "artifacts", "ProdOps");
        foreach (var (name, value) in variables) start.Environment[name] = value;
        _process = Process.Start(start)!;
        _output = _process.StandardOutput.ReadToEndAsync();
        _errors = _process.StandardError.ReadToEndAsync();
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <param name="repository">The repository's folder.</param>
    /// <param name="command">What to run.</param>
    /// <param name="variables">Of its environment.</param>
    public static ProdOpsProcess Start(string repository, string command, params (string Name, string Value)[] variables) => new(repository, command, variables);

    /// <summary>Waits for the first file that the process writes into one of these folders.</summary>
    public async Task FirstWriteAsync(params string[] folders)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var before = Names();
        while (!HasExited && Names().IsSubsetOf(before)) await Task.Delay(1, timeout.Token);

        HashSet<string> Names() => [.. folders.Where(Directory.Exists).SelectMany(Directory.GetFiles)];
    }

    public void Kill() => _process.Kill();

    /// <summary>Waits for the end. By then the process is reaped, so that its number is known to be dead.</summary>
    public async Task<(int ExitCode, string Output, string Errors)> EndAsync()
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await _process.WaitForExitAsync(timeout.Token);
        return (_process.ExitCode, await _output, await _errors);
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }

    private static string Metadata(string key) =>
        typeof(ProdOpsProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;
}
