using ProdOps.Servers.Clocks;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Servers.Tests.Clocks;

public sealed class ClockTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("1764110000.123456789", 1764110000.1234567, 1)]
    [InlineData("1764110000.123456", 1764110000.123456, 10)]
    [InlineData("1764110000.5", 1764110000.5, 1_000_000)]
    [InlineData("1764110000", 1764110000, 10_000_000)]
    [InlineData("1764110000.%N", 1764110000, 10_000_000)]
    [InlineData("1764110000.N", 1764110000, 10_000_000)]
    [InlineData("1764110000.\r", 1764110000, 10_000_000)]
    public void An_answer_says_how_finely_it_counts(string line, double seconds, long resolution)
    {
        Assert.True(ClockProbe.TryParseAnswer(line, out var time, out var fine));
        Assert.Equal(seconds, (time - DateTimeOffset.UnixEpoch).TotalSeconds, 5e-7);
        Assert.Equal(resolution, fine.Ticks);
    }

    [Theory]
    [InlineData("")]
    [InlineData("sh: date: not found")]
    [InlineData("-5")]
    [InlineData("99999999999999999999")]
    [InlineData(".5")]
    public void What_is_no_time_is_not_taken_for_one(string line) => Assert.False(ClockProbe.TryParseAnswer(line, out _, out _));

    /// <summary>Whatever the network does and however coarse the clock: the truth is within the uncertainty.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(10_000)]
    [InlineData(10_000_000)]
    public void The_true_offset_is_never_outside_of_the_uncertainty(long resolution)
    {
        var random = new Random(20268);
        for (int round = 0; round < 2000; round++)
        {
            var offset = TimeSpan.FromTicks(random.NextInt64(-TimeSpan.TicksPerHour, TimeSpan.TicksPerHour));
            var now = Start;
            var samples = new List<ClockSample>();
            for (int i = random.Next(1, 20); i > 0; i--)
            {
                var there = TimeSpan.FromTicks(random.Next(1, 3_000_000));
                var back = TimeSpan.FromTicks(random.Next(1, 3_000_000));
                long said = (now + there + offset).Ticks;
                samples.Add(new ClockSample(now, there + back, new DateTimeOffset(said - said % resolution, TimeSpan.Zero), TimeSpan.FromTicks(resolution)));
                now += there + back + TimeSpan.FromTicks(random.Next(2_000_000));
            }

            var estimate = ClockEstimate.From(samples);
            Assert.True((estimate.Offset - offset).Duration() <= estimate.Uncertainty, $"{estimate} against {offset}");
            Assert.True(estimate.Uncertainty <= (samples.Min(sample => sample.RoundTrip) + TimeSpan.FromTicks(resolution)) / 2 + TimeSpan.FromTicks(1));
        }
    }

    [Fact]
    public void A_clock_of_whole_seconds_is_narrowed_by_the_moment_its_second_changes()
    {
        var offset = TimeSpan.FromSeconds(12.3);
        var samples = Enumerable.Range(0, 150).Select(i =>
        {
            var sent = Start.AddMilliseconds(i * 10);
            long said = (sent.AddMilliseconds(1) + offset).Ticks;
            return new ClockSample(sent, TimeSpan.FromMilliseconds(2), new DateTimeOffset(said - said % TimeSpan.TicksPerSecond, TimeSpan.Zero), TimeSpan.FromSeconds(1));
        }).ToList();
        var estimate = ClockEstimate.From(samples);
        Assert.InRange(estimate.Uncertainty, TimeSpan.Zero, TimeSpan.FromMilliseconds(10));
        Assert.InRange((estimate.Offset - offset).Duration(), TimeSpan.Zero, estimate.Uncertainty);
    }

    [Fact]
    public void A_clock_that_is_set_in_between_leaves_the_best_answer()
    {
        var second = TimeSpan.FromSeconds(1);
        ClockSample[] samples = [new(Start, TimeSpan.FromMilliseconds(10), Start, second), new(Start.AddSeconds(1), TimeSpan.FromMilliseconds(5), Start.AddHours(1), second)];
        Assert.InRange(ClockEstimate.From(samples).Offset, TimeSpan.FromSeconds(3598), TimeSpan.FromSeconds(3601));
    }

    [Theory]
    [InlineData("chrony-followed", "chrony", "192.36.143.151", 2, true, LeapStatus.Normal, "Europe/Berlin", 1)]
    [InlineData("chrony-waiting", "chrony", null, null, false, LeapStatus.NotSynchronized, "Etc/UTC", 0)]
    [InlineData("chrony-off", null, null, null, null, LeapStatus.Unknown, null, 0)]
    [InlineData("timesyncd", "systemd-timesyncd", "0.debian.pool.ntp.org", 3, true, LeapStatus.Normal, "America/New_York", -5)]
    [InlineData("ntpd", "ntpd", "192.0.2.2", 2, true, LeapStatus.Normal, "Asia/Kolkata", 5.5)]
    [InlineData("ntpd-alarm", "ntpd", null, null, false, LeapStatus.NotSynchronized, null, 0)]
    [InlineData("openntpd-bsd", "openntpd", null, 3, true, LeapStatus.Unknown, "Europe/Paris", 2)]
    [InlineData("busybox", null, null, null, false, LeapStatus.Unknown, null, 0)]
    public void What_a_time_service_says_is_read(string name, string? service, string? source, int? stratum, bool? synchronized, LeapStatus leap, string? zone, double hours)
    {
        var facts = ClockFacts.Parse(Fixture(name));
        Assert.Equal((service, source, stratum, synchronized, leap, zone), (facts.NtpService, facts.NtpSource, facts.Stratum, facts.IsSynchronized, facts.Leap, facts.TimeZone));
        Assert.Equal(TimeSpan.FromHours(hours), facts.UtcOffset);
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(name == "openntpd-bsd" ? 1764100000000 : 1764099999500), facts.BootTime);
    }

    [Fact]
    public void Any_text_gives_facts()
    {
        var random = new Random(20269);
        string[] sources = [.. Directory.GetFiles(Fixtures).Select(File.ReadAllText)];
        for (int i = 0; i < 20_000; i++)
        {
            string text = sources[i % sources.Length];
            for (int change = random.Next(1, 6); change > 0 && text.Length > 0; change--)
            {
                int at = random.Next(text.Length), length = Math.Min(random.Next(1, 30), text.Length - at);
                text = random.Next(3) switch
                {
                    0 => text.Remove(at, length),
                    1 => text.Insert(at, text.Substring(random.Next(text.Length - length + 1), length)),
                    _ => string.Concat(text.AsSpan(0, at), ((char)random.Next(1, 0x300)).ToString(), text.AsSpan(at + 1)),
                };
            }

            ClockFacts.Parse(text);
        }
    }

    [UnixFact]
    public async Task This_machines_clock_is_right_by_itself()
    {
        var clock = await new ClockReader(TimeProvider.System).ReadAsync(new LocalShell("here"), 8, default);
        Assert.InRange(clock.Offset.Duration(), TimeSpan.Zero, clock.Uncertainty);
        Assert.InRange(clock.Uncertainty, TimeSpan.FromTicks(1), TimeSpan.FromMilliseconds(500));
        Assert.Equal((8, "here"), (clock.SampleCount, clock.Server));
        Assert.NotNull(clock.UtcOffset);
        if (OperatingSystem.IsLinux()) Assert.NotNull(clock.BootTime);
    }

    [UnixFact]
    public async Task A_server_without_a_date_command_is_an_error_that_says_what_it_said()
    {
        var failure = await Assert.ThrowsAsync<ProdOpsException>(() => new ClockReader(TimeProvider.System).ReadAsync(new OtherCommandShell("while read -r _; do echo no such thing; done"), 8, default));
        Assert.Equal(("ClockUnreadable", "odd"), (failure.ErrorId, (string)failure.Target!));
        Assert.Contains("no such thing", failure.Message);
        failure = await Assert.ThrowsAsync<ProdOpsException>(() => new ClockReader(TimeProvider.System).ReadAsync(new OtherCommandShell("read -r _; echo not here >&2; exit 127"), 8, default));
        Assert.Contains("not here", failure.Message);
    }

    [UnixFact]
    public async Task A_server_that_prints_without_end_is_an_error_and_fills_no_memory()
    {
        foreach (string flood in (string[])["read -r _; exec cat /dev/zero", "for i in 1 2 3 4 5 6 7 8 9; do read -r _; date +%s.%N; done; exec cat /dev/zero"])
        {
            var failure = await Assert.ThrowsAsync<ProdOpsException>(() => new ClockReader(TimeProvider.System).ReadAsync(new OtherCommandShell(flood), 8, default));
            Assert.Equal("OutputTooLarge", failure.ErrorId);
        }
    }

    [UnixFact]
    public async Task Seconds_alone_are_enough_for_a_hundredth()
    {
        var clock = await new ClockReader(TimeProvider.System).ReadAsync(new OtherCommandShell("while read -r _; do date +%s; done"), 8, default);
        Assert.InRange(clock.Offset.Duration(), TimeSpan.Zero, clock.Uncertainty);
        Assert.InRange(clock.Uncertainty, TimeSpan.Zero, TimeSpan.FromMilliseconds(250));
        Assert.True(clock.SampleCount > 8);
    }

    private static string Fixtures => Clone.PathOf("tests", "fixtures", "clocks");

    private static string Fixture(string name) => File.ReadAllText(Path.Combine(Fixtures, name + ".txt"));

    /// <summary>This machine, with another answer to the probe.</summary>
    private sealed class OtherCommandShell(string command) : IServerShell
    {
        public string Name => "odd";

        public Task<IServerProcess> StartAsync(ServerCommand _, CancellationToken cancellationToken) => new LocalShell("odd").StartAsync(new ServerCommand(command), cancellationToken);
    }
}
