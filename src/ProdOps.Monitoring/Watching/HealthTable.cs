using System.Globalization;
using System.Text;

namespace ProdOps.Monitoring.Watching;

/// <summary>The live table: what is on the screen, made of a picture and the screen's size, and of nothing else.</summary>
internal static class HealthTable
{
    private const string Steps = "▁▂▃▄▅▆▇█";
    /// <summary>On less than this nothing is drawn that means anything.</summary>
    public const int LeastWidth = 40;

    private const int HeaderLines = 3, StateWidth = 13, NumberWidth = 5;

    /// <summary>The lines, the worst server first; each takes the whole width, and there are no more than the height allows.</summary>
    /// <param name="picture">How the servers are.</param>
    /// <param name="width">How many columns there are.</param>
    /// <param name="height">How many lines.</param>
    /// <param name="paint">Puts a text into a state's colour; <see langword="null"/> without colours. It takes no column.</param>
    public static IReadOnlyList<string> Render(HealthPicture picture, int width, int height, Func<HealthState, string, string>? paint)
    {
        paint ??= static (_, text) => text;
        if (width < LeastWidth) return [TerminalText.Fit("too narrow", width)];
        var columns = Columns.Of(width);
        var sorted = picture.Servers.OrderByDescending(static one => one.IsKnown ? one.Health.State : HealthState.OK).ThenBy(static one => one.Health.Server, StringComparer.OrdinalIgnoreCase).ToList();
        int room = Math.Max(1, height - HeaderLines), shown = sorted.Count <= room ? sorted.Count : room - 1;
        List<string> lines = [Title(picture, width, paint), Source(picture, width, paint), Header(columns), .. sorted.Take(shown).Select(server => Row(server, columns, paint))];
        if (shown < sorted.Count) lines.Add(TerminalText.Fit($"… and {sorted.Count - shown} more: {Counts(sorted.Skip(shown))}", width));
        return lines.Count <= height ? lines : lines[..Math.Max(0, height)];
    }

    /// <summary>Values in per cent as a line of blocks, each as high as it is full; blank where there is none.</summary>
    public static string Sparkline(IReadOnlyList<double> values, int width)
    {
        var line = new StringBuilder(width).Append(' ', Math.Max(0, width - values.Count));
        foreach (double value in values.Skip(Math.Max(0, values.Count - width))) line.Append(double.IsFinite(value) ? Steps[(int)Math.Clamp(value / 100 * Steps.Length, 0, Steps.Length - 1)] : ' ');
        return line.ToString();
    }

    public static string Word(HealthState state) => state switch
    {
        HealthState.OK => "+ OK",
        HealthState.Warning => "! Warning",
        HealthState.Critical => "x Critical",
        HealthState.Unreachable => "x Unreachable",
        HealthState.Maintenance => "- Maintenance",
        _ => "? Unknown",
    };

    private static string Title(HealthPicture picture, int width, Func<HealthState, string, string> paint)
    {
        string time = picture.Time.ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        int left = width - time.Length - 1;
        string name = picture.Environment.Length > 0 ? $"{picture.Environment}: " : "", incidents = picture.Incidents is { } open and > 0 ? $"; {open} open incident{(open == 1 ? "" : "s")}" : "";
        string text = TerminalText.Fit($"{name}{(picture.Servers.Count == 1 ? "1 server" : $"{picture.Servers.Count} servers")}: {Counts(picture.Servers)}{incidents}", left);
        var worst = picture.Servers.Where(static one => one.IsKnown).Select(static one => one.Health.State).DefaultIfEmpty(HealthState.Unknown).Max();
        return $"{paint(worst, text)} {time}";
    }

    private static string Source(HealthPicture picture, int width, Func<HealthState, string, string> paint)
    {
        string text = TerminalText.Fit(picture.Age is { } age ? $"{picture.Source}; {(picture.IsStale ? "! " : "")}the oldest answer is {Short(age)} old" : $"{picture.Source}; no answer yet", width);
        return picture.IsStale ? paint(HealthState.Warning, text) : text;
    }

    private static string Header(Columns columns)
    {
        var line = new StringBuilder(TerminalText.Fit("State", StateWidth)).Append(' ').Append(TerminalText.Fit("Server", columns.Server));
        if (columns.HasNumbers)
        {
            line.Append(' ').Append(TerminalText.Fit("CPU", columns.CpuSpark + NumberWidth, toRight: true)).Append(' ').Append(TerminalText.Fit("Mem", columns.MemorySpark + NumberWidth, toRight: true));
            line.Append(' ').Append(TerminalText.Fit("Disk", columns.DiskSpark + NumberWidth, toRight: true));
        }

        return line.Append(' ').Append(TerminalText.Fit("Problem", columns.Problem)).ToString();
    }

    private static string Row(WatchedHealth server, Columns columns, Func<HealthState, string, string> paint)
    {
        var health = server.Health;
        string state = TerminalText.Fit(server.IsKnown ? Word(health.State) : "…", StateWidth);
        var line = new StringBuilder(server.IsKnown ? paint(health.State, state) : state).Append(' ').Append(TerminalText.Fit(health.Server, columns.Server));
        if (columns.HasNumbers)
        {
            Append(server.Trend.Cpu, columns.CpuSpark, health.CpuBusy);
            Append(server.Trend.Memory, columns.MemorySpark, health.MemoryUsed);
            Append(server.Trend.Disk, columns.DiskSpark, health.DiskUsed);
        }

        return line.Append(' ').Append(TerminalText.Fit(server.IsKnown ? Problem(health.Problems) : "not looked at yet", columns.Problem)).ToString();

        void Append(IReadOnlyList<double> trend, int spark, double? value)
        {
            line.Append(' ');
            if (spark > 0) line.Append(Sparkline(trend, spark - 1)).Append(' ');
            line.Append(TerminalText.Fit(value is { } known && double.IsFinite(known) ? known.ToString("0", CultureInfo.InvariantCulture) + " %" : "", NumberWidth, toRight: true));
        }
    }

    private static string Problem(IReadOnlyList<HealthCheckResult> problems) => problems switch
    {
        [] => "",
        [var only] => Text(only),
        [var first, ..] => $"(+{problems.Count - 1}) {Text(first)}",
    };

    private static string Text(HealthCheckResult problem) => problem.Message.Length > 0 ? $"{problem}: {problem.Message}" : problem.ToString();

    private static string Counts(IEnumerable<WatchedHealth> servers)
    {
        var all = servers.ToList();
        var counts = all.Where(static one => one.IsKnown).CountBy(static one => one.Health.State).OrderByDescending(static count => count.Key).Select(static count => $"{count.Value} {count.Key}");
        int unknown = all.Count(static one => !one.IsKnown);
        return string.Join(", ", unknown == 0 ? counts : counts.Append($"{unknown} not looked at yet"));
    }

    private static string Short(TimeSpan age) =>
        age < TimeSpan.FromMinutes(1) ? $"{Math.Max(0, (int)age.TotalSeconds)} s" : age < TimeSpan.FromHours(1) ? $"{(int)age.TotalMinutes}m {age.Seconds:00}s" : age < TimeSpan.FromDays(1) ? $"{(int)age.TotalHours}h {age.Minutes:00}m" : $"{(int)age.TotalDays}d {age.Hours:00}h";

    /// <summary>What fits: numbers from 64 columns on, lines of blocks from 96 on, all three from 140 on.</summary>
    private sealed record Columns(int Server, bool HasNumbers, int CpuSpark, int MemorySpark, int DiskSpark, int Problem)
    {
        public static Columns Of(int width)
        {
            int server = width >= 140 ? 24 : width >= 96 ? 16 : 14;
            var (cpu, memory, disk) = width >= 140 ? (16, 16, 8) : width >= 96 ? (8, 8, 0) : (0, 0, 0);
            bool hasNumbers = width >= 64;
            int taken = StateWidth + 1 + server + (hasNumbers ? (3 * (NumberWidth + 1)) + cpu + memory + disk : 0) + 1;
            return new Columns(server, hasNumbers, cpu, memory, disk, width - taken);
        }
    }
}
