using System.Diagnostics;

namespace ProdOps.Testing;

/// <summary>Runs the built <c>prodops</c> as a process of its own.</summary>
internal static class HostProcess
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public static Result Run(params string[] arguments) => Run(arguments, input: null);

    public static Result Run(string[] arguments, string? input = null, string? module = null)
    {
        using var process = Start(arguments, module);
        if (input is not null) process.StandardInput.Write(input);
        process.StandardInput.Close();
        return Wait(process);
    }

    public static Process Start(string[] arguments, string? module = null)
    {
        // Whoever runs the tests in the background may have made this process ignore SIGINT, which children inherit.
        var start = new ProcessStartInfo(
            OperatingSystem.IsLinux() ? "env" : Built.Host, OperatingSystem.IsLinux() ? ["--default-signal=INT,TERM,HUP", Built.Host, .. arguments] : arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        // What the test run itself sets must not decide what the child finds.
        start.Environment.Remove("PSModulePath");
        start.Environment["PRODOPS_MODULE"] = module ?? Built.Module;
        start.Environment[TestEvidence.Variable] = TestEvidence.Folder;
        return Process.Start(start)!;
    }

    public static Result Wait(Process process)
    {
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Limit))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException("prodops did not end.");
        }

        return new Result(process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }

    internal sealed record Result(int ExitCode, string Output, string Error);
}
