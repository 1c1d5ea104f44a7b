using System.Diagnostics;
using System.Text;

namespace ProdOps.Lab.Tests;

/// <summary>Runs <c>fleet.sh</c>, each verb within a time-out: a machine that hangs fails a test and never the run.</summary>
internal static class FleetScript
{
    private static readonly string Path = System.IO.Path.Combine(Built.Root, "tests", "Lab", "fleet.sh");
    private static readonly Lazy<string?> Reason = new(Check);

    /// <summary>Why no fleet can stand here; <see langword="null"/> where one can.</summary>
    public static string? Missing => Reason.Value;

    /// <summary>This run's fleet: another run has its own.</summary>
    public static string Name { get; } = $"tests-{Environment.ProcessId}";

    /// <summary>Starts a verb. The script takes the fleet away in the next run should this process be killed.</summary>
    public static Process Start(params IEnumerable<string> arguments) => Start(Name, Environment.ProcessId, arguments);

    /// <summary>Starts a verb on another fleet, or for another owner.</summary>
    public static Process Start(string fleet, int owner, params IEnumerable<string> arguments)
    {
        // Whoever runs the tests in the background may have made this process ignore SIGINT, which children inherit, hosts included.
        var start = new ProcessStartInfo("env", ["--default-signal=INT,TERM,HUP", "bash", Path, .. arguments])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, StandardInputEncoding = new UTF8Encoding(false),
        };
        start.Environment["LAB_FLEET"] = fleet;
        start.Environment["LAB_OWNER"] = owner.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return Process.Start(start)!;
    }

    /// <summary>Runs a verb to its end.</summary>
    /// <exception cref="TimeoutException">It did not end in time, and was ended.</exception>
    public static async Task<Result> RunAsync(TimeSpan limit, string? input, params IEnumerable<string> arguments)
    {
        using var process = Start(arguments);
        using var timeout = new CancellationTokenSource(limit);
        var output = process.StandardOutput.ReadToEndAsync(timeout.Token);
        var error = process.StandardError.ReadToEndAsync(timeout.Token);
        try
        {
            if (input is not null) await process.StandardInput.WriteAsync(input.AsMemory(), timeout.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(timeout.Token);
            return new Result(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"fleet.sh {string.Join(' ', arguments)} has not ended within {limit.TotalSeconds:0} s.");
        }
    }

    private static string? Check()
    {
        if (!OperatingSystem.IsLinux()) return "no lab here: it is made of Linux containers";
        var result = RunAsync(TimeSpan.FromSeconds(60), null, "check").GetAwaiter().GetResult();
        return result.ExitCode switch
        {
            0 => null,
            77 => result.Output.Trim(),
            _ => throw new InvalidOperationException($"fleet.sh check: exit code {result.ExitCode}: {result.Error}"),
        };
    }

    internal sealed record Result(int ExitCode, string Output, string Error);
}
