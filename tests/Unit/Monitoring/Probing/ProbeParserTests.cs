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
