using ProdOps.Monitoring.Metrics;
using ProdOps.Monitoring.Probing;
using ProdOps.Monitoring.Probing.Report;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Monitoring.Tests.Probing;

/// <summary>The probe on this very machine, with each shell that servers have.</summary>
public sealed class HealthProbeTests
{
    private static readonly ProbeRequest Request = new() { Parts = ProbeParts.Services | ProbeParts.Slow, Units = ["ssh", "no such'; touch /nowhere/prodops; '$(false)"] };

    [Theory]
    [ProgramData("dash", "dash")]
    [ProgramData("bash", "bash")]
    [ProgramData("bash", "bash --posix -u")]
    [ProgramData("busybox", "busybox sh")]
    public void Every_shell_gives_an_answer_without_a_word_of_complaint(string shell)
    {
        if (!OperatingSystem.IsLinux()) return;
        var report = Run(shell, Request, null);
        IsThisMachine(report);
        Assert.NotNull(report.Time);
        Assert.InRange(Math.Abs((report.Time.Value.Moment - TimeProvider.System.GetUtcNow()).TotalHours), 0, 1);
        Assert.True(report.Processes.Count > 0 && report.Processes.Largest!.Count > 0 && report.Processes.Largest[0].Memory > 1 << 20);
        Assert.NotNull(report.Ports);
        Assert.NotNull(report.System.Kernel);
        Assert.NotNull(report.Clock!.BootTime);
        if (report.Units is { } units) Assert.All(units, unit => Assert.NotEqual("active", unit.Name.Contains("such", StringComparison.Ordinal) ? unit.ActiveState : null));
    }

    [LinuxFact("busybox")]
    public void BusyBoxs_own_tools_give_the_same_as_the_systems()
    {
        string folder = Directory.CreateTempSubdirectory("prodops-test-").FullName;
        try
        {
            string busybox = Tool.Find("busybox")!;
            foreach (string applet in (string[])["df", "grep", "sed", "date", "timeout", "cat", "uname", "id", "readlink"]) File.CreateSymbolicLink(Path.Join(folder, applet), busybox);
            var own = Run("busybox sh", Request, folder);
            IsThisMachine(own);
            var other = Run("busybox sh", Request, null);
            Assert.Equal(MountChoice.Of(other.Mounts!).Select(mount => (mount.Target, mount.Source, mount.Size)).Where(mount => mount.Target is "/" or "/dev/shm"),
                MountChoice.Of(own.Mounts!).Select(mount => (mount.Target, mount.Source, mount.Size)).Where(mount => mount.Target is "/" or "/dev/shm"));
            Assert.Equal(other.Disks!.Select(disk => disk.Name), own.Disks!.Select(disk => disk.Name));
            Assert.Equal(other.Memory.Total, own.Memory.Total);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [RootFact("setpriv")]
    public void A_user_without_any_rights_gets_all_but_what_is_roots()
    {
        var report = Run("setpriv --reuid 65534 --regid 65534 --clear-groups sh", Request, null);
        IsThisMachine(report);
        Assert.Null(report.Processes.Outdated);
        Assert.NotNull(report.Processes.ByState);
    }

    [LinuxFact]
    public async Task Two_answers_over_a_servers_shell_give_rates()
    {
        var shell = new LocalShell("localhost");
        var request = new ProbeRequest();
        var first = await AskAsync();
        ProbeReport second;
        do
        {
            await Task.Delay(100);
            second = await AskAsync();
        }
        while (second.Uptime - first.Uptime < ProbeMeasurements.MinimumInterval);

        var values = ProbeMeasurements.Of(second, first).ToLookup(value => value.Metric);
        Assert.All((string[])["cpu.busy", "cpu.busiest", "memory.available", "load.1"], metric => Assert.InRange(values[metric].Single().Value, 0, 10_000));
        Assert.Contains(values["disk.used"], value => value.Instance == "/" && value.Value is > 0 and <= 100);

        async Task<ProbeReport> AskAsync()
        {
            var output = await shell.RunAsync(HealthProbe.Command(request), HealthProbe.RunOptions, CancellationToken.None);
            return ProbeParser.Parse("localhost", request, output.EnsureSuccess().Text);
        }
    }

    [Fact]
    public void A_nonce_is_letters_and_digits()
    {
        Assert.Throws<ArgumentException>(() => HealthProbe.Command(new ProbeRequest { Nonce = "a b" }));
        Assert.Throws<ArgumentException>(() => HealthProbe.Command(new ProbeRequest { Nonce = "" }));
        Assert.NotEqual(ProbeRequest.NewNonce(), new ProbeRequest().Nonce);
    }

    private static void IsThisMachine(ProbeReport report)
    {
        Assert.Equal(File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim(), report.BootId);
        Assert.InRange(report.Uptime!.Value, 1, Environment.TickCount64 / 1000.0 + 1e7);
        Assert.Contains($" {report.Memory.Total / 1024} kB\nMemFree:", File.ReadAllText("/proc/meminfo"));
        var root = report.Mounts!.Single(mount => mount.Target == "/");
        Assert.Equal((ulong)new DriveInfo("/").TotalSize, root.Size);
        Assert.NotNull(root.Type);
        Assert.NotNull(report.Load);
        Assert.NotNull(report.Cpu.Total);
        Assert.Contains(report.Interfaces!, device => device.Name == "lo");
    }

    private static ProbeReport Run(string shell, ProbeRequest request, string? toolsFirst)
    {
        string[] words = shell.Split(' ');
        var environment = toolsFirst is null ? null : new Dictionary<string, string?> { ["PATH"] = $"{toolsFirst}:{Environment.GetEnvironmentVariable("PATH")}" };
        var result = Tool.Run(words[0], [.. words.Skip(1), "-c", HealthProbe.Command(request).Text], environment);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        return ProbeParser.Parse("localhost", request, result.Output);
    }
}
