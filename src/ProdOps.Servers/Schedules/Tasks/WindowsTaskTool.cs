using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text;
using ProdOps.Servers.Commands;

namespace ProdOps.Servers.Schedules.Tasks;

/// <summary>The Task Scheduler of this machine, by the programs that every Windows has.</summary>
[SupportedOSPlatform("windows")]
internal sealed class WindowsTaskTool(string server) : ITaskTool
{
    private const int MaximumOutput = 16 * 1024 * 1024;

    private static readonly string ScheduleTasks = Path.Join(Environment.SystemDirectory, "schtasks.exe");
    private static readonly string PowerShell = Path.Join(Environment.SystemDirectory, "WindowsPowerShell", "v1.0", "powershell.exe");

    public async Task<string> ListAsync(CancellationToken cancellationToken)
    {
        // Encoded, or its quotes would be taken apart on the way.
        string script = Convert.ToBase64String(Encoding.Unicode.GetBytes(TaskState.Probe));
        var (code, output, errors) = await RunAsync(PowerShell, ["-NoProfile", "-NonInteractive", "-EncodedCommand", script], cancellationToken).ConfigureAwait(false);
        return code == 0 ? output : throw ServersErrors.TaskSchedulerFailed(server, Say(code, errors));
    }

    public async Task<string?> CreateAsync(string path, string xml, CancellationToken cancellationToken)
    {
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, xml, Encoding.Unicode, cancellationToken).ConfigureAwait(false);
            return await ChangeAsync(["/Create", "/TN", path, "/XML", file, "/F"], cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            File.Delete(file);
        }
    }

    public Task<string?> DeleteAsync(string path, CancellationToken cancellationToken) => ChangeAsync(["/Delete", "/TN", path, "/F"], cancellationToken);

    private async Task<string?> ChangeAsync(string[] arguments, CancellationToken cancellationToken)
    {
        var (code, output, errors) = await RunAsync(ScheduleTasks, arguments, cancellationToken).ConfigureAwait(false);
        return code == 0 ? null : Say(code, errors.Length > 0 ? errors : output);
    }

    private async Task<(int Code, string Output, string Errors)> RunAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, StandardOutputEncoding = Encoding.UTF8, CreateNoWindow = true };
        Process? started;
        try
        {
            started = Process.Start(start);
        }
        catch (Win32Exception exception)
        {
            throw ServersErrors.TaskSchedulerFailed(server, exception.Message);
        }

        using var process = started!;
        try
        {
            process.StandardInput.Close();
            var errors = BoundedStream.ReadStartAsync(process.StandardError.BaseStream, cancellationToken);
            var bounded = new BoundedStream(process.StandardOutput.BaseStream, MaximumOutput, () => ServersErrors.OutputTooLarge(server, Path.GetFileName(program), MaximumOutput));
            string output = await new StreamReader(bounded, Encoding.UTF8).ReadToEndAsync(cancellationToken).ConfigureAwait(false);
            string said = await errors.ConfigureAwait(false);
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
            return (process.ExitCode, output, said);
        }
        catch
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static string Say(int code, string text) => PosixScheduler.OneLine(text, $"it ended with {code}");
}
