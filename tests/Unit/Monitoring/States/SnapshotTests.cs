using System.Text;
using System.Text.Json;
using ProdOps.Monitoring.States;

namespace ProdOps.Monitoring.Tests.States;

/// <summary>A state as text, which is read by hand.</summary>
public sealed class SnapshotTests
{
    private static readonly DateTimeOffset Moment = new(2026, 3, 4, 5, 6, 7, 890, TimeSpan.Zero);

    private static readonly CheckState Full = new()
    {
        Last = HealthState.Critical, Level = HealthState.Warning, Missing = true, Flapping = true, Value = -1.5e-7, Message = "\"quoted\" \\ \u0001 ü 𝄞", Since = Moment,
        Warning = new Side(true, 2, Moment.AddTicks(1)), Critical = new Side(false, 3, Moment.AddTicks(2)), Unknown = new Side(true, 4, Moment.AddTicks(3)),
        Changes = [new Change(Moment, HealthState.Warning), new Change(Moment.AddTicks(5), HealthState.OK)],
    };

    [Fact]
    public void All_that_a_check_has_is_read_back()
    {
        foreach (var property in typeof(CheckState).GetProperties().Where(static property => property.SetMethod is not null))
        {
            object? value = property.GetValue(Full);
            Assert.False(value is null || value.Equals(property.GetValue(new CheckState())), $"{property.Name} is not tried here.");
        }

        var state = new MonitorState();
        string[] names = ["web1", "wéb \"1\"", new('x', 300), ""];
        foreach (string server in names)
        {
            foreach (string? instance in names.Append(null))
            {
                state.Checks[new CheckKey(server, "disk.used", instance)] = Full;
                state.Checks[new CheckKey(server, server, instance)] = new CheckState();
            }
        }

        string json = state.ToJson();
        var read = Simulation.ReadState(json)!;
        Assert.Equal(json, read.ToJson());
        Assert.Equal(state.Checks.Keys.ToHashSet(), read.Checks.Keys.ToHashSet());
        // As the general reader reads it.
        var general = JsonSerializer.Deserialize(json, MonitorJson.Default.MonitorSnapshot)!;
        Assert.Equal(general.Checks.Count, read.Checks.Count);
        foreach (var check in general.Checks) Assert.Equal(check.State with { Changes = [] }, read.Checks[check.Key] with { Changes = [] });
        foreach (var check in general.Checks) Assert.Equal(check.State.Changes, read.Checks[check.Key].Changes);
    }

    [Fact]
    public void What_a_later_version_adds_to_a_check_is_passed_over()
    {
        const string Checks = """
            [{"new":{"a":[1,{}]},"state":{"later":[[]],"value":null,"message":null,"warning":{"count":1,"why":"x","since":"2026-01-01T00:00:00+00:00"},"level":"Critical"},"key":{"rule":"load.1","more":1,"server":"a","instance":null}}]
            """;
        var (key, check) = Assert.Single(Simulation.ReadState(With(Checks))!.Checks);
        Assert.Equal(new CheckKey("a", "load.1"), key);
        Assert.Equal((HealthState.Critical, 1), (check.Level, check.Warning.Count));
    }

    [Theory]
    [InlineData("""[{"key":{"server":"a","rule":"b"}}]""")]
    [InlineData("""[{"state":{}}]""")]
    [InlineData("""[{"key":{"rule":"b"},"state":{}}]""")]
    [InlineData("""[{"key":{"server":"a"},"state":{}}]""")]
    [InlineData("""[{"key":{"server":7,"rule":"b"},"state":{}}]""")]
    [InlineData("""[{"key":[],"state":{}}]""")]
    [InlineData("""[{"key":{"server":"a","rule":"b"},"state":{"level":"Worse"}}]""")]
    [InlineData("""[{"key":{"server":"a","rule":"b"},"state":{"level":null}}]""")]
    [InlineData("""[{"key":{"server":"a","rule":"b"},"state":{"since":"yesterday"}}]""")]
    [InlineData("""[{"key":{"server":"a","rule":"b"},"state":{"value":"1"}}]""")]
    [InlineData("""[{"key":{"server":"a","rule":"b"},"state":{"missing":1}}]""")]
    [InlineData("""[{"key":{"server":"a","rule":"b"},"state":{"warning":{"count":99999999999}}}]""")]
    [InlineData("""[{"key":{"server":"a","rule":"b"},"state":{"changes":[1]}}]""")]
    [InlineData("""[{"key":{"server":"a","rule":"b"},"state":{"changes":null}}]""")]
    [InlineData("""[null]""")]
    [InlineData("""["a"]""")]
    public void A_check_that_is_damaged_makes_the_snapshot_none(string checks) => Assert.Null(Simulation.ReadState(With(checks)));

    [Fact]
    public void Whatever_became_of_a_snapshot_reading_it_never_fails()
    {
        var state = new MonitorState();
        for (int i = 0; i < 20; i++) state.Checks[new CheckKey($"web{i}", "disk.used", $"/mnt/{i}")] = Full;
        byte[] whole = Encoding.UTF8.GetBytes(state.ToJson());
        var random = new Random(20260304);
        int read = 0;
        for (int round = 0; round < 4000; round++)
        {
            byte[] damaged = random.Next(4) == 0 ? whole[..random.Next(whole.Length)] : [.. whole];
            for (int i = random.Next(3); i >= 0 && damaged.Length > 0; i--) damaged[random.Next(damaged.Length)] = (byte)(random.Next(2) == 0 ? random.Next(256) : "{}[],:\"\\0e-"[random.Next(11)]);
            using var stream = new MemoryStream(damaged);
            if (MonitorState.TryRead(stream, withChecks: round % 2 == 0) is not null) read++;
        }

        // Of letters within a name or a number nobody can know.
        Assert.InRange(read, 1, 3999);
    }

    private static string With(string checks)
    {
        string json = new MonitorState().ToJson();
        Assert.Contains("\"checks\":[]", json, StringComparison.Ordinal);
        return json.Replace("\"checks\":[]", $"\"checks\":{checks}", StringComparison.Ordinal);
    }
}
