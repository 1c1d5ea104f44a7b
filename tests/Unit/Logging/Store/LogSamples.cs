using System.Globalization;
using System.Text;

namespace ProdOps.Logging.Tests.Store;

/// <summary>Lines as servers write them, from a seed; each with what a test must know of it.</summary>
internal sealed class LogSamples(int seed)
{
    private static readonly string[] Methods = ["GET", "POST", "PUT", "DELETE"], Words = ["checkout", "refund", "login", "cart", "Search", "ERROR", "timeout", "upstream", "kelvin", "Straße"];
    private static readonly int[] Statuses = [200, 200, 200, 200, 301, 304, 404, 404, 500, 502];

    private readonly Random _random = new(seed);
    private DateTimeOffset _time = new(2026, 11, 20, 8, 0, 0, TimeSpan.Zero);

    public sealed record Line(string Text, DateTimeOffset Time, int Status, string Path, int Bytes);

    /// <summary>A line of nginx's combined format, later than the one before.</summary>
    public Line Access()
    {
        _time += TimeSpan.FromMilliseconds(_random.Next(0, 3000));
        var second = new DateTimeOffset(_time.Ticks - (_time.Ticks % TimeSpan.TicksPerSecond), TimeSpan.Zero);
        string path = $"/{Word()}/{_random.Next(1, 100_000)}";
        int status = Statuses[_random.Next(Statuses.Length)], bytes = _random.Next(0, 50_000);
        string text = string.Create(CultureInfo.InvariantCulture,
            $"{_random.Next(1, 255)}.{_random.Next(256)}.{_random.Next(256)}.{_random.Next(1, 255)} - - [{second:dd/MMM/yyyy:HH:mm:ss} +0000] \"{Methods[_random.Next(4)]} {path}?id={_random.NextInt64():x16} HTTP/1.1\" {status} {bytes} \"https://shop.example/{Word()}\" \"Mozilla/5.0 ({Word()}; {Word()})\"");
        return new Line(text, second, status, path, bytes);
    }

    public List<Line> Accesses(int count)
    {
        var lines = new List<Line>(count);
        for (int i = 0; i < count; i++) lines.Add(Access());
        return lines;
    }

    public static string Text(IEnumerable<Line> lines)
    {
        var text = new StringBuilder();
        foreach (var line in lines) text.Append(line.Text).Append('\n');
        return text.ToString();
    }

    private string Word() => Words[_random.Next(Words.Length)];
}
