using ProdOps.Backup.Tests.Storage;
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

    /// <summary>Shells that tests/run.sh unpacks. What does not change from one second to the next is the same, whoever asks.</summary>
    [Theory]
    [InlineData("usr/bin/yash")]
    [InlineData("usr/bin/yash --posixly-correct")]
    [InlineData("usr/bin/posh")]
    [InlineData("bin/mksh")]
    [InlineData("bin/lksh")]
    [InlineData("bin/ksh93")]
    [InlineData("bin/zsh --emulate sh")]
    public void Rarer_shells_say_the_same_as_the_systems_own(string shell)
    {
        string path = Path.Join(Built.Root, "artifacts/tools/shells", shell.Split(' ')[0]);
        if (!OperatingSystem.IsLinux() || !File.Exists(path)) return;
        AssertSame(Run("sh", Request, null), Run($"{path} {string.Join(' ', shell.Split(' ').Skip(1))}".TrimEnd(), Request, null));
    }

    /// <summary>In these languages a number's point is a comma, or its digits are others: the probe asks for none of that.</summary>
    [Theory]
    [InlineData("de_DE")]
    [InlineData("ja_JP")]
    [InlineData("fa_IR")]
    public void The_language_of_the_login_changes_nothing(string language)
    {
        string sources = Path.Join(Built.Root, "artifacts/tools/locales/usr/share/i18n");
        if (!OperatingSystem.IsLinux() || !Directory.Exists(sources) || !Tool.IsInstalled("bash") || !Tool.IsInstalled("localedef")) return;
        using var folder = new TemporaryFolder();
        string name = $"{language}.utf8";
        Tool.Run("localedef", ["--no-archive", "-c", "-i", language, "-f", "UTF-8", folder[name]], new Dictionary<string, string?> { ["I18NPATH"] = sources });
        var environment = new Dictionary<string, string?> { ["LOCPATH"] = folder.Path, ["LC_ALL"] = name, ["LANG"] = name, ["LANGUAGE"] = language[..2] };
        // The language is there: bash writes the time with its own point.
        if (language == "de_DE") Assert.Contains(',', Tool.Run("bash", ["-c", "echo $EPOCHREALTIME"], environment).Output);
        var result = Tool.Run("bash", ["-c", HealthProbe.Command(Request).Text], environment);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        AssertSame(Run("sh", Request, null), ProbeParser.Parse("localhost", Request, result.Output));
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

    /// <summary>ext4 is told to have met an error (sysfs-fs-ext4, trigger_fs_error): since Linux 6.13 that changes neither ro nor rw among its options.</summary>
    [RootFact("mkfs.ext4")]
    public void A_file_system_that_the_kernel_gave_up_is_told_from_one_that_was_mounted_so()
    {
        using var folder = new TemporaryFolder();
        string image = folder["image"], at = folder["at"];
        Directory.CreateDirectory(at);
        using (var file = File.Create(image)) file.SetLength(16 << 20);
        Tool.Succeed("mkfs.ext4", "-q", image);
        const string Script = """
            # By another name: loop devices are images that somebody mounted, and left out.
            loop=$(losetup -f --show "$1" 2>/dev/null) && rm -f "$5" && mknod "$5" b $(stat -c '0x%t 0x%T' "$loop") || exit 77
            mount -o errors=remount-ro "$5" "$2" 2>/dev/null; mounted=$?
            losetup -d "$loop"
            [ $mounted = 0 ] || exit 77
            if [ "$3" = error ]; then echo lab >"/sys/fs/ext4/${loop#/dev/}/trigger_fs_error" || exit 77; else mount -o remount,ro "$2" || exit 77; fi
            for wait in 1 2 3 4 5 6 7 8 9; do touch "$2/x" 2>/dev/null && sleep 0.2; done
            grep -q emergency_ro /proc/mounts || [ "$3" != error ] || exit 77
            exec sh -c "$4"
            """;
        Assert.Equal([1.0, 0.0], ((string[])["error", "remount"]).Select(Look));

        double Look(string how)
        {
            var result = Tool.Run("unshare", "-m", "sh", "-c", Script, "sh", image, at, how, HealthProbe.Command(Request).Text, folder["disk"]);
            // No loop device, no leave, or another kernel.
            if (result.ExitCode == 77) return how == "error" ? 1 : 0;
            var report = ProbeParser.Parse("localhost", Request, result.Output);
            Assert.True(report.Mounts!.Single(mount => mount.Target == at).ReadOnly);
            return ProbeMeasurements.Of(report with { Mounts = [.. report.Mounts!.Where(mount => mount.Target == at).Select(mount => mount with { Target = "/srv/lab" })] }).Single(value => value.Metric == "disk.readonly").Value;
        }
    }

    private static void AssertSame(ProbeReport expected, ProbeReport actual)
    {
        IsThisMachine(actual);
        Assert.Equal(expected.Memory.SwapTotal, actual.Memory.SwapTotal);
        Assert.Equal(expected.Cpu.Cores.Count, actual.Cpu.Cores.Count);
        Assert.Equal(expected.Disks!.Select(disk => disk.Name), actual.Disks!.Select(disk => disk.Name));
        Assert.Equal(Roots(expected), Roots(actual));
        Assert.Equal((expected.System.Kernel, expected.System.RebootRequired), (actual.System.Kernel, actual.System.RebootRequired));
        Assert.Equal(expected.Clock!.TimeZone, actual.Clock!.TimeZone);
        Assert.Equal(expected.Units?.Select(unit => (unit.Name, unit.ActiveState)), actual.Units?.Select(unit => (unit.Name, unit.ActiveState)));
        Assert.Equal(expected.Tables.MaximumFiles, actual.Tables.MaximumFiles);
        Assert.NotNull(actual.Time);
        Assert.NotNull(actual.Ports);
        Assert.NotNull(actual.Processes.ByState);
        Assert.InRange(Math.Abs(actual.Uptime!.Value - expected.Uptime!.Value), 0, 600);

        // Others mount and unmount on this machine.
        static IEnumerable<object> Roots(ProbeReport report) => report.Mounts!.Where(mount => mount.Target is "/" or "/dev/shm").Select(mount => (object)(mount.Target, mount.Source, mount.Type, mount.Size, mount.Inodes));
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
