using System.Text;
using ProdOps.Monitoring.Watching;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Monitoring.Tests.Watching;

/// <summary>The live table against what it looked like when somebody looked at it. PRODOPS_ACCEPT_TABLES=1 writes what it looks like now; the diff is part of the review.</summary>
public sealed class HealthTableTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 26, 23, 41, 7, TimeSpan.Zero);

    // What a server could say to somebody's terminal: clear it, colour it, set its title, ring, go up, turn the direction of text, stand on others, take two cells, be nothing.
    private const string Hostile = "a\u001b[2J\u001b[31mb\u001b]0;owned\u0007\r\nc\u009b1A\u202Ed\u0300\u0301 漢字テスト 🔥\u200D\uD800\uE000 e";

    private static readonly HealthPicture Shop = new()
    {
        Environment = "shop",
        Source = "asked from here every 5 s",
        Time = Now,
        Age = TimeSpan.FromSeconds(4.9),
        Servers =
        [
            Server("web1", HealthState.OK, 12, 41, 63),
            Server("web2", HealthState.Warning, 97, 41, 63, ("cpu.busy", null, "97.1 % busy, load 8.4")),
            Server("db1", HealthState.Critical, 3, 88, 96, ("disk.used", "/var/lib/postgresql", "96.2 % used, 3.10 GiB free"), ("memory.available", null, "12 % available")),
            Server("lb1", HealthState.Maintenance, 1, 10, 20, ("reachability", null, "deploy")),
            Server("behind-a-gateway-with-a-very-long-name.example.com", HealthState.Unreachable, null, null, null, ("reachability", null, "")),
            Server(Hostile, HealthState.Unknown, double.NaN, -5, 900, (Hostile, Hostile, Hostile)),
            new(new ServerHealth { Server = "new" }, HealthTrend.None),
        ],
    };

    [Theory]
    [InlineData(80)]
    [InlineData(100)]
    [InlineData(160)]
    [InlineData(50)]
    public void A_table_looks_as_it_did(int width) => AssertLooksLike($"{width}", HealthTable.Render(Shop, width, 24, null));

    [Fact]
    public void What_does_not_fit_is_counted_and_what_is_old_is_said()
    {
        var many = Shop with { Servers = [.. Shop.Servers, .. Enumerable.Range(10, 90).Select(i => Server($"app{i}", HealthState.OK, i, i, i))], Age = TimeSpan.FromMinutes(65), IsStale = true, Incidents = 2, Source = "what the monitor has written down" };
        AssertLooksLike("many", HealthTable.Render(many, 100, 12, null));
    }

    [Fact]
    public void Colours_are_those_of_states_and_take_no_room()
    {
        var plain = HealthTable.Render(Shop, 100, 24, null);
        var painted = HealthTable.Render(Shop, 100, 24, (state, text) => $"<{(int)state}>{text}</>");
        Assert.StartsWith("<5>x Critical   </> db1", painted[3], StringComparison.Ordinal);
        Assert.StartsWith("<5>shop: 7 servers", painted[0], StringComparison.Ordinal);
        Assert.Equal(plain, painted.Select(line => System.Text.RegularExpressions.Regex.Replace(line, "<[0-9]>|</>", "")));
    }

    [Fact]
    public void Whatever_servers_say_each_line_fills_the_width_and_nothing_drives_the_terminal()
    {
        var random = new Random(7);
        int[] points = [0, 7, 8, 9, 10, 13, 27, 0x1b, 0x20, 0x41, 0x7f, 0x85, 0x90, 0x9b, 0x9d, 0xa0, 0xad, 0x300, 0x61c, 0x1100, 0x115f, 0x200b, 0x200e, 0x2028, 0x202e, 0x2066, 0x3000, 0x6f22, 0xac00, 0xd800, 0xdfff, 0xe000, 0xfe0f, 0xfeff, 0xffa0, 0xfffe, 0x1f525, 0x20000, 0xe0001, 0x10ffff];
        for (int round = 0; round < 500; round++)
        {
            string Text() => string.Concat(Enumerable.Range(0, random.Next(0, 60)).Select(_ => points[random.Next(points.Length)]).Select(point => point is >= 0xd800 and <= 0xdfff ? $"{(char)point}" : char.ConvertFromUtf32(point)));
            double? Value() => random.Next(6) switch { 0 => null, 1 => double.NaN, 2 => double.PositiveInfinity, 3 => -1e300, _ => random.NextDouble() * 100 };
            var picture = Shop with
            {
                Environment = Text(),
                Source = Text(),
                Servers = [.. Enumerable.Range(0, random.Next(0, 9)).Select(_ => Server(Text(), (HealthState)random.Next(6), Value(), Value(), Value(), (Text(), Text(), Text())))],
            };
            int width = random.Next(1, 200), height = random.Next(1, 30);
            var lines = HealthTable.Render(picture, width, height, null);
            Assert.InRange(lines.Count, 1, height);
            foreach (string line in lines)
            {
                Assert.Equal(width, line.EnumerateRunes().Sum(Cells));
                Assert.DoesNotContain(line.EnumerateRunes(), rune => Rune.IsControl(rune) || Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.Format or System.Globalization.UnicodeCategory.NonSpacingMark
                    or System.Globalization.UnicodeCategory.LineSeparator or System.Globalization.UnicodeCategory.ParagraphSeparator or System.Globalization.UnicodeCategory.PrivateUse);
            }
        }
    }

    [Theory]
    [InlineData("abc", 5, "abc  ")]
    [InlineData("abcdef", 5, "abcd…")]
    [InlineData("abcde", 5, "abcde")]
    [InlineData("漢字漢", 5, "漢字…")]
    [InlineData("漢字漢", 4, "漢… ")]
    [InlineData("漢", 1, "…")]
    [InlineData("a\n\n\tb", 5, "a b  ")]
    [InlineData("", 2, "  ")]
    [InlineData("abc", 0, "")]
    public void Texts_are_fitted_into_cells(string text, int cells, string fitted) => Assert.Equal(fitted, TerminalText.Fit(text, cells));

    [Fact]
    public void A_line_of_blocks_is_as_high_as_it_is_full() => Assert.Equal("  ▁▅ ██▁", HealthTable.Sparkline([0, 50, double.NaN, 100, 250, -3], 8));

    // Of those that the tests above use; what is wide stands in Unicode's EastAsianWidth.txt.
    private static int Cells(Rune rune) => rune.Value is 0x6f22 or 0xac00 or 0x1100 or 0x1f525 or 0x20000 ? 2 : 1;

    private static WatchedHealth Server(string name, HealthState state, double? cpu, double? memory, double? disk, params (string Check, string? Instance, string Message)[] problems) => new(
        new ServerHealth
        {
            Server = name,
            State = state,
            Time = Now,
            Problems = [.. problems.Select(problem => new HealthCheckResult { Server = name, Check = problem.Check, Instance = problem.Instance, Message = problem.Message, State = state })],
            Metrics = [.. Samples(("cpu.busy", cpu), ("memory.available", 100 - memory), ("disk.used", disk))],
        },
        new HealthTrend(Enumerable.Range(0, 20).Select(i => (cpu ?? double.NaN) * i / 19).ToList(), [memory ?? double.NaN], [disk ?? double.NaN, disk ?? double.NaN]));

    private static IEnumerable<MetricSample> Samples(params (string Name, double? Value)[] values) => values.Where(one => one.Value is not null).Select(one => new MetricSample { Name = one.Name, Value = one.Value!.Value, Unit = "%" });

    private static void AssertLooksLike(string name, IReadOnlyList<string> lines)
    {
        string path = Path.Combine(Clone.PathOf("tests", "fixtures", "health-table"), $"{name}.txt"), looks = string.Concat(lines.Select(line => $"{line}|\n"));
        if (Environment.GetEnvironmentVariable("PRODOPS_ACCEPT_TABLES") == "1") File.WriteAllText(path, looks);
        Assert.Equal(File.ReadAllText(path), looks);
    }
}
