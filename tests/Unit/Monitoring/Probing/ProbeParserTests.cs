using System.Net;
using System.Text;
using ProdOps.Monitoring.Metrics;
using ProdOps.Monitoring.Probing.Report;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Monitoring.Tests.Probing;

public sealed class ProbeParserTests
{
    [Fact]
    public void Noise_around_the_marks_is_nothing_and_line_ends_of_a_terminal_are_taken()
    {
        string text = ProbeFixture.Text("debian12");
        var report = ProbeFixture.Parse("Welcome to web1!\n@kernel\nuptime:1 1\n@begin ffff\n@end ffff\npart begin 0123456789abcdef" + text.ReplaceLineEndings("\r\n") + "@end 0123456789abcdef\nbye\n@kernel\nuptime:2 2");
        var plain = ProbeFixture.Read("debian12");
        Assert.NotNull(plain.Uptime);
        Assert.Equal((plain.Uptime, plain.BootId, plain.Mounts?.Count, plain.System.Name), (report.Uptime, report.BootId, report.Mounts?.Count, report.System.Name));
    }

    [Fact]
    public void An_answer_that_breaks_off_anywhere_is_refused_as_a_whole()
    {
        string text = ProbeFixture.Text("debian12").TrimEnd('\n');
        for (int length = 0; length < text.Length; length += 97)
        {
            var error = Assert.Throws<ProdOpsException>(() => ProbeFixture.Parse(text[..length]));
            Assert.Contains(error.ErrorId, (string[])["ProbeSilent", "ProbeTruncated"]);
            Assert.Equal((ErrorKind.InvalidData, "web1"), (error.Kind, error.Target));
        }

        // The mark itself without its line's end may be the beginning of something else.
        Assert.Equal("ProbeTruncated", Assert.Throws<ProdOpsException>(() => ProbeFixture.Parse(text)).ErrorId);
    }

    [Fact]
    public void What_a_server_says_instead_of_an_answer_is_shown_without_control_characters()
    {
        var error = Assert.Throws<ProdOpsException>(() => ProbeFixture.Parse("This account is\u001b[31m for file transfer only.\n"));
        Assert.Equal("Server 'web1' does not answer the probe, but with: This account is [31m for file transfer only.", error.Message);
    }

    [Fact]
    public void What_was_not_said_is_null_and_never_zero()
    {
        var report = ProbeFixture.Of("");
        Assert.Null(report.Uptime);
        Assert.Null(report.Load);
        Assert.Null(report.Cpu.Total);
        Assert.Equal(new MemoryReport(), report.Memory);
        Assert.Equal(new PressureReport(), report.Pressure);
        Assert.Equal(new SocketReport(), report.Sockets);
        Assert.Equal(new TableReport(), report.Tables);
        Assert.Null(report.Mounts);
        Assert.Null(report.Disks);
        Assert.Null(report.Interfaces);
        Assert.Null(report.Units);
        Assert.Null(report.FailedUnits);
        Assert.Null(report.Ports);
        Assert.Null(report.Processes.ByState);
        Assert.Null(report.System.RebootRequired);
        Assert.Null(report.Updates);
        Assert.Empty(ProdOps.Monitoring.Metrics.ProbeMeasurements.Of(report, report));
    }

    [Theory]
    [InlineData("uptime:-5 1")]
    [InlineData("uptime:NaN 1")]
    [InlineData("uptime:1e400 1")]
    [InlineData("uptime:∞")]
    [InlineData("uptime:0x10")]
    [InlineData("uptime:99999999999999999999999999999999999999999999")]
    [InlineData("loadavg:0.1 -0.2 0.3 1/2 3")]
    [InlineData("stat:cpu 1 2 3 4 5 6 7")]
    [InlineData("stat:cpu 1 2 3 18446744073709551616 5 6 7 8")]
    [InlineData("stat:cpu 1 2 -3 4 5 6 7 8")]
    [InlineData("meminfo:MemTotal: 18446744073709551615 kB")]
    [InlineData("meminfo:MemTotal: 100 MB")]
    [InlineData("meminfo:MemTotal: 1\0 kB")]
    [InlineData("vmstat:oom_kill +1")]
    [InlineData("pressure/cpu:some avg10=101.00 avg60=0 avg300=0 total=1")]
    [InlineData("pressure/cpu:some avg10=0.00 avg60=0")]
    [InlineData("sys/net/netfilter/nf_conntrack_count:\ufffd")]
    public void A_number_that_is_none_is_not_taken_for_one(string line)
    {
        var report = ProbeFixture.Of($"@kernel\n{line}");
        Assert.Equal((null, null, null), (report.Uptime, report.Load, report.Cpu.Total));
        Assert.Equal(new MemoryReport(), report.Memory);
        Assert.Equal(new PressureReport(), report.Pressure);
        Assert.Equal(new TableReport(), report.Tables);
    }

    [Fact]
    public void Units_are_told_by_their_blocks_and_what_is_not_accounted_for_is_unknown()
    {
        var report = ProbeFixture.Of("""
            @units
            Result=success
            NRestarts=3
            MemoryCurrent=[not set]
            CPUUsageNSec=18446744073709551615
            Id=ssh.service
            Names=ssh.service sshd.service
            LoadState=loaded
            ActiveState=active
            SubState=running
            ActiveEnterTimestampMonotonic=5000000

            Id=none.service
            LoadState=not-found
            ActiveState=inactive
            ActiveEnterTimestampMonotonic=0

            @= 1
            @failed
            ● shop.service loaded failed failed The shop
            a@b.service    loaded failed failed x

            @= 0
            """, "sshd", "none");
        Assert.Equal(["ssh.service", "none.service"], report.Units!.Select(unit => unit.Name));
        var unit = report.Units![0];
        Assert.Equal(("active", "running", "success", 3ul, null, null, 5.0), (unit.ActiveState, unit.SubState, unit.Result, unit.Restarts, unit.Memory, unit.CpuTime, unit.ActiveSince));
        Assert.Equal(["ssh.service", "sshd.service"], unit.Names);
        Assert.Null(report.Units![1].ActiveSince);
        Assert.Equal(("ssh.service", "ssh.service", "none.service", null), (report.FindUnit("sshd")?.Name, report.FindUnit("ssh.service")?.Name, report.FindUnit("none")?.Name, report.FindUnit("shop")?.Name));
        Assert.Equal(["shop.service", "a@b.service"], report.FailedUnits!);
        Assert.Empty(ProbeFixture.Of("@failed\n\n@= 0").FailedUnits!);
        // Not to be asked is not the same as to have none.
        Assert.Null(ProbeFixture.Of("@failed\n\n@= 1").FailedUnits);
        Assert.Null(ProbeFixture.Of("@failed\na.service loaded failed failed x").FailedUnits);
    }

    [Fact]
    public void Without_systemd_the_scripts_speak_for_services()
    {
        var report = ProbeFixture.Of("@services\nrunning nginx\nstopped cron\nmissing x\nunknown y\n\n@= 0", "nginx", "cron", "x", "y");
        Assert.Equal(["active", "inactive", "inactive", null], report.Units!.Select(unit => unit.ActiveState));
    }

    [Fact]
    public void Ports_are_the_same_from_ss_and_from_the_kernel()
    {
        var tool = ProbeFixture.Of("""
            @ports
            Netid State  Recv-Q Send-Q      Local Address:Port Peer Address:PortProcess
            udp   UNCONN 0      0      127.0.0.53%lo:53          0.0.0.0:*
            udp   UNCONN 0      0       [fe80::1]%eth0:546         [::]:*
            tcp   LISTEN 3      128           0.0.0.0:22         0.0.0.0:*
            tcp   LISTEN 0      511                 *:8080             *:*
            tcp   ESTAB  0      0            10.0.0.1:22        10.0.0.2:999

            @= 0
            """).Ports!;
        Assert.Equal(["53", "546", "22", "8080"], tool.Select(port => $"{port.Port}"));
        Assert.Equal(new ListeningPort(true, null, 22) { Waiting = 3, WaitingLimit = 128 }, tool[2]);
        Assert.Equal(new ListeningPort(false, IPAddress.Parse("fe80::1"), 546), tool[1]);
        var kernel = ProbeFixture.Of("""
            @sockets
            net/tcp:   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1
            net/tcp:   1: 0100007F:1F90 0100007F:1F91 01 00000000:00000000 00:00000000 00000000     0        0 1 1
            net/tcp6:   0: 00000000000000000000000001000000:0016 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0
            net/udp:  10: 00000000:0044 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 1 2
            net/tcp:  2: 0100007F:00000 00000000:0000 0A
            """).Ports!;
        Assert.Equal([new ListeningPort(true, IPAddress.Loopback, 8080), new ListeningPort(true, IPAddress.IPv6Loopback, 22), new ListeningPort(false, null, 68)], kernel);
    }

    [Fact]
    public void A_file_system_is_read_only_for_a_reason_or_because_the_kernel_gave_up()
    {
        var report = ProbeFixture.Of("""
            @kernel
            /etc/fstab:# <file system> <mount point> <type> <options>
            /etc/fstab:UUID=1-2 / ext4 errors=remount-ro 0 1
            /etc/fstab:/dev/sdb1 /srv/with\040space xfs defaults 0 2
            /etc/fstab:/dev/sdc1 /mnt/image ext4 nofail,ro 0 0
            /etc/fstab:tmpfs /mnt/twice tmpfs rw
            /etc/fstab:tmpfs /mnt/twice tmpfs ro
            /etc/fstab: # /dev/sdd1 /mnt/other ext4 rw 0 0
            /etc/fstab:/dev/sdd2 /mnt/brief
            /etc/fstab:/dev/sda5 none swap sw 0 0
            mounts:/dev/sda1 / ext4 ro,relatime,errors=remount-ro 0 0
            mounts:/dev/sdb1 /srv/with\040space xfs rw,relatime 0 0
            mounts:/dev/sdc1 /mnt/image ext4 ro,relatime 0 0
            mounts:tmpfs /mnt/twice tmpfs ro 0 0
            mounts:/dev/sdd1 /mnt/other ext4 ro 0 0
            mounts:/dev/sdd2 /mnt/brief ext4 ro 0 0
            mounts:/dev/sde1 /mnt/given ext4 rw,relatime,errors=remount-ro,emergency_ro 0 0
            mounts:/dev/sdf1 /mnt/odd ext4 wo 0 0
            @df
                 100       50       50      -      -      - /
                 100       50       50      -      -      - /srv/with space
                 100       50       50      -      -      - /mnt/image
                 100       50       50      -      -      - /mnt/twice
                 100       50       50      -      -      - /mnt/other
                 100       50       50      -      -      - /mnt/brief
                 100       50       50      -      -      - /mnt/given
                 100       50       50      -      -      - /mnt/odd
            """);
        Assert.Equal([true, false, true, true, true, true, true, null], report.Mounts!.Select(mount => mount.ReadOnly));
        Assert.Equal(
            ["/ 1", "/srv/with space 0", "/mnt/image 0", "/mnt/twice 0", "/mnt/other 0", "/mnt/brief 0", "/mnt/given 1"],
            ProbeMeasurements.Of(report).Where(value => value.Metric == "disk.readonly").Select(value => $"{value.Instance} {value.Value}"));
    }

    [Theory]
    // Version 2: 400 MiB of which 300 are used, 60 of these by files that can be read again.
    [InlineData("memory.max:419430400|memory.current:314572800|memory.stat:anon 250000000|memory.stat:inactive_file 41943040|memory.stat:active_file 20971520|memory.stat:slab_reclaimable 0|memory.events:oom 9|memory.events:oom_kill 2", 400, 160, 2)]
    [InlineData("memory/memory.limit_in_bytes:419430400|memory/memory.usage_in_bytes:314572800|memory/memory.stat:total_inactive_file 41943040|memory/memory.stat:inactive_file 99|memory/memory.stat:total_active_file 20971520|memory/memory.oom_control:oom_kill_disable 0|memory/memory.oom_control:oom_kill 2", 400, 160, 2)]
    // No limit, or more than there is: what the machine has. Its processes that others killed are not the container's.
    [InlineData("memory.max:max|memory.current:314572800|memory.events:oom_kill 0", 1024, 512, 0)]
    [InlineData("memory/memory.limit_in_bytes:9223372036854771712|memory/memory.usage_in_bytes:314572800|memory/memory.oom_control:oom_kill 3", 1024, 512, 7)]
    // A machine that is emptier than the container's limit leaves it no more than it has.
    [InlineData("memory.max:1073741823|memory.current:0", 1023, 512, 7)]
    // What does not fit together is not believed.
    [InlineData("memory.max:419430400", 1024, 512, 7)]
    [InlineData("memory.max:419430400|memory.current:999999999999|memory.stat:inactive_file 18446744073709551615", 400, 0, 7)]
    [InlineData("memory.max:-1|memory.current:x|memory.events:oom_kill y", 1024, 512, 7)]
    public void A_container_has_the_memory_of_its_control_group(string group, int total, int available, int kills)
    {
        string lines = string.Join('\n', group.Split('|').Select(line => $"/sys/fs/cgroup/{line}"));
        var memory = ProbeFixture.Of($"@kernel\nmeminfo:MemTotal: 1048576 kB\nmeminfo:MemFree: 262144 kB\nmeminfo:MemAvailable: 524288 kB\nvmstat:oom_kill 7\n{lines}\n").Memory;
        Assert.Equal((total, available, kills), ((int)(memory.Total! >> 20), (int)(memory.Available! >> 20), (int)memory.OomKills!));
        Assert.True(memory.Free <= memory.Total);
    }

    [Fact]
    public void Names_are_what_they_are_and_never_speak_to_a_terminal()
    {
        var report = ProbeFixture.Of("""
            @kernel
            mounts:/dev/sdb1 /mnt/with\040space\134 ext4 ro,relatime 0 0
            mounts:/dev/sdb2 /mnt/two\012lines ext4 rw 0 0
            mounts:/dev/sda1 / ext4 rw 0 0
            mounts:/dev/sda2 / xfs rw 0 0
            @df
                 100       50       50      -      -      - /mnt/with space\
                 100       60       40      0      0      0 /mnt/two?lines
                 100       70       20     10      5      5 /
            @tasks
            7 S 1 100 a b) c
            8 S 1 200 evilESC[31m

            @= 0
            """.Replace("ESC", "\u001b"));
        Assert.Equal(["/mnt/with space\\", "/mnt/two?lines", "/"], report.Mounts!.Select(mount => mount.Target));
        Assert.Equal([true, false, false], report.Mounts!.Select(mount => mount.ReadOnly));
        Assert.Equal(("/dev/sda2", "xfs", 71680ul, 5ul), (report.Mounts![2].Source, report.Mounts![2].Type, report.Mounts![2].Used, report.Mounts![2].InodesUsed));
        Assert.All(report.Mounts!.Take(2), mount => Assert.Null(mount.Inodes));
        Assert.Equal(["evil?[31m", "a b) c"], report.Processes.Largest!.Select(process => process.Name));
        Assert.Null(report.Processes.Largest![0].Memory);
    }

    [Theory]
    [InlineData("6.1.0-18-amd64", "6.1.0-9-amd64 6.1.0-18-amd64", false)]
    [InlineData("6.1.0-9-amd64", "6.1.0-9-amd64 6.1.0-18-amd64", true)]
    [InlineData("5.14.0-362.8.1.el9_3.x86_64", "0-rescue-aa 5.14.0-362.8.1.el9_3.x86_64 5.14.0-427.el9.x86_64", true)]
    [InlineData("6.18.44-cloud", "6.1.0-9-amd64", null)]
    [InlineData("6.6.1-0-lts", "lts", null)]
    public void A_restart_is_due_where_a_newer_kernel_waits_and_unknown_where_the_kernel_came_from_elsewhere(string running, string installed, bool? due)
    {
        string sections = $"@release\n{running}\n@installed\n{installed.Replace(' ', '\n')}\n";
        Assert.Equal(due, ProbeFixture.Of(sections).System.RebootRequired);
        var asked = ProbeFixture.Of(sections + "@reboot\nrequired\nlibc6\n").System;
        Assert.Equal((true, "libc6"), (asked.RebootRequired, asked.RebootPackages.Single()));
    }

    [Fact]
    public void Updates_count_only_where_the_tool_came_to_its_end()
    {
        const string Lines = "2 upgraded, 1 newly installed, 0 to remove and 0 not upgraded.\nInst a [1] (2 Debian:12/stable [amd64])\nInst b [1] (2 Debian:12/stable, Debian-Security:12/stable-security [amd64]) []\nInst c (1 Debian-Security:12/stable-security [amd64])\n";
        var updates = ProbeFixture.Of($"@lists\n1795685730\n@apt\n{Lines}\n@= 0").Updates!;
        Assert.Equal((2, 1, "b", 1795685730), (updates.Pending, updates.Security, updates.SecurityPackages.Single(), updates.Fetched!.Value.ToUnixTimeSeconds()));
        Assert.Null(ProbeFixture.Of("@apt\nInst a [1] (2 x [amd64])\n\n@= 0").Updates);
        Assert.Null(ProbeFixture.Of("@apt\n2 upgraded, 0 newly\nInst a [1] (2 x [amd64])\n\n@= 0").Updates);
        Assert.Equal(2, ProbeFixture.Of("@dnf\nFEDORA-1 Important/Sec. a-1.x86_64\nFEDORA-2 Low/Sec. b-1.x86_64\n\n@= 0").Updates!.Security);
        var alma = ProbeFixture.Of("""
            @dnf
            Last metadata expiration check: 1:02:03 ago on Wed Jan  7 18:13:57 2026.
            ALSA-2025:1001 Moderate/Sec.  openssl-libs-1:3.5.1-4.el9_7.x86_64
            ALSA-2025:1002 Important/Sec. openssl-libs-1:3.5.1-7.el9_7.x86_64
            ALSA-2025:1003 Critical/Sec.  kernel-core-5.14.0-611.16.1.el9_7.x86_64
            ALSA-2025:1004 Unknown/Sec.   go-srpm-macros-3.6.0-12.el9_7.noarch

            @= 0
            """).Updates!;
        Assert.Equal((3, "go-srpm-macros, kernel-core, openssl-libs"), (alma.Security, string.Join(", ", alma.SecurityPackages)));
        Assert.Equal(["podman"], ProbeFixture.Of("@dnf\nName Type Severity Package Issued\nFEDORA-2026-1a security Important podman-5:5.4.0-1.fc42.x86_64 2026-03-01 01:02:03\n\n@= 0").Updates!.SecurityPackages);
        Assert.Equal(0, ProbeFixture.Of("@dnf\n\n@= 0").Updates!.Security);
        Assert.Null(ProbeFixture.Of("@dnf\nsomething else\n\n@= 0").Updates);
        Assert.Null(ProbeFixture.Of("@dnf\n\n@= 1").Updates);
    }

    [Fact]
    public void Damaged_answers_are_read_or_refused()
    {
        string[] seeds = [.. ((string[])["debian12", "busybox", "no-systemd"]).Select(ProbeFixture.Text).Select(Abridged)];
        var previous = ProbeFixture.Parse(seeds[0], "ssh");
        ParserFuzz.Run("probe's answer", text =>
        {
            // A text that has lost its end is refused; with another one the rest is read.
            var report = ProbeFixture.Parse($"{text}\n@end {ProbeFixture.Nonce}\n", "ssh");
            Assert.All(ProdOps.Monitoring.Metrics.ProbeMeasurements.Of(report, previous), value => Assert.True(double.IsFinite(value.Value)));
        }, seeds);
    }

    [Fact]
    public void A_hostile_answer_of_many_megabytes_is_bounded_in_what_is_kept()
    {
        string[] lines =
        [
            "diskstats: 8 0 sd{0} 1 1 1 1 1 1 1 1 1 1 1", "mounts:/dev/x{0} /m{0} ext4 rw 0 0", "net/dev: eth{0}: 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "stat:cpu{0} 1 1 1 1 1 1 1 1",
        ];
        var text = new StringBuilder("@kernel\n");
        for (int i = 0; i < 11_000; i++)
            foreach (string line in lines) text.AppendFormat(System.Globalization.CultureInfo.InvariantCulture, line, i).Append('\n');
        text.Append("@df\n");
        for (int i = 0; i < 11_000; i++) text.Append(System.Globalization.CultureInfo.InvariantCulture, $"1 1 1 1 1 1 /m{i}\n");
        text.Append("net/snmp:Tcp: ").Append('x', 2_000_000).Append("\n@").Append('y', 1_000_000).Append('\n').Append('@', 100_000);
        for (int i = 0; i < 11_000; i++) text.Append(System.Globalization.CultureInfo.InvariantCulture, $"\n@a{i}");
        var report = ProbeFixture.Of(text.ToString());
        Assert.Equal((10_000, 10_000, 10_000), (report.Mounts!.Count, report.Disks!.Count, report.Interfaces!.Count));
        Assert.InRange(report.Cpu.Cores.Count, 1, 10_000);
    }

    // Long lists say nothing new to a mutation, which would rarely meet anything else.
    private static string Abridged(string text)
    {
        var kept = new List<string>();
        int same = 0;
        foreach (string line in text.Split('\n'))
        {
            same = line.StartsWith('@') ? 0 : same + 1;
            if (same < 3 || line.Length == 0 || (line.IndexOf(':') is > 0 and var colon && !kept[^1].StartsWith(line[..(colon + 1)], StringComparison.Ordinal))) kept.Add(line);
        }

        return string.Join('\n', kept);
    }
}
