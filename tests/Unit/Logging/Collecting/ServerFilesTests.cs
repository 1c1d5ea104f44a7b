using System.Text;
using ProdOps.Logging.Collecting;
using ProdOps.Logging.Collecting.Files;
using ProdOps.Logging.Collecting.Rotation;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Logging.Tests.Collecting;

/// <summary>Real files by this machine's shell, with GNU's tools and with BusyBox's.</summary>
public sealed class ServerFilesTests : IDisposable
{
    private static readonly LogStream Stream = new("web1", "x");
    private readonly string _folder = Directory.CreateTempSubdirectory("prodops-collect-").FullName;
    private readonly RecordingSink _sink = new();
    private int _line;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Log => Path.Combine(_folder, "x.log");

    [UnixTheory("busybox", "gzip", "xz", "zstd", "bzip2")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Files_are_followed_through_renaming_packing_and_cutting(bool busyBox)
    {
        var shell = new ToolShell(busyBox);
        Write(100);
        await RoundAsync(shell);
        Write(50);
        Sh("mv x.log x.log.1");
        Write(50);
        await RoundAsync(shell);
        foreach (string pack in (string[])["gzip", "xz", "zstd -q --rm", "bzip2"])
        {
            Write(30);
            Sh($"for f in $(ls -r x.log.[0-9]*); do n=${{f#x.log.}}; e=${{n#*[0-9]}}; n=${{n%%.*}}; mv $f x.log.$((n + 1))$e; done; mv x.log x.log.1; {pack} x.log.1");
            Write(20);
            await RoundAsync(shell);
        }

        Write(10);
        Sh("rm -f x.log.*; cp x.log x.log.1; : > x.log");
        Write(5);
        var source = await RoundAsync(shell);
        Assert.Empty(source.Gaps);
        Assert.Empty(source.Failures);
        Assert.Equal(string.Concat(Enumerable.Range(1, _line).Select(Text)), _sink.Text(Stream));
    }

    [UnixTheory("busybox", "gzip", "xz", "zstd", "bzip2")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Packed_files_are_told_apart_that_begin_with_the_same_heading(bool busyBox)
    {
        var shell = new ToolShell(busyBox);
        string heading = $"{new string('#', 299)}\n", expected = "";
        await WriteAsync(1);
        await RoundAsync(shell);
        foreach (string pack in (string[])["gzip", "xz", "zstd -q --rm", "bzip2"])
        {
            for (int lines = 30; lines > 0; lines -= 25)
            {
                await WriteAsync(lines);
                Sh($"for f in $(ls x.log.[0-9]* | sort -t. -k3,3nr); do n=${{f#x.log.}}; e=${{n#*[0-9]}}; n=${{n%%.*}}; mv $f x.log.$((n + 1))$e; done; mv x.log x.log.1; {pack} x.log.1");
            }

            await WriteAsync(20);
            await RoundAsync(shell);
        }

        Assert.Equal(expected, _sink.Text(Stream));

        async Task WriteAsync(int lines)
        {
            string text = (File.Exists(Log) ? "" : heading) + string.Concat(Enumerable.Range(_line + 1, lines).Select(Text));
            _line += lines;
            expected += text;
            await File.AppendAllTextAsync(Log, text);
        }
    }

    [UnixTheory("busybox", "zstd", "gzip")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Bytes_come_as_they_are_in_batches_of_bounded_size(bool busyBox)
    {
        var shell = new ToolShell(busyBox);
        var random = new Random(5);
        byte[] bytes = new byte[11_000_000];
        random.NextBytes(bytes);
        for (int i = 0; i < bytes.Length; i += random.Next(40, 4000)) bytes[i] = (byte)'\n';
        bytes[^1] = (byte)'\n';
        await File.WriteAllBytesAsync(Log, bytes);
        await RoundAsync(shell);
        Assert.True(bytes.AsSpan().SequenceEqual(_sink.Bytes(Stream)));
        Assert.All(_sink.Batches, batch => Assert.InRange(batch.Lines.Length, 1, 10_000_000));
        await File.AppendAllTextAsync(Log, "one more\n");
        await RoundAsync(shell);
        Assert.EndsWith("one more\n", _sink.Text(Stream));
        Assert.Equal(bytes.Length + 9, _sink.Bytes(Stream).Length);
    }

    [UnixFact]
    public async Task A_line_of_many_megabytes_is_cut_with_a_mark_and_what_follows_is_whole()
    {
        await File.WriteAllTextAsync(Log, $"before\n{new string('x', 3_000_000)}\nafter\n{new string('y', 2_000_000)}");
        await RoundAsync(new ToolShell(busyBox: false));
        await File.AppendAllTextAsync(Log, $"{new string('y', 1_000_000)}\nlast\n");
        await RoundAsync(new ToolShell(busyBox: false));
        Assert.Equal(["before", new string('x', LineCutter.MaximumLine) + " [cut]", "after", new string('y', LineCutter.MaximumLine) + " [cut]", "last"], _sink.Lines(Stream));
    }

    [UnixFact]
    public async Task Names_of_all_sorts_are_files_and_no_commands()
    {
        foreach (string name in (string[])["a b.log", "$(touch boom).log", "'q'.log", "-r.log", "back`touch boom`.log", "new\nline.log", "[x].log"]) await File.WriteAllTextAsync(Path.Combine(_folder, name), $"of {name.Length}\n");
        using var writer = new BatchWriter(_sink, Stream, TimeProvider.System);
        using var source = new FileSource(writer, RotationOptions.Default);
        await source.LoadAsync(default);
        await new FileRound(new ServerFiles(new ToolShell(false), false), SilentActivity.Instance).RunAsync([new RoundSource(source, new FilePatterns([Path.Combine(_folder, "*.log")], [Path.Combine(_folder, "a*")]))], default);
        Assert.Equal(6, _sink.Lines(Stream).Length);
        Assert.False(File.Exists(Path.Combine(_folder, "boom")));
    }

    [UnixFact("gzip")]
    public async Task A_damaged_packed_file_is_told_about_once_and_does_not_hold_up_what_follows()
    {
        Write(5000);
        Sh("mv x.log x.log.1; gzip x.log.1; truncate -s -500 x.log.1.gz");
        Write(1);
        var source = await RoundAsync(new ToolShell(false));
        Assert.Equal(ReadEnd.Damaged, Assert.Single(source.Failures).Value);
        Assert.EndsWith(Text(_line), _sink.Text(Stream));
        Write(1);
        Assert.Empty((await RoundAsync(new ToolShell(false))).Failures);
        Assert.EndsWith(Text(_line - 1) + Text(_line), _sink.Text(Stream));
    }

    [UnixFact]
    public async Task What_cannot_be_kept_is_that_sources_failure_and_the_other_goes_on()
    {
        Write(10);
        await File.WriteAllTextAsync(Path.Combine(_folder, "y.log"), "other\n");
        var other = new LogStream("web1", "y");
        _sink.BeforeAppend = batch =>
        {
            if (batch.Stream == Stream) throw new ProdOpsException("DiskFull", ErrorKind.ResourceUnavailable, "full");
        };
        using var writer = new BatchWriter(_sink, Stream, TimeProvider.System);
        using var source = new FileSource(writer, RotationOptions.Default);
        using var otherWriter = new BatchWriter(_sink, other, TimeProvider.System);
        using var otherSource = new FileSource(otherWriter, RotationOptions.Default);
        RoundSource[] rounds = [new(source, new FilePatterns([Log], [])), new(otherSource, new FilePatterns([Path.Combine(_folder, "y.log")], []))];
        await new FileRound(new ServerFiles(new ToolShell(false), false), SilentActivity.Instance).RunAsync(rounds, default);
        Assert.Equal("DiskFull", Assert.IsType<ProdOpsException>(rounds[0].Failure).ErrorId);
        Assert.Null(rounds[1].Failure);
        Assert.Equal("other\n", _sink.Text(other));
        _sink.BeforeAppend = null;
        await RoundAsync(new ToolShell(false));
        Assert.Equal(10, _sink.Lines(Stream).Length);
    }

    [UnixFact]
    public async Task A_log_that_is_cut_and_grows_while_it_is_read_is_not_taken_for_what_it_was()
    {
        Write(9);
        // What reads the file reads it the first time when it was copied, cut, and written to for longer.
        string tools = Path.Combine(_folder, "tools");
        Directory.CreateDirectory(tools);
        string later = string.Concat(Enumerable.Range(10, 12).Select(Text));
        await File.WriteAllTextAsync(Path.Combine(_folder, "later"), later);
        await File.WriteAllTextAsync(Path.Combine(tools, "dd"), $"""
            #!/bin/sh
            case "$1" in if=*) ;; *) if [ ! -e '{_folder}/x.log.1' ]; then cp '{Log}' '{_folder}/x.log.1'; cat '{_folder}/later' >'{Log}'; fi;; esac
            PATH=$(echo "$PATH" | sed 's,^[^:]*:,,'); exec dd "$@"

            """);
        Tool.Succeed("chmod", "+x", Path.Combine(tools, "dd"));
        await RoundAsync(new ToolShell(false, tools));
        Assert.Equal(string.Concat(Enumerable.Range(1, 9).Select(Text)) + later, _sink.Text(Stream));
    }

    private async Task<FileSource> RoundAsync(IServerShell shell)
    {
        using var writer = new BatchWriter(_sink, Stream, TimeProvider.System);
        using var source = new FileSource(writer, RotationOptions.Default);
        await source.LoadAsync(default);
        var one = new RoundSource(source, new FilePatterns([Log], []));
        await new FileRound(new ServerFiles(shell, asRoot: false), SilentActivity.Instance).RunAsync([one], default);
        Assert.Null(one.Failure);
        return source;
    }

    private void Write(int lines)
    {
        var text = new StringBuilder();
        for (int i = 0; i < lines; i++) text.Append(Text(++_line));
        File.AppendAllText(Log, text.ToString());
    }

    private static string Text(int number) => $"line {number:000000} of a log that is written to while it is rotated\n";

    private void Sh(string script) => Tool.Succeed("sh", "-euc", $"cd '{_folder}'; {script}");
}
