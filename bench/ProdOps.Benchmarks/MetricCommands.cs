using System.Diagnostics;
using ProdOps.Benchmarks.Measurement;
using ProdOps.Benchmarks.Metrics;
using ProdOps.Monitoring.Store;
using ProdOps.Monitoring.Store.Chunks;

namespace ProdOps.Benchmarks;

/// <summary>Measures the store of metrics.</summary>
internal sealed class MetricCommands(TextWriter output)
{
    private static readonly DateTimeOffset Start = new(2026, 1, 5, 0, 0, 0, TimeSpan.Zero);

    public void Run(CommandLine line, CancellationToken cancellationToken)
    {
        switch (line.Verb)
        {
            case "store": Store(line.AllowOperands(1, "series", "hours", "interval", "seed"), cancellationToken); break;
            case "codec": Codec(line.Allow("seed")); break;
            default: throw new UsageException($"'metrics {line.Verb}' is not a command: store, codec. See bench/monitoring/README.md.");
        }
    }

    /// <summary>Fills a store as a monitor would, sealing each hour, then reads.</summary>
    private void Store(CommandLine line, CancellationToken cancellationToken)
    {
        string folder = line.Operands is [var operand] ? Directory.CreateDirectory(operand).FullName : throw new UsageException("Say where: metrics store FOLDER.");
        int count = line.Count("series", 6000), interval = line.Count("interval", 30), rounds = line.Count("hours", 25) * 3600 / interval;
        string path = Path.Combine(folder, "metrics.db");
        if (File.Exists(path)) throw new UsageException($"'{path}' is there already.");
        var series = Enumerable.Range(0, count).Select(number => new SimulatedSeries(number, line.Seed("seed", 1))).ToArray();
        var clock = new SteppedTime();
        using var store = MetricStore.Open(path, clock, SilentActivity.Instance);
        Stopwatch appending = new(), sealing = new();
        TimeSpan used = default;
        var worst = TimeSpan.Zero;
        for (int round = 0; round < rounds; round++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            clock.Now = Start.AddSeconds((double)round * interval);
            var samples = series.Select((one, number) => new MetricSample { Server = $"server{number / 60}", Name = $"metric.{number % 60}", Unit = one.Unit, Value = one.Next(), Time = clock.Now }).ToArray();
            var before = Environment.CpuUsage.TotalTime;
            appending.Start();
            store.Append(samples);
            appending.Stop();
            used += Environment.CpuUsage.TotalTime - before;
            var sealedBefore = sealing.Elapsed;
            sealing.Start();
            store.Seal(cancellationToken);
            sealing.Stop();
            if (sealing.Elapsed - sealedBefore is var taken && taken > worst) worst = taken;
        }

        // Nothing is old enough to go; the log that SQLite writes ahead is emptied into the file.
        store.Retain(new RetentionSpans(), cancellationToken);
        var facts = store.Facts();
        long all = (long)rounds * count;
        output.WriteLine(Machine.Describe(folder));
        output.WriteLine($"{count:N0} series every {interval} s, {rounds:N0} rounds, {all:N0} samples");
        output.WriteLine($"insert, a transaction a round: {all / appending.Elapsed.TotalSeconds:N0} rows/s, {used.TotalMicroseconds / all:F2} µs of CPU a row");
        output.WriteLine($"seal: {all / sealing.Elapsed.TotalSeconds:N0} samples/s, an hour at most {worst.TotalMilliseconds:N0} ms");
        output.WriteLine($"a sample in its chunk: {facts.BytesPerSample:F2} bytes; the whole file, roll-ups too: {(double)facts.Size / facts.Samples:F2} bytes a sample, {facts.Size / 1e6:N1} MB");
        var day = new MetricQuery { Server = "server0", Metric = "metric.4", From = Start, To = Start.AddDays(1), Resolution = MetricResolution.Raw };
        Read("one series, one day, every sample", () => store.Query(day, cancellationToken).Count());
        Read("one series, one day, by 5 minutes", () => store.Query(day with { Resolution = MetricResolution.FiveMinutes }, cancellationToken).Count());
        Read("all series of a server, one day, by 5 minutes", () => store.Query(day with { Metric = "*", Resolution = MetricResolution.FiveMinutes }, cancellationToken).Count());
        Read("the newest of all series", () => store.Latest("*", "*", null).Count);
    }

    private void Read(string what, Func<int> read)
    {
        const int Times = 30;
        int found = read();
        var times = Enumerable.Range(0, Times).Select(_ =>
        {
            long from = Stopwatch.GetTimestamp();
            read();
            return Stopwatch.GetElapsedTime(from).TotalMilliseconds;
        }).Order().ToArray();
        output.WriteLine($"{what}: {times[Times / 2]:F2} ms ({found:N0} values)");
    }

    /// <summary>What an hour of samples takes, by kind of series and way of encoding.</summary>
    private void Codec(CommandLine line)
    {
        const int Chunks = 400, Samples = 120;
        output.WriteLine("| series | decimal | XOR | a whole chunk | encode ns | decode ns |");
        output.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: |");
        for (int kind = 0; kind < SimulatedSeries.Kinds.Length; kind++)
        {
            var writer = new ChunkWriter();
            var hours = Enumerable.Range(0, Chunks).Select(number =>
            {
                var series = new SimulatedSeries(number, line.Seed("seed", 1)) { Kind = kind };
                return Enumerable.Range(0, Samples).Select(i => new Point(Start.ToUnixTimeMilliseconds() + i * 30_000, series.Next())).ToArray();
            }).ToArray();
            double[][] values = [.. hours.Select(static hour => hour.Select(static point => point.Value).ToArray())];
            var scratch = new long[Samples];
            string exact = Size(one => ValueColumn.TryWriteDecimal(writer, one, scratch)), xor = Size(one =>
            {
                ValueColumn.WriteXor(writer, one);
                return true;
            });
            byte[][] chunks = [.. hours.Select(hour => SampleCodec.Encode(hour, writer).ToArray())];
            var points = new List<Point>(Samples);
            double encode = Nanoseconds(() => { foreach (var hour in hours) SampleCodec.Encode(hour, writer); });
            double decode = Nanoseconds(() =>
            {
                foreach (byte[] chunk in chunks)
                {
                    points.Clear();
                    SampleCodec.Decode(chunk, points);
                }
            });
            output.WriteLine($"| {SimulatedSeries.Kinds[kind]} | {exact} | {xor} | {chunks.Average(static chunk => chunk.Length) / Samples:F2} | {encode:F0} | {decode:F0} |");

            string Size(Func<double[], bool> write)
            {
                writer.Clear();
                return values.All(write) ? $"{(double)writer.Length / (Chunks * Samples):F2}" : "-";
            }
        }

        static double Nanoseconds(Action work)
        {
            const int Times = 20;
            for (int i = 0; i < Times; i++) work();
            long from = Stopwatch.GetTimestamp();
            for (int i = 0; i < Times; i++) work();
            return Stopwatch.GetElapsedTime(from).TotalNanoseconds / (Times * Chunks * Samples);
        }
    }
}
