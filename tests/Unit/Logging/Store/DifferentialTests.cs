using System.Diagnostics;
using ProdOps.Logging.Conditions;
using ProdOps.Logging.Files;
using ProdOps.Logging.Formats;
using ProdOps.Logging.Searching;

namespace ProdOps.Logging.Tests.Store;

/// <summary>The same questions to the store, to files in place, and to ripgrep on the raw lines.</summary>
public sealed class DifferentialTests : IDisposable
{
    private readonly StoreFixture _fixture = new();
    private readonly Random _random = new(20261123);

    [ProgramFact("rg")]
    public async Task Hundreds_of_random_queries_find_the_lines_that_ripgrep_finds()
    {
        var lines = new LogSamples(11).Accesses(20_000);
        string raw = Path.Combine(_fixture.Folder, "..", Path.GetFileName(_fixture.Folder) + ".log");
        await File.WriteAllTextAsync(raw, LogSamples.Text(lines));
        try
        {
            for (int at = 0; at < lines.Count; at += 2500) await _fixture.AppendAsync("web1", "access", LogSamples.Text(lines.Skip(at).Take(2500)));
            for (int i = 0; i < 250; i++)
            {
                var query = RandomPattern(lines);
                string[] expected = Ripgrep(query, raw);
                string shown = $"{(query.IsRegex ? "regex" : "text")} '{query.Patterns[0]}' case {query.CaseSensitive} not {query.Not}";
                var found = await _fixture.SearchAsync(query);
                Assert.True(expected.SequenceEqual(found.Select(entry => entry.Raw)), $"{shown}: {expected.Length} by ripgrep, {found.Count} here");
                Assert.Equal(expected.Length, await _fixture.CountAsync(query));
                if (i % 10 > 0) continue;
                var inPlace = new List<string>();
                await foreach (var batch in new FileSearch(FormatCatalog.BuiltIn, _fixture.Activity).SearchAsync([new RotatedSet(raw, [raw])], query, default)) inPlace.AddRange(batch.Select(entry => entry.Raw));
                Assert.True(expected.SequenceEqual(inPlace), $"in place, {shown}");
            }
        }
        finally
        {
            File.Delete(raw);
        }
    }

    [Fact]
    public async Task Hundreds_of_random_windows_and_conditions_find_what_a_loop_over_the_lines_finds()
    {
        var lines = new LogSamples(12).Accesses(20_000);
        for (int at = 0; at < lines.Count; at += 4000) await _fixture.AppendAsync("web1", "access", LogSamples.Text(lines.Skip(at).Take(4000)));
        for (int i = 0; i < 200; i++)
        {
            var from = lines[_random.Next(lines.Count)].Time;
            var to = from + TimeSpan.FromSeconds(_random.Next(1, 20_000));
            int status = 200 + (_random.Next(4) * 100), bytes = _random.Next(50_000);
            string word = lines[_random.Next(lines.Count)].Path.Split('/')[1];
            (LogCondition? Condition, Func<LogSamples.Line, bool> Holds)[] choices =
            [
                (null, _ => true),
                (new Comparison("Status", LogOperator.GreaterOrEqual, (long)status, false), line => line.Status >= status),
                (new Comparison("Path", LogOperator.Like, $"/{word}/*", false), line => line.Path.StartsWith($"/{word}/", StringComparison.OrdinalIgnoreCase)),
                (new AllOf([new Comparison("Bytes", LogOperator.Less, (long)bytes, false), new NoneOf(new Comparison("Status", LogOperator.Equal, (long)status, false))]), line => line.Bytes < bytes && line.Status != status),
                (new AnyOf([new Comparison("Status", LogOperator.In, new object?[] { 404L, 502L }, false), new Comparison("Path", LogOperator.Match, $"^/{word}/1", true)]),
                    line => line.Status is 404 or 502 || line.Path.StartsWith($"/{word}/1", StringComparison.Ordinal)),
            ];
            var (condition, holds) = choices[i % choices.Length];
            var query = new LogQuery { After = from, Before = i % 3 == 0 ? null : to, Where = condition };
            var expected = lines.Where(line => line.Time >= from && (i % 3 == 0 || line.Time < to) && holds(line)).Select(line => line.Text).ToList();
            Assert.Equal(expected, (await _fixture.SearchAsync(query)).Select(entry => entry.Raw));
            Assert.Equal(expected.Count, await _fixture.CountAsync(query));
            int newest = _random.Next(1, 50);
            Assert.Equal(expected.TakeLast(newest), (await _fixture.SearchAsync(query with { Newest = newest })).Select(entry => entry.Raw));
            var measured = await new StoreSearch(_fixture.Store, _fixture.Activity).MeasureAsync(query, new MeasureOptions { By = ["Status"], Interval = TimeSpan.FromHours(1) }, default);
            Assert.Equal(expected.Count, measured.Sum(measure => measure.Count));
        }
    }

    public void Dispose() => _fixture.Dispose();

    private LogQuery RandomPattern(List<LogSamples.Line> lines)
    {
        string line = lines[_random.Next(lines.Count)].Text;
        int length = _random.Next(1, 40), start = _random.Next(line.Length - length);
        string piece = line.Substring(start, length);
        var query = new LogQuery { Patterns = [piece], CaseSensitive = _random.Next(2) == 0, Not = _random.Next(8) == 0 };
        if (!query.CaseSensitive && _random.Next(2) == 0) query = query with { Patterns = [piece.ToUpperInvariant()] };
        return _random.Next(3) switch
        {
            0 => query,
            1 => query with { IsRegex = true, Patterns = [System.Text.RegularExpressions.Regex.Escape(piece).Replace("\\ ", " ", StringComparison.Ordinal).Replace("#", "\\x23", StringComparison.Ordinal)] },
            _ => query with { IsRegex = true, Patterns = [Expression()] },
        };
    }

    private string Expression()
    {
        string[] expressions =
        [
            @"/refund/[0-9]{4}\b", @"(checkout|cart)/\d+\?id=[0-9a-f]{3}", @"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.25[0-5]\b.* 50[0-2]", "upstream.*timeout", @"^1\d\d\.", @"\)""$", "[0-9a-f]{8}a.b",
            "Sea?rch", "(?i)error.*login", @"HTTP/1\.1"" (404|5..) \d{1,3} ", $"id=[0-9]{{{_random.Next(2, 7)}}}[a-f]", "stra(ß|ss)e", @"\s-\s-\s\[2[01]/Nov", "x{0}GET|POST /k",
        ];
        return expressions[_random.Next(expressions.Length)];
    }

    private static string[] Ripgrep(LogQuery query, string path)
    {
        var start = new ProcessStartInfo("rg") { RedirectStandardOutput = true };
        foreach (string argument in new[] { "--no-config", "-N", "--no-filename", "-j1", query.IsRegex ? "-e" : "-Fe", query.Patterns[0] }) start.ArgumentList.Add(argument);
        if (!query.CaseSensitive) start.ArgumentList.Add("-i");
        if (query.Not) start.ArgumentList.Add("-v");
        start.ArgumentList.Add(path);
        using var process = Process.Start(start)!;
        string text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.InRange(process.ExitCode, 0, 1);
        return text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
