namespace ProdOps.Monitoring.Tests.Probing;

/// <summary>What a server says of its system: a container's memory, whether a restart is due, updates.</summary>
public sealed class SystemReadingTests
{
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
}
