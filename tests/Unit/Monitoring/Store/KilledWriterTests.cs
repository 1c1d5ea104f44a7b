using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using ProdOps.Backup.Tests.Storage;
using ProdOps.Monitoring.Store;

namespace ProdOps.Monitoring.Tests.Store;

/// <summary>A process that writes, killed at random moments.</summary>
public sealed class KilledWriterTests : IDisposable
{
    private static readonly int Kills = Effort.Of(full: 40, usual: 5);

    private readonly TemporaryFolder _folder = new();

    [UnixFact]
    public async Task What_was_kept_survives_the_writers_death_and_nothing_is_there_twice()
    {
        string path = _folder["metrics.db"];
        var random = new Random(7);
        int next = 0;
        for (int kill = 0; kill < Kills; kill++)
        {
            using var writer = Start(path, next);
            // From the first round on that this run has kept: how long starting takes differs from machine to machine.
            Assert.NotNull(await writer.StandardOutput.ReadLineAsync());
            var kept = writer.StandardOutput.ReadToEndAsync();
            await Task.Delay(random.Next(200));
            writer.Kill();
            string[] lines = (await kept).Split('\n');
            await writer.WaitForExitAsync();
            // What follows the last line's end was cut off.
            int last = lines.Length < 2 ? next : int.Parse(lines[^2], CultureInfo.InvariantCulture);
            next = Check(path, last);
        }

        Assert.True(next >= Kills, $"only {next} rounds were written");
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Looks at all rounds, and returns which comes next: behind the acknowledged one, or behind one that was kept and could not be told any more.</summary>
    private static int Check(string path, int acknowledged)
    {
        using var store = MetricStore.Open(path, new FakeTimeProvider(KilledWriter.Start.AddYears(1)), SilentActivity.Instance);
        var query = new MetricQuery { From = KilledWriter.Start, To = KilledWriter.Start.AddYears(1), Resolution = MetricResolution.Raw };
        int last = -1;
        foreach (var round in store.Query(query, default).GroupBy(static sample => sample.Time))
        {
            last++;
            Assert.Equal(KilledWriter.Start.AddMinutes(last), round.Key);
            Assert.Equal(KilledWriter.Series, round.Count());
            Assert.All(round, sample => Assert.Equal(KilledWriter.Value(last, int.Parse(sample.Instance![1..], CultureInfo.InvariantCulture)), sample.Value));
        }

        var counted = store.Query(query with { Resolution = MetricResolution.Hour, Function = MetricFunction.Count }, default);
        Assert.Equal((last + 1) * KilledWriter.Series, counted.Sum(static sample => sample.Value));
        // A round's event is kept behind its samples: where there is none yet, the round comes again.
        int events = store.Events.Replay(0, default).Count();
        Assert.Equal(Enumerable.Range(0, events).Select(static round => $"{round}"), store.Events.Replay(0, default).Select(static happened => happened.Json));
        Assert.InRange(events - 1, acknowledged, acknowledged + 1);
        Assert.InRange(last, events - 1, events);
        return events;
    }

    private static Process Start(string path, int first)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet") { RedirectStandardOutput = true };
        foreach (string argument in new[] { "exec", typeof(KilledWriter).Assembly.Location, path, first.ToString(CultureInfo.InvariantCulture) }) start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }
}
