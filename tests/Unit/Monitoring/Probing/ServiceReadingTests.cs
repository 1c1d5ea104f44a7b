using System.Net;
using ProdOps.Monitoring.Probing.Report;

namespace ProdOps.Monitoring.Tests.Probing;

/// <summary>What a server says of its services: units, scripts, ports.</summary>
public sealed class ServiceReadingTests
{
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
}
