using ProdOps.Logging.Collecting;
using ProdOps.Logging.Collecting.Files;
using ProdOps.Logging.Collecting.Rotation;

namespace ProdOps.Logging.Tests.Collecting;

/// <summary>Files that are renamed whenever they are looked at: their log waits for the next round, and no other log does.</summary>
public sealed class UnsteadyFilesTests
{
    private const string Log = "/v/x.log", Other = "/v/y.log";
    private readonly SimulatedServer _server = new();
    private readonly RecordingSink _sink = new();

    [Fact]
    public async Task A_file_that_is_missing_from_a_list_since_it_was_renamed_just_then_is_not_taken_for_gone()
    {
        Write(Log, 1, 9);
        await RoundAsync();
        Write(Log, 10, 12);
        Write(Other, 1, 2);
        _server.Rename(Log, Log + ".1");
        Write(Log, 13, 14);
        _server.Sees = facts => facts with { Files = [.. facts.Files.Where(file => file.Path != Log + ".1")], Unsteady = new HashSet<string> { Log + ".1" } };
        await RoundAsync();
        Assert.Equal((9, 2), (Lines(Log).Length, Lines(Other).Length));
        _server.Sees = facts => facts;
        await RoundAsync();
        Assert.Equal(Enumerable.Range(1, 14).Select(Text), Lines(Log));
    }

    [Fact]
    public async Task A_source_whose_files_move_at_each_look_holds_up_no_other()
    {
        Write(Log, 1, 9);
        await RoundAsync();
        int last = 9;
        _server.Meanwhile = () =>
        {
            for (int i = 40; i > 0; i--)
                if (_server.Exists($"{Log}.{i}")) _server.Rename($"{Log}.{i}", $"{Log}.{i + 1}");
            _server.Rename(Log, Log + ".1");
            Write(Log, last + 1, last += 3);
        };
        Write(Other, 1, 2);
        await RoundAsync();
        Assert.Equal(2, Lines(Other).Length);
        _server.Meanwhile = null;
        _server.Now += 60_000_000;
        await RoundAsync();
        Assert.Equal(Enumerable.Range(1, last).Select(Text), Lines(Log));
    }

    private void Write(string path, int first, int last)
    {
        _server.Now += 10_000;
        for (int i = first; i <= last; i++) _server.Append(path, Text(i) + "\n");
    }

    private static string Text(int number) => $"line {number} ".PadRight(39, '.');

    private string[] Lines(string log) => _sink.Lines(new LogStream("web1", log));

    private async Task RoundAsync()
    {
        string[] logs = [Log, Other];
        var writers = logs.Select(log => new BatchWriter(_sink, new LogStream("web1", log), TimeProvider.System)).ToList();
        var sources = writers.ConvertAll(writer => new FileSource(writer, RotationOptions.Default));
        foreach (var source in sources) await source.LoadAsync(default);
        await new FileRound(_server, SilentActivity.Instance).RunAsync([.. sources.Zip(logs, (source, log) => new RoundSource(source, new FilePatterns([log], [])))], default);
        Assert.All(sources, source => Assert.Empty(source.Gaps));
        sources.ForEach(source => source.Dispose());
        writers.ForEach(writer => writer.Dispose());
    }
}
