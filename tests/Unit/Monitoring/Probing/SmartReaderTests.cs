using ProdOps.Backup.Tests.Storage;
using ProdOps.Monitoring.Metrics;
using ProdOps.Monitoring.Probing;
using ProdOps.Monitoring.Probing.Report;
using ProdOps.Monitoring.Rules;
using ProdOps.Monitoring.Status;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Monitoring.Tests.Probing;

/// <summary>What disks say of themselves, by smartctl.</summary>
public sealed class SmartReaderTests
{
    private const string Ata = """
        {"json_format_version":[1,0],"smartctl":{"version":[7,3],"argv":["smartctl","--json=c","-n","standby","-H","-A","/dev/sda"],"exit_status":24},"device":{"name":"/dev/sda","info_name":"/dev/sda [SAT]","type":"sat","protocol":"ATA"},"smart_status":{"passed":false},"ata_smart_attributes":{"revision":16,"table":[{"id":1,"name":"Raw_Read_Error_Rate","value":83,"worst":64,"thresh":44,"when_failed":"","raw":{"value":199781349,"string":"199781349"}},{"id":5,"name":"Reallocated_Sector_Ct","value":1,"worst":1,"thresh":10,"when_failed":"now","raw":{"value":2048,"string":"2048"}},{"id":194,"name":"Temperature_Celsius","value":36,"worst":53,"thresh":0,"when_failed":"","raw":{"value":36,"string":"36 (0 3 0 0 0)"}},{"id":197,"name":"Current_Pending_Sector","value":100,"worst":100,"thresh":0,"when_failed":"","raw":{"value":16,"string":"16"}},{"id":198,"name":"Offline_Uncorrectable","value":100,"worst":100,"thresh":0,"when_failed":"","raw":{"value":8,"string":"8"}}]},"temperature":{"current":36}}
        """;

    private const string Nvme = """
        {"json_format_version":[1,0],"smartctl":{"version":[7,4],"exit_status":0},"device":{"name":"/dev/nvme0","info_name":"/dev/nvme0","type":"nvme","protocol":"NVMe"},"smart_status":{"passed":true,"nvme":{"value":0}},"nvme_smart_health_information_log":{"critical_warning":0,"temperature":41,"available_spare":100,"available_spare_threshold":10,"percentage_used":103,"media_errors":0},"endurance_used":{"current_percent":103}}
        """;

    private const string Scsi = """
        {"smartctl":{"version":[7,2],"exit_status":0},"device":{"name":"/dev/bus/0","info_name":"/dev/bus/0 [megaraid_disk_03]","type":"megaraid,3","protocol":"SCSI"},"smart_status":{"passed":true},"scsi_grown_defect_list":12,"scsi_percentage_used_endurance_indicator":4}
        """;

    // Asleep; none that smartctl knows; one without SMART; an older smartctl, which does not know --json.
    private const string Silent = """
        {"smartctl":{"version":[7,3],"messages":[{"string":"Device is in STANDBY mode, exit(2)","severity":"information"}],"exit_status":2},"device":{"name":"/dev/sdb","info_name":"/dev/sdb [SAT]","type":"sat","protocol":"ATA"},"power_mode":"STANDBY"}
        {"smartctl":{"messages":[{"string":"/dev/vda: Unable to detect device type","severity":"error"}],"exit_status":1}}
        {"smartctl":{"exit_status":4},"device":{"name":"/dev/sdc","type":"scsi","protocol":"SCSI"}}
        =======> UNRECOGNIZED OPTION: json=c
        """;

    [Fact]
    public void Every_kind_of_disk_is_told_in_the_same_terms()
    {
        var report = Read($"{Ata}\n{Nvme}\n{Scsi}\n{Silent}\n{Nvme}");
        Assert.Equal(
            [
                new DiskHealthReport { Name = "sda", IsFailing = true, Reallocated = 2048, Unreadable = 16 },
                new DiskHealthReport { Name = "nvme0", IsFailing = false, Wear = 103 },
                new DiskHealthReport { Name = "bus/0 megaraid,3", IsFailing = false, Reallocated = 12, Wear = 4 },
            ], report.DiskHealth!);
        Assert.Equal(
            ["smart.failing bus/0 megaraid,3 0", "smart.failing nvme0 0", "smart.failing sda 1", "smart.reallocated bus/0 megaraid,3 12", "smart.reallocated sda 2048", "smart.unreadable sda 16", "smart.wear bus/0 megaraid,3 4", "smart.wear nvme0 103"],
            ProbeMeasurements.Of(report).Select(value => $"{value.Metric} {value.Instance} {value.Value}").Order(StringComparer.Ordinal));
        Assert.Null(ProbeFixture.Of("@kernel").DiskHealth);
        Assert.Empty(Read(Silent).DiskHealth!);
    }

    [Theory]
    [InlineData("sda", "smart.failing", HealthState.Critical)]
    [InlineData("sda", "smart.unreadable", HealthState.Warning)]
    [InlineData("sda", "smart.reallocated", HealthState.Warning)]
    [InlineData("nvme0", "smart.failing", HealthState.OK)]
    [InlineData("nvme0", "smart.wear", HealthState.Warning)]
    [InlineData("bus/0 megaraid,3", "smart.wear", HealthState.OK)]
    public void The_default_rules_say_which_disk_is_to_be_replaced(string disk, string rule, HealthState state)
    {
        var report = Read($"{Ata}\n{Nvme}\n{Scsi}");
        var judge = new InstantJudge("web1", new RuleSet(DefaultRules.All).For("web1", []), report, DateTimeOffset.UnixEpoch);
        var result = ProbeMeasurements.Of(report).SelectMany(judge.Judge).Single(check => (check.Check, check.Instance) == (rule, disk));
        Assert.Equal(state, result.State);
    }

    [Theory]
    [InlineData("{\"device\":{\"name\":\"/dev/sda\"},\"smart_status\":{\"passed\":\"no\"}}")]
    [InlineData("{\"device\":{\"name\":7},\"smart_status\":{\"passed\":true}}")]
    [InlineData("{\"device\":\"/dev/sda\",\"smart_status\":{\"passed\":true}}")]
    [InlineData("{\"device\":{\"name\":\"/dev/sda\"},\"nvme_smart_health_information_log\":{\"percentage_used\":-1}}")]
    [InlineData("{\"device\":{\"name\":\"/dev/sda\"},\"nvme_smart_health_information_log\":{\"percentage_used\":1e400}}")]
    [InlineData("{\"device\":{\"name\":\"/dev/sda\"},\"ata_smart_attributes\":{\"table\":{\"id\":5}}}")]
    [InlineData("{\"device\":{\"name\":\"/dev/sda\"},\"ata_smart_attributes\":{\"table\":[5,null,{\"id\":\"5\",\"raw\":{\"value\":1}},{\"id\":5,\"raw\":1},{\"id\":5.5,\"raw\":{\"value\":1}}]}}")]
    [InlineData("{\"device\":{\"name\":\"/dev/sda\"},\"smart_status\":{\"passed\":true}")]
    public void What_is_not_understood_is_not_known(string line) => Assert.Empty(Read(line).DiskHealth!);

    [Fact]
    public void A_disks_name_cannot_drive_a_terminal_and_much_is_bounded()
    {
        Assert.DoesNotContain(Read("{\"device\":{\"name\":\"/dev/s\\u001b[31m\\nda\"},\"smart_status\":{\"passed\":true}}").DiskHealth!, disk => disk.Name.Any(char.IsControl));
        Assert.Empty(Read(new string('[', 100_000)).DiskHealth!);
        Assert.Empty(Read("{\"a\":" + new string('[', 100_000)).DiskHealth!);
        Assert.Equal(1000, Read(string.Concat(Enumerable.Range(0, 5000).Select(number => $"{{\"device\":{{\"name\":\"/dev/sd{number}\"}},\"smart_status\":{{\"passed\":true}}}}\n"))).DiskHealth!.Count);
    }

    [Fact]
    public void Damaged_text_is_read_or_left_out() =>
        ParserFuzz.Run("smartctl", text => ProbeMeasurements.Of(ProbeFixture.Parse($"\n@begin {ProbeFixture.Nonce}\n@smart\n{text}\n@end {ProbeFixture.Nonce}\n")), [Ata, Nvme, Scsi, Silent]);

    /// <summary>The probe's own lines, by a smartctl that writes down how it was called.</summary>
    [RootTheory("busybox")]
    [InlineData("sh")]
    [InlineData("busybox sh")]
    public void No_disk_is_woken_and_each_is_asked_in_its_own_way(string shell)
    {
        using var folder = new TemporaryFolder();
        foreach (var (name, text) in ((string, string)[])[("scan", "/dev/sda -d scsi # /dev/sda, SCSI device\n/dev/nvme0 -d nvme # /dev/nvme0, NVMe device\n/dev/bus/0 -d megaraid,3 # /dev/bus/0 [megaraid_disk_03], SCSI device\n"), ("sda", Ata), ("nvme0", Nvme), ("0", Scsi)])
            File.WriteAllText(folder[name], text);
        File.WriteAllText(folder["smartctl"], $"""
            #!/bin/sh
            cd '{folder.Path}' || exit 1
            echo "$*" >>called
            if [ "$1" = --scan ]; then cat scan; exit; fi
            for disk; do :; done
            cat "$(basename "$disk")"
            exit 24
            """);
        Tool.Succeed("chmod", "755", folder["smartctl"]);
        var request = new ProbeRequest { Parts = ProbeParts.Daily };
        string[] words = shell.Split(' ');
        var result = Tool.Run(words[0], [.. words.Skip(1), "-c", HealthProbe.Command(request).Text], new Dictionary<string, string?> { ["PATH"] = $"{folder.Path}:{Environment.GetEnvironmentVariable("PATH")}" });
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Equal(["--scan", "--json=c -n standby -H -A /dev/sda", "--json=c -n standby -H -A -d nvme /dev/nvme0", "--json=c -n standby -H -A -d megaraid,3 /dev/bus/0"], File.ReadAllLines(folder["called"]));
        var report = ProbeParser.Parse("localhost", request, result.Output);
        Assert.Equal(["sda", "nvme0", "bus/0 megaraid,3"], report.DiskHealth!.Select(disk => disk.Name));
        Assert.NotNull(report.System.Name);
    }

    private static ProbeReport Read(string lines) => ProbeFixture.Of("@smart\n" + lines);
}
