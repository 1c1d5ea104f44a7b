using ProdOps.Logging.Collecting;
using ProdOps.Logging.Collecting.Files;
using ProdOps.Logging.Collecting.Rotation;

namespace ProdOps.Logging.Tests.Collecting;

/// <summary>Writes, rotates and collects in random order, also in the middle of rounds, and kills the collector at random batches.</summary>
public sealed class RandomRotationTests
{
    private const string Log = "/v/x.log";
    private static readonly LogStream Stream = new("web1", "x");

    // More of them by hand: PRODOPS_SEEDS=400, PRODOPS_FIRST_SEED=1000. In 216 a collector that looks into files four times at the most stops for good.
    private static readonly int FirstSeed = NumberOf("PRODOPS_FIRST_SEED") ?? 0;
    private static readonly int[] Seeds = [.. Enumerable.Range(FirstSeed, NumberOf("PRODOPS_SEEDS") ?? 25), 216];

    [Theory]
    [InlineData(false, false, false)]
    [InlineData(true, false, false)]
    [InlineData(true, true, false)]
    [InlineData(false, false, true)]
    [InlineData(true, true, true)]
    public async Task Each_line_is_collected_once_and_in_order_through_renames_kills_and_changes_in_mid_round(bool packs, bool delays, bool dates)
    {
        var complaints = new List<string>();
        foreach (int seed in Seeds)
        {
            var play = new Play(seed, new Rotator(packs, delays, dates, copies: false));
            await play.RunAsync();
            complaints.AddRange(play.Complaints(Enumerable.Range(1, play.Written)));
            if (play.Gaps > 0) complaints.Add($"seed {seed}: {play.Gaps} gaps");
        }

        Assert.True(complaints.Count == 0, string.Join(" | ", complaints));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Copied_and_cut_each_line_that_survived_is_collected_once(bool packs, bool delays)
    {
        var complaints = new List<string>();
        foreach (int seed in Seeds)
        {
            var play = new Play(seed, new Rotator(packs, delays, dates: false, copies: true));
            await play.RunAsync();
            complaints.AddRange(play.Complaints(play.Surviving()));
            if (play.Gaps > 0) complaints.Add($"seed {seed}: {play.Gaps} gaps");
        }

        Assert.True(complaints.Count == 0, string.Join(" | ", complaints));
    }

    [Theory]
    [InlineData(false, false, false, false)]
    [InlineData(true, false, false, false)]
    [InlineData(true, true, true, false)]
    [InlineData(false, false, false, true)]
    [InlineData(true, false, false, true)]
    [InlineData(true, true, false, true)]
    public async Task Of_files_that_all_begin_alike_each_line_is_collected_once(bool packs, bool delays, bool dates, bool copies)
    {
        var complaints = new List<string>();
        foreach (int seed in Seeds.Take(NumberOf("PRODOPS_SEEDS") ?? 12))
        {
            var play = new Play(seed, new Rotator(packs, delays, dates, copies) { Extension = seed % 3 == 0 ? ".xz" : ".gz" }) { Heading = new string('#', seed % 4 == 3 ? 2000 : 299) };
            await play.RunAsync();
            complaints.AddRange(play.Complaints(copies ? play.Surviving() : Enumerable.Range(1, play.Written)));
            if (play.Gaps > 0) complaints.Add($"seed {seed}: {play.Gaps} gaps");
        }

        Assert.True(complaints.Count == 0, string.Join(" | ", complaints));
    }

    /// <summary>Does what logrotate does.</summary>
    private sealed class Rotator(bool packs, bool delays, bool dates, bool copies)
    {
        private const int Kept = 40;
        private int _day, _putAside;

        /// <summary>What packed files end with.</summary>
        public string Extension { get; init; } = ".gz";

        private Action? _cut;

        /// <summary>Whether the log has been copied and not been cut yet. What is written in between is lost, unless it is collected in between.</summary>
        public bool IsCutting => _cut is not null;

        public void Cut()
        {
            _cut?.Invoke();
            _cut = null;
        }

        /// <param name="server">The disk.</param>
        /// <param name="random">Chance.</param>
        /// <param name="write">Writes to the log, which a writer that opens it by its name creates.</param>
        public void Rotate(SimulatedServer server, Random random, Action write)
        {
            if (!server.Exists(Log)) return;
            // Where times are of whole seconds, nothing tells between which rotated files one stands that was put out of the way.
            bool putsAside = server.Granularity == 1 && random.Next(4) == 0;
            // What is packed gets the time that logrotate saw first.
            long seen = server.ModifiedOf(Log);
            if (!copies && random.Next(4) == 0) write();
            // A rotated file that was not packed last time is in the way of the next copy.
            if (copies && server.Exists(Log + ".1") && packs && !delays) PutAside(server, Log + ".1");
            string suffix = dates ? $"-{20261101 + _day++}" : ".1";
            if (!dates)
            {
                for (int i = Kept; i > 0; i--)
                    foreach (string end in (string[])["", Extension])
                        if (server.Exists($"{Log}.{i}{end}")) server.Rename($"{Log}.{i}{end}", $"{Log}.{i + 1}{end}");
            }

            if (packs && delays)
                foreach (string old in server.Paths.Where(path => path != Log && !path.EndsWith(Extension, StringComparison.Ordinal) && !path.EndsWith(".backup", StringComparison.Ordinal)).ToArray()) server.Pack(old, Extension);
            if (copies)
            {
                server.Copy(Log, Log + suffix);
                _cut = () =>
                {
                    server.Truncate(Log);
                    if (packs && !delays && !putsAside) server.Pack(Log + suffix, Extension, seen);
                };
                // Of less, nothing tells whether it is a copy or a file that begins as each of them does.
                if (server.Content(Log).Length < 64 || random.Next(2) == 0) Cut();
                return;
            }

            server.Rename(Log, Log + suffix);
            if (putsAside)
            {
                // The writer was faster than logrotate: what it made is in the way.
                write();
                PutAside(server, Log);
                // Made in the moment of the last write, and packed with the time of that, nothing would tell that it is later.
                server.Now += 4_000;
                server.Append(Log, "");
            }
            else if (random.Next(2) == 0) server.Append(Log, "");
            if (packs && !delays) server.Pack(Log + suffix, Extension, seen);
        }

        private void PutAside(SimulatedServer server, string path) => server.Rename(path, $"{path}-{2026110100 + _putAside++}.backup");
    }

    private sealed class Play(int seed, Rotator rotator)
    {
        private readonly Random _random = new(seed);
        private readonly SimulatedServer _server = new() { PieceSize = 97 };
        private readonly RecordingSink _sink = new();
        private int _kills;

        /// <summary>The first line of each file, which is longer than what is looked at of a file, or nothing.</summary>
        public string Heading { get; init; } = "";

        public int Written { get; private set; }

        public int Gaps { get; private set; }

        public async Task RunAsync()
        {
            _server.Granularity = seed % 2 == 0 ? 1 : 1_000_000;
            _server.Meanwhile = () =>
            {
                if (_random.Next(6) == 0) Act();
            };
            _sink.BeforeAppend = _ =>
            {
                if (_random.Next(4) == 0 && ++_kills > 0) throw new KilledException();
            };
            for (int i = 0; i < 60; i++)
            {
                Act();
                if (_random.Next(3) == 0) await RoundAsync();
            }

            rotator.Cut();
            _server.Meanwhile = null;
            _sink.BeforeAppend = null;
            for (int i = 0; i < 2; i++)
            {
                _server.Now += 60_000_000;
                await RoundAsync();
            }
        }

        /// <summary>What is wrong with the lines that were collected, when these must be among them.</summary>
        public IEnumerable<string> Complaints(IEnumerable<int> wanted)
        {
            int[] numbers = [.. _sink.Lines(Stream).Where(line => line != Heading).Select(NumberOf)];
            int[] missing = [.. wanted.Except(numbers)], twice = [.. numbers.GroupBy(number => number).Where(same => same.Count() > 1).Select(same => same.Key)];
            int[] late = [.. numbers.Zip(numbers.Skip(1)).Where(pair => pair.First >= pair.Second).Select(pair => pair.Second)];
            if (missing.Length + twice.Length + late.Length > 0) yield return $"seed {seed}: {Say("missing", missing)}{Say("twice", twice)}{Say("late", late)}";

            static string Say(string what, int[] lines) => lines.Length == 0 ? "" : $" {what} {string.Join(' ', lines.Take(5))} ({lines.Length})";
        }

        public IEnumerable<int> Surviving() => _server.Paths.SelectMany(path => _server.Content(path).Split('\n')[..^1]).Where(line => line != Heading).Select(NumberOf);

        private static int NumberOf(string line) => int.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);

        private void Act()
        {
            _server.Now += _random.Next(1, 400_000);
            if (rotator.IsCutting && _random.Next(2) == 0) rotator.Cut();
            else if (!rotator.IsCutting && _random.Next(8) == 0) rotator.Rotate(_server, _random, Write);
            else Write();
        }

        private void Write()
        {
            _server.Now += 10_000;
            if (Heading.Length > 0 && (!_server.Exists(Log) || _server.Content(Log).Length == 0)) _server.Append(Log, Heading + "\n");
            for (int i = _random.Next(1, 9); i > 0; i--) _server.Append(Log, $"line {++Written:0000} {new string('.', _random.Next(60))}\n");
        }

        private async Task RoundAsync()
        {
            using var writer = new BatchWriter(_sink, Stream, TimeProvider.System) { BatchSize = 150 };
            // A batch may end anywhere but in a heading.
            using var source = new FileSource(writer, RotationOptions.Default) { HeadingLength = Heading.Length + 1 };
            try
            {
                await source.LoadAsync(default);
                await new FileRound(_server, SilentActivity.Instance).RunAsync([new RoundSource(source, new FilePatterns([Log], []))], default);
            }
            catch (KilledException)
            {
                // Whatever it knew is gone.
            }

            Gaps += source.Gaps.Count;
        }
    }

    private static int? NumberOf(string variable) => int.TryParse(Environment.GetEnvironmentVariable(variable), out int number) ? number : null;

    private sealed class KilledException : Exception;
}
