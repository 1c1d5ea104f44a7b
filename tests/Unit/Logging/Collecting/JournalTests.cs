using System.Buffers;
using System.Text;
using ProdOps.Logging.Collecting;
using ProdOps.Logging.Collecting.Files;
using ProdOps.Logging.Collecting.Journal;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Logging.Tests.Collecting;

public sealed class JournalTests : IDisposable
{
    private static readonly LogStream Stream = new("web1", "journal");
    private readonly string _folder = Directory.CreateTempSubdirectory("prodops-journal-").FullName;
    private readonly RecordingSink _sink = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("__CURSOR=c\nMESSAGE=hello \"x\" \\ /\n\n", """{"__CURSOR":"c","MESSAGE":"hello \"x\" \\ /"}""")]
    [InlineData("MESSAGE\n\u0005\0\0\0\0\0\0\0a\nb\tc\n\n", """{"MESSAGE":"a\nb\tc"}""")]
    [InlineData("MESSAGE=\u001b[31m\n\n", """{"MESSAGE":[27,91,51,49,109]}""")]
    [InlineData("_X=1\n_X=2\nA=\n_X=3\n\n", """{"_X":["1","2","3"],"A":""}""")]
    [InlineData("MESSAGE\n\u0002\0\0\0\0\0\0\0\0\u0001\n\n", """{"MESSAGE":[0,1]}""")]
    public async Task Entries_become_the_json_that_journalctl_prints(string export, string json) => Assert.Equal([json], await ReadAsync(Encoding.Latin1.GetBytes(export)));

    [Fact]
    public async Task Texts_keep_their_bytes_and_what_is_not_utf8_is_a_list_of_them()
    {
        Assert.Equal(["""{"M":"grün"}"""], await ReadAsync("M=grün\n\n"u8.ToArray()));
        Assert.Equal(["""{"M":[255,254]}"""], await ReadAsync([.. "M="u8, 255, 254, .. "\n\n"u8]));
    }

    [Fact]
    public async Task Values_that_are_too_large_are_null_and_an_entry_that_is_cut_is_none()
    {
        byte[] large = [.. "A=1\nCOREDUMP\n"u8, 0, 0, 32, 0, 0, 0, 0, 0, .. new byte[0x200000], .. "\nB=2\n\nC=3\n\nD=4\n"u8];
        Assert.Equal(["""{"A":"1","COREDUMP":null,"B":"2"}""", """{"C":"3"}"""], await ReadAsync(large));
        Assert.Equal(["""{"A":null,"B":"2"}"""], await ReadAsync(Encoding.ASCII.GetBytes($"A={new string('x', 3_000_000)}\nB=2\n\n")));
    }

    [UnixFact]
    public async Task Each_entry_is_collected_once_and_a_vacuumed_cursor_is_a_gap()
    {
        Journal(1, 2, 3);
        Assert.False((await RoundAsync()).HasGap);
        Journal(3, 4, 5);
        Assert.False((await RoundAsync()).HasGap);
        // The entry of the cursor is gone, and reading begins anywhere near.
        Journal(2, 4, 7, 8);
        var gap = await RoundAsync();
        Assert.True(gap.HasGap);
        Assert.Equal((5, 7), (gap.Gap.From.ToUnixTimeSeconds(), gap.Gap.To.ToUnixTimeSeconds()));
        // All up to the cursor was vacuumed, and nothing after it.
        Journal(9, 10);
        Assert.False((await RoundAsync()).HasGap);
        Assert.Equal(["1", "2", "3", "4", "5", "7", "8", "9", "10"], _sink.Lines(Stream).Select(line => line.Split("\"MESSAGE\":\"")[1].TrimEnd('"', '}')));
    }

    [UnixFact]
    public async Task Reading_goes_on_after_a_bad_message()
    {
        Journal(1, 2);
        File.WriteAllText(Path.Combine(_folder, "fail"), "1");
        await RoundAsync();
        Assert.Equal(2, _sink.Lines(Stream).Length);
        File.Delete(Path.Combine(_folder, "journalctl"));
        File.WriteAllText(Path.Combine(_folder, "journalctl"), "#!/bin/sh\necho 'No journal files were opened due to insufficient permissions.' >&2; exit 1\n");
        Tool.SetMode(Path.Combine(_folder, "journalctl"), (UnixFileMode)0b111_101_101);
        var error = await Assert.ThrowsAsync<ProdOpsException>(RoundAsync);
        Assert.Equal("JournalFailed", error.ErrorId);
        Assert.Contains("insufficient permissions", error.Message);
    }

    private async Task<JournalSource> RoundAsync()
    {
        using var writer = new BatchWriter(_sink, Stream, TimeProvider.System);
        var source = new JournalSource(writer, new PathShell(_folder), new LogSourceDefinition { Name = "journal", Journal = true });
        await source.RunAsync(new ServerFacts(1_764_000_000_000_000, []), TimeSpan.FromDays(7), SilentActivity.Instance, default);
        return source;
    }

    /// <summary>A journalctl that prints these entries whatever the cursor, and fails once when it is told to.</summary>
    private void Journal(params int[] numbers)
    {
        string path = Path.Combine(_folder, "journalctl");
        var entries = numbers.Select(number => $"__CURSOR=s=aa;i={number:x};b=b\n__REALTIME_TIMESTAMP={number}000000\nMESSAGE={number}\n");
        File.WriteAllText(path, $"#!/bin/sh\ncat <<'EOF'\n{string.Join('\n', entries)}\nEOF\nif [ -e {_folder}/fail ]; then rm {_folder}/fail; echo 'Failed to iterate through journal: Bad message' >&2; exit 1; fi\n");
        Tool.SetMode(path, (UnixFileMode)0b111_101_101);
    }

    private static async Task<List<string>> ReadAsync(byte[] export)
    {
        using var reader = new JournalReader(new MemoryStream(export), "web1");
        var entry = new JournalEntry();
        var lines = new List<string>();
        while (await reader.ReadAsync(entry, default))
        {
            var json = new ArrayBufferWriter<byte>();
            JournalJson.Write(entry, json);
            lines.Add(Encoding.UTF8.GetString(json.WrittenSpan).TrimEnd('\n'));
        }

        return lines;
    }

    private sealed class PathShell(string folder) : IServerShell
    {
        private readonly LocalShell _shell = new("web1");

        public string Name => "web1";

        public Task<IServerProcess> StartAsync(ServerCommand command, CancellationToken cancellationToken) =>
            _shell.StartAsync(command with { Text = $"PATH={folder}:$PATH; export PATH\n{command.Text}" }, cancellationToken);
    }
}
