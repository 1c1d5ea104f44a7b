using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace ProdOps.Lab.Tests.Schedules;

/// <summary>
/// A host that has the built module and the prodops command itself, so that its cmdlets work on "this machine". What runs schedules there
/// is a pwsh of a few lines of shell: it keeps its arguments as they came and runs the command as shell text.
/// </summary>
internal sealed class ScheduleHostSetup(LabHost host)
{
    private static readonly HashSet<string> Ready = [];

    public LabHost Host => host;

    public static async Task<ScheduleHostSetup> UpAsync(Fleet fleet, string name)
    {
        var setup = new ScheduleHostSetup(await fleet.UpAsync(name));
        if (Ready.Add(name)) await setup.InstallAsync();
        return setup;
    }

    /// <summary>Runs cmdlets as root; with <paramref name="hideSystemd"/> in a place where systemd is not to be seen, while cron runs as ever.</summary>
    public Task<string> CmdletAsync(string script, bool hideSystemd = false, string? user = null)
    {
        string command = $"timeout 90 prodops -OutputFormat Json -Command '{script.Replace("'", "'\\''", StringComparison.Ordinal)}'";
        if (user is not null) command = $"runuser -u {user} -- env HOME=/home/{user} {command}";
        if (hideSystemd) command = $"unshare -m sh -c '{($"mount -t tmpfs none /run/systemd; {command}").Replace("'", "'\\''", StringComparison.Ordinal)}'";
        return host.RunAsync($"cd /; {command}");
    }

    /// <summary>Likewise; the one object that they emit.</summary>
    public async Task<JsonElement> ObjectAsync(string script, bool hideSystemd = false, string? user = null)
    {
        string output = await CmdletAsync(script, hideSystemd, user);
        return JsonDocument.Parse(output.Split('\n').Single(line => line.StartsWith('{'))).RootElement;
    }

    /// <summary>Waits in the host until a condition of its shell holds.</summary>
    public Task WaitAsync(string condition, int seconds) => host.RunAsync($"timeout {seconds} sh -c 'until {condition}; do sleep 0.2; done'");

    private async Task InstallAsync()
    {
        string runtime = Path.TrimEndingDirectorySeparator(RuntimeEnvironment.GetRuntimeDirectory());
        string root = Path.GetFullPath(Path.Combine(runtime, "..", "..", ".."));
        await CopyAsync(root, "/opt/dotnet", "host", Path.GetRelativePath(root, runtime));
        await CopyAsync(Path.GetDirectoryName(Built.Module)!, "/opt/prodops", Path.GetFileName(Built.Module));
        await CopyAsync(Path.GetDirectoryName(Built.Host)!, "/opt/prodops/host", ".");
        await host.RunAsync("""
            printf '#!/bin/sh\nexport DOTNET_ROOT=/opt/dotnet DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 PRODOPS_MODULE=/opt/prodops/ProdOps\nexec /opt/prodops/host/prodops "$@"\n' >/usr/local/bin/prodops
            printf '#!/bin/sh\nprintf "%%s\\000" "$@" >"/tmp/arguments-$$"\nmv "/tmp/arguments-$$" /tmp/arguments\neval "$4"\n' >/usr/local/bin/pwsh
            chmod 755 /usr/local/bin/prodops /usr/local/bin/pwsh
            """);
    }

    private async Task CopyAsync(string from, string to, params string[] what)
    {
        using var pack = Process.Start(new ProcessStartInfo("tar", ["-C", from, "-c", .. what]) { RedirectStandardOutput = true })!;
        using var unpack = FleetScript.Start("run", host.Name, "sh", "-c", $"mkdir -p {to} && tar -C {to} -x");
        await pack.StandardOutput.BaseStream.CopyToAsync(unpack.StandardInput.BaseStream);
        unpack.StandardInput.Close();
        await unpack.WaitForExitAsync();
        Assert.Equal(0, unpack.ExitCode);
    }
}
