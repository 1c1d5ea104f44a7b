using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using ProdOps.Monitoring.Probing;
using ProdOps.Monitoring.Probing.Report;

namespace ProdOps.Benchmarks.Monitors;

/// <summary>Answers to the probe: a real server's, in which counters go on. What a monitor has to read, without a server.</summary>
internal sealed class SimulatedAnswers(string answer)
{
    private const int Digits = 14;
    private const string Nonce = "0123456789abcdef";

    private static readonly string[] OfServices = ["time", "processes", "links", "units", "failed", "ports"];
    private static readonly string[] OfSlow = ["sensors", "page", "tasks", "outdated", "release", "installed", "reboot", "clock"];
    private static readonly string[] OfDaily = ["os", "virtualization", "container", "lists", "apt"];

    // How the server was when it answered: under load, with a unit that had failed.
    private static readonly (Regex What, string Instead)[] Ills = [(new Regex(@"(?<=avg\d+=)[\d.]+"), "0.10"), (new Regex(@"(?<=@failed\n)[^@]*"), "\n")];

    private readonly Template[] _templates = [.. Enumerable.Range(0, 8).Select(parts => Make(Ills.Aggregate(answer, static (text, ill) => ill.What.Replace(text, ill.Instead)), (ProbeParts)parts))];
    private readonly Template[] _illTemplates = [.. Enumerable.Range(0, 8).Select(parts => Make(answer, (ProbeParts)parts))];

    /// <summary>The answer of a server after so many seconds, parsed.</summary>
    public ProbeReport Ask(string server, ProbeRequest request, double seconds, DateTimeOffset now, bool isIll = false) =>
        ProbeParser.Parse(server, request with { Nonce = Nonce }, Text(request.Parts, seconds, now, isIll));

    public string Text(ProbeParts parts, double seconds, DateTimeOffset now, bool isIll = false)
    {
        var template = (isIll ? _illTemplates : _templates)[(int)parts];
        return string.Create(template.Text.Length, (template, seconds, now), static (text, made) =>
        {
            made.template.Text.CopyTo(text);
            foreach (var counter in made.template.Counters)
            {
                // Never the same rate twice, and never back.
                double swing = counter.PerSecond * 5 * (1 + Math.Sin(made.seconds / 60 + counter.Position));
                Write(text.Slice(counter.Position, Digits), counter.Start + (ulong)(counter.PerSecond * made.seconds + swing));
            }

            if (made.template.Time < 0) return;
            Write(text.Slice(made.template.Time, 10), (ulong)made.now.ToUnixTimeSeconds());
            Write(text.Slice(made.template.Time + 11, 9), (ulong)(made.now.Ticks % TimeSpan.TicksPerSecond * 100));
        });
    }

    private static void Write(Span<char> place, ulong number)
    {
        for (int i = place.Length - 1; i >= 0; i--, number /= 10) place[i] = (char)('0' + number % 10);
    }

    private static Template Make(string answer, ProbeParts parts)
    {
        var text = new StringBuilder();
        var counters = new List<Counter>();
        string section = "begin";
        int time = -1;
        foreach (string line in answer.Split('\n'))
        {
            if (line.StartsWith('@') && !line.StartsWith("@=", StringComparison.Ordinal)) section = line[1..].Split(' ')[0];
            if (OfServices.Contains(section) && !parts.HasFlag(ProbeParts.Services)) continue;
            if (OfSlow.Contains(section) && !parts.HasFlag(ProbeParts.Slow)) continue;
            if (OfDaily.Contains(section) && !parts.HasFlag(ProbeParts.Daily)) continue;
            if (section == "time" && line.Length == 20) time = text.Length;
            if (line.StartsWith("uptime:", StringComparison.Ordinal)) Uptime(line, text, counters);
            else Counters(line, text, counters);
            text.Append('\n');
        }

        return new Template(text.ToString(), counters, time);
    }

    private static void Uptime(string line, StringBuilder text, List<Counter> counters)
    {
        int point = line.IndexOf('.');
        text.Append("uptime:");
        counters.Add(new Counter(text.Length, ulong.Parse(line.AsSpan(7, point - 7), CultureInfo.InvariantCulture), 1));
        text.Append('0', Digits).Append(line, point, line.Length - point);
    }

    private static void Counters(string line, StringBuilder text, List<Counter> counters)
    {
        int names = line.StartsWith("stat:cpu", StringComparison.Ordinal) ? 1 : line.StartsWith("diskstats:", StringComparison.Ordinal) ? 4 : line.StartsWith("net/dev:", StringComparison.Ordinal) ? 2 : int.MaxValue;
        if (names == int.MaxValue)
        {
            text.Append(line);
            return;
        }

        int number = 0;
        foreach (string word in line.Replace("diskstats:", "diskstats: ", StringComparison.Ordinal).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (number > 0) text.Append(' ');
            bool counts = number++ >= names && ulong.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out ulong start) && start > 0;
            if (!counts) text.Append(word);
            else
            {
                counters.Add(new Counter(text.Length, ulong.Parse(word, CultureInfo.InvariantCulture), 1 + (counters.Count * 7 % 40)));
                text.Append('0', Digits);
            }
        }
    }

    private sealed record Template(string Text, List<Counter> Counters, int Time);

    private readonly record struct Counter(int Position, ulong Start, double PerSecond);
}
