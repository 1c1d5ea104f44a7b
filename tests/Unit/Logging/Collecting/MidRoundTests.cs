using ProdOps.Logging.Collecting;
using ProdOps.Logging.Collecting.Files;
using ProdOps.Logging.Collecting.Rotation;

namespace ProdOps.Logging.Tests.Collecting;

/// <summary>A log that was rotated once is rotated again at each moment of the round that follows: between its looks, and before its readings.</summary>
public sealed class MidRoundTests
{
    private const string Log = "/v/x.log";
    private const int Moments = 8;
    private readonly SimulatedServer _server = new();
    private readonly RecordingSink _sink = new();
    private int _line;

    public static TheoryData<bool, int, int> All
    {
        get
        {
            var all = new TheoryData<bool, int, int>();
            foreach (bool copies in (bool[])[true, false])
                for (int times = 1; times <= 2; times++)
                    for (int moment = 0; moment < Moments; moment++) all.Add(copies, times, moment);
            return all;
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_rotation_in_the_middle_of_a_round_changes_neither_number_nor_order_of_the_lines(bool copies, int times, int moment)
    {
        Write(9);
        await RoundAsync();
        Rotate(copies, 3);
        int left = moment;
        _server.Meanwhile = () =>
        {
            if (left-- != 0) return;
            // What is there then is longer than what was looked at, and may have the number of that.
            for (int i = 0; i < times; i++) Rotate(copies, 9);
        };
        await RoundAsync();
        _server.Meanwhile = null;
        for (int i = 0; i < 2; i++)
        {
            _server.Now += 60_000_000;
            await RoundAsync();
        }

        Assert.Equal(Enumerable.Range(1, _line).Select(number => $"line {number}"), _sink.Lines(Stream).Select(line => line.TrimEnd('.').TrimEnd()));
    }

    private static LogStream Stream { get; } = new("web1", "x");

    private void Rotate(bool copies, int lines)
    {
        for (int i = 8; i > 0; i--)
            if (_server.Exists($"{Log}.{i}.gz")) _server.Rename($"{Log}.{i}.gz", $"{Log}.{i + 1}.gz");
        _server.Now += 10_000;
        if (copies)
        {
            _server.Copy(Log, Log + ".1");
            _server.Truncate(Log);
        }
        else _server.Rename(Log, Log + ".1");
        Write(lines);
        _server.Pack(Log + ".1");
    }

    private void Write(int lines)
    {
        _server.Now += 10_000;
        for (int i = 0; i < lines; i++) _server.Append(Log, $"line {++_line} ".PadRight(39, '.') + "\n");
    }

    private async Task RoundAsync()
    {
        using var writer = new BatchWriter(_sink, Stream, TimeProvider.System);
        using var source = new FileSource(writer, RotationOptions.Default);
        await source.LoadAsync(default);
        var one = new RoundSource(source, new FilePatterns([Log], []));
        await new FileRound(_server, SilentActivity.Instance).RunAsync([one], default);
        Assert.Null(one.Failure);
        Assert.Empty(source.Gaps);
    }
}
