using System.Globalization;
using ProdOps.Logging.Collecting;
using ProdOps.Logging.Collecting.Files;
using ProdOps.Logging.Collecting.Rotation;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Logging.Tests.Collecting;

/// <summary>Plays a case of <c>tests/fixtures/logs/rotation/cases.txt</c>.</summary>
internal sealed class RotationCase
{
    private const string Log = "/v/x.log";
    private readonly SimulatedServer _server = new();
    private readonly RecordingSink _sink = new();
    private readonly List<string> _gaps = [];
    private Action<string>? _open;
    private int _line;

    public static IEnumerable<(string Name, string Script, string Expected)> All() =>
        from text in File.ReadLines(Clone.PathOf("tests", "fixtures", "logs", "rotation", "cases.txt"))
        where text.Length > 0 && text[0] != '#'
        let colon = text.IndexOf(':')
        let arrow = text.IndexOf("=>", StringComparison.Ordinal)
        select (text[..colon], text[(colon + 1)..arrow].Trim(), text[(arrow + 2)..].Trim());

    /// <summary>The lines that were collected, and the gaps.</summary>
    public static async Task<string> PlayAsync(string script, Action<SimulatedServer>? with = null)
    {
        var play = new RotationCase();
        with?.Invoke(play._server);
        foreach (string step in script.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)) await play.DoAsync(step.Split(' '));
        var lines = play._sink.Lines(Stream).Select(line => line.EndsWith('.') ? line.TrimEnd('.').Split(' ')[1].TrimStart('0') : line.Split(' ')[1].TrimStart('0') + "~");
        return string.Join(' ', [.. lines, .. play._gaps]);
    }

    private static LogStream Stream { get; } = new("web1", "x");

    private async Task DoAsync(string[] words)
    {
        _server.Now += 1000;
        switch (words)
        {
            case ["write", var count]: for (int i = Number(count); i > 0; i--) _server.Append(Log, Line()); break;
            case ["head"]: _server.Append(Log, "line H ".PadRight(299, '.') + "\n"); break;
            case ["part"]: _server.Append(Log, Line()[..9]); break;
            case ["rest"]: _server.Append(Log, Text(_line)[9..]); break;
            case ["late", "part"]: _open!(Line()[..9]); break;
            case ["late", "rest"]: _open!(Text(2)[9..]); break;
            case ["late", var count]: for (int i = Number(count); i > 0; i--) _open!(Line()); break;
            case ["open"]: _open = _server.Open(Log); break;
            case ["create"]: _server.Append(Log, ""); break;
            case ["round"]: await RoundAsync(TimeSpan.FromDays(7)); break;
            case ["round", var window]: await RoundAsync(Duration(window)); break;
            case ["wait"]: _server.Now += 60_000_000; break;
            case ["wait", var time]: _server.Now += (long)Duration(time).TotalMicroseconds; break;
            case ["move", var from, var to]: _server.Rename(Path(from), Path(to)); break;
            case ["copy", var from, var to]: _server.Copy(Path(from), Path(to)); break;
            case ["cut", var path]: _server.Truncate(Path(path)); break;
            case ["delete", var path]: _server.Delete(Path(path)); break;
            case ["pack", var path]: _server.Pack(Path(path)); break;
            case ["pack", var path, var extension]: _server.Pack(Path(path), extension); break;
            case ["mount"]: _server.Device++; break;
            default: throw new FormatException(string.Join(' ', words));
        }
    }

    private async Task RoundAsync(TimeSpan window)
    {
        using var writer = new BatchWriter(_sink, Stream, TimeProvider.System);
        using var source = new FileSource(writer, new RotationOptions(window));
        await source.LoadAsync(default);
        var one = new RoundSource(source, new FilePatterns([Log], []));
        await new FileRound(_server, SilentActivity.Instance).RunAsync([one], default);
        Assert.Null(one.Failure);
        Assert.False(source.NeedsAnotherLook);
        _gaps.AddRange(source.Gaps.Select(gap => gap.Bytes > 0 ? $"!{gap.Bytes}" : "!"));
    }

    private string Line() => Text(++_line);

    // Forty bytes: that seven of them are more than is looked at of a file matters to the collector.
    private static string Text(int number) => $"line {number:0000} ".PadRight(39, '.') + "\n";

    private static string Path(string name) => name == "-" ? Log : name[0] == '=' ? $"/v/{name[1..]}" : Log + name;

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static TimeSpan Duration(string text) => text[^1] switch { 's' => TimeSpan.FromSeconds(Number(text[..^1])), 'h' => TimeSpan.FromHours(Number(text[..^1])), 'd' => TimeSpan.FromDays(Number(text[..^1])), _ => throw new FormatException(text) };
}
