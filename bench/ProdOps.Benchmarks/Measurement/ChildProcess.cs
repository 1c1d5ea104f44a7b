using System.Diagnostics;
using System.Globalization;

namespace ProdOps.Benchmarks.Measurement;

internal sealed record ChildCommand(string Program, IReadOnlyList<string> Arguments)
{
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    public string WorkingFolder { get; init; } = "/";
}

internal static class ChildProcess
{
    private const string TimeProgram = "/usr/bin/time";

    /// <summary>
    /// Runs under GNU time, whose wait4 gives the processor time of the whole tree and the largest resident set in it. A child
    /// forked straight from .NET would inherit this process's own peak as its first value.
    /// </summary>
    public static async Task<Measured> MeasureAsync(ChildCommand command, CancellationToken cancellationToken)
    {
        string report = Path.GetTempFileName();
        try
        {
            var timed = command with { Program = TimeProgram, Arguments = ["-q", "-o", report, "-f", "%U %S %M", "--", command.Program, .. command.Arguments] };
            var before = CpuClock.Read();
            long start = Stopwatch.GetTimestamp();
            var (exitCode, output) = await RunAsync(timed, cancellationToken);
            double wall = Stopwatch.GetElapsedTime(start).TotalSeconds;
            var after = CpuClock.Read();
            var fields = (await File.ReadAllLinesAsync(report, cancellationToken))[^1].Split(' ');
            double user = double.Parse(fields[0], CultureInfo.InvariantCulture);
            double foreign = Math.Max(0, after.User - before.User - user);
            return new Measured(
                wall, user, double.Parse(fields[1], CultureInfo.InvariantCulture), long.Parse(fields[2], CultureInfo.InvariantCulture),
                foreign, after.Stolen - before.Stolen, exitCode, output);
        }
        finally
        {
            File.Delete(report);
        }
    }

    /// <summary>Runs what must succeed for measuring to go on: mkfs, mount.</summary>
    public static async Task RequireAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        var (exitCode, output) = await RunAsync(new ChildCommand(program, arguments), cancellationToken);
        if (exitCode != 0)
            throw new UsageException($"{program} {string.Join(' ', arguments)} ended with {exitCode}: {output}");
    }

    public static async Task<(int ExitCode, string Output)> RunAsync(ChildCommand command, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(command.Program, command.Arguments)
        {
            WorkingDirectory = command.WorkingFolder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in command.Environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var errors = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return (process.ExitCode, await errors + await output);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            throw;
        }
    }
}
