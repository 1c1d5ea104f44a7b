using System.Globalization;

namespace ProdOps.Lab.Tests.Schedules;

/// <summary>Clocks that are off.</summary>
[Collection(LabCollection.Name)]
public sealed class ClockTests(Fleet fleet)
{
    [LabTheory]
    [InlineData("+90s", 90)]
    [InlineData("-7200s", -7200)]
    public async Task A_clock_that_is_off_is_found_to_be_off_by_as_much(string offset, int seconds)
    {
        var hosts = await fleet.UpAsync("web1", "victim1");
        using var admin = new Admin(hosts);
        await hosts[1].SetClockAsync(offset);
        try
        {
            var answer = await admin.RunAsync("Get-ServerClock -Server victim1, web1 -ThrottleLimit 1 | ForEach-Object { $_.Offset.TotalSeconds; $_.Uncertainty.TotalSeconds }");
            var numbers = answer.Clean.Select(item => Convert.ToDouble(item.BaseObject, CultureInfo.InvariantCulture)).ToArray();
            Assert.Equal(4, numbers.Length);
            Assert.InRange(numbers[0] - seconds, -numbers[1] - 0.01, numbers[1] + 0.01);
            Assert.InRange(numbers[2], -numbers[3] - 0.01, numbers[3] + 0.01);
        }
        finally
        {
            await hosts[1].SetClockAsync("0");
        }
    }

    [LabFact]
    public async Task The_zone_the_time_service_and_whether_it_is_synchronised_are_what_the_host_says()
    {
        var host = await fleet.UpAsync("victim1");
        using var admin = new Admin(host);
        await host.RunAsync("cp -P /etc/localtime /etc/localtime.before 2>/dev/null || true; ln -sfn /usr/share/zoneinfo/Asia/Kolkata /etc/localtime");
        try
        {
            var clock = Assert.Single((await admin.RunAsync("Get-ServerClock -Server victim1")).Clean);
            Assert.Equal("Asia/Kolkata", clock.Properties["TimeZone"].Value);
            Assert.Equal(TimeSpan.FromMinutes(330), clock.Properties["UtcOffset"].Value);
            var time = (DateTimeOffset)clock.Properties["Time"].Value;
            Assert.Equal(TimeSpan.FromMinutes(330), time.Offset);
            Assert.InRange((TimeProvider.System.GetUtcNow() - time).Duration(), TimeSpan.Zero, TimeSpan.FromMinutes(1));
            Assert.InRange((TimeSpan)clock.Properties["Uncertainty"].Value, TimeSpan.FromTicks(1), TimeSpan.FromMilliseconds(200));
            Assert.Equal(await host.RunAsync("timedatectl show --value -p NTPSynchronized") == "yes", clock.Properties["IsSynchronized"].Value);
            // No time service runs in a container, which has no clock of its own to keep right.
            Assert.Null(clock.Properties["NtpService"].Value);
            var boot = DateTimeOffset.FromUnixTimeSeconds(long.Parse(await host.RunAsync("sed -n 's/^btime //p' /proc/stat"), CultureInfo.InvariantCulture));
            Assert.InRange((boot - (DateTimeOffset)clock.Properties["BootTime"].Value).Duration(), TimeSpan.Zero, TimeSpan.FromSeconds(3));

            // One that says what it follows, as chrony does.
            await host.RunAsync("printf '#!/bin/sh\\n[ \"$*\" = \"-c -n tracking\" ] && echo C0A80001,192.168.0.1,3,1700000000.0,-0.000012,0.000001,0.000010,1.5,0.01,0.02,0.0011,0.0005,64.2,Normal\\n' > /usr/local/bin/chronyc; chmod 755 /usr/local/bin/chronyc");
            clock = Assert.Single((await admin.RunAsync("Get-ServerClock -Server victim1")).Clean);
            Assert.Equal(("chrony", "192.168.0.1", 3), ((string)clock.Properties["NtpService"].Value, (string)clock.Properties["NtpSource"].Value, (int)clock.Properties["Stratum"].Value));
            Assert.Equal("Normal", clock.Properties["LeapStatus"].Value.ToString());
        }
        finally
        {
            await host.RunAsync("rm -f /usr/local/bin/chronyc /etc/localtime; mv /etc/localtime.before /etc/localtime 2>/dev/null || true");
        }
    }
}
