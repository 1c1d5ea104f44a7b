using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using ProdOps.Monitoring.Store;

namespace ProdOps.Monitoring.Tests.Store;

/// <summary>The process that <see cref="KilledWriterTests"/> kills: keeps a round of samples a simulated minute, seals what is over, and says which round is kept.</summary>
internal static class KilledWriter
{
    public const int Series = 15;

    public static readonly DateTimeOffset Start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    public static int Main(string[] arguments)
    {
        if (arguments is ["monitor", var folder]) return Running.KilledMonitor.RunAsync(folder).GetAwaiter().GetResult();
        if (arguments is not [var path, var first]) return 2;
        var time = new FakeTimeProvider(Start);
        using var store = MetricStore.Open(path, time, SilentActivity.Instance);
        // It ends by itself if the test that should kill it was killed.
        int from = int.Parse(first, CultureInfo.InvariantCulture);
        for (int round = from; round < from + 50_000; round++)
        {
            time.SetUtcNow(Start.AddMinutes(round));
            store.Append(Round(round));
            store.Events.Append([new StoredEvent(0, time.GetUtcNow(), "web1", "round", $"{round}")]);
            System.Console.Out.Write($"{round}\n");
            System.Console.Out.Flush();
            store.Seal(CancellationToken.None);
        }

        return 0;
    }

    public static double Value(int round, int series) => round * 0.125 + series;

    private static MetricSample[] Round(int round) =>
    [
        .. Enumerable.Range(0, Series).Select(series => new MetricSample { Server = "web1", Name = "disk.used", Instance = $"/{series}", Unit = "%", Value = Value(round, series), Time = Start.AddMinutes(round) }),
    ];
}
