using System.IO.Pipelines;
using System.Text;
using ProdOps.Servers.Commands;

namespace ProdOps.Servers.Tests.Commands;

public sealed class MarkedStreamTests
{
    [Fact]
    public async Task A_reader_waits_until_the_markers_line_has_come_whole()
    {
        // Inline: what was written has been looked at when the write returns.
        var pipe = new Pipe(new PipeOptions(readerScheduler: PipeScheduler.Inline, useSynchronizationContext: false));
        await using var stream = new MarkedStream(pipe.Reader.AsStream(), "marker");
        var skipping = stream.SkipNoise();
        await pipe.Writer.WriteAsync("Welcome!\nmarker 4711 /bin"u8.ToArray());
        byte[] buffer = new byte[100];
        var reading = stream.ReadAsync(buffer).AsTask();
        await pipe.Writer.WriteAsync("/sh\nhello"u8.ToArray());
        Assert.Equal("hello", Encoding.ASCII.GetString(buffer, 0, await reading));
        await skipping;
        Assert.Equal("Welcome!\n", stream.Noise);
    }

    [Fact]
    public async Task However_a_stream_is_cut_it_begins_behind_the_marker()
    {
        byte[] text = "noise mark marker\nthe output, marker and all\n"u8.ToArray();
        for (int first = 1; first < text.Length; first++)
        {
            for (int second = first; second < text.Length; second += 3)
            {
                var pipe = new Pipe();
                await using var stream = new MarkedStream(pipe.Reader.AsStream(), "marker");
                foreach (var piece in (byte[][])[text[..first], text[first..second], text[second..]]) await pipe.Writer.WriteAsync(piece);
                await pipe.Writer.CompleteAsync();
                Assert.Equal("the output, marker and all\n", await new StreamReader(stream).ReadToEndAsync());
            }
        }
    }

    [Fact]
    public async Task Without_a_marker_there_is_nothing_but_noise()
    {
        await using var stream = new MarkedStream(new MemoryStream("This account is not available."u8.ToArray()), "marker");
        Assert.Equal("", await new StreamReader(stream).ReadToEndAsync());
        Assert.Equal("This account is not available.", stream.Noise);
    }
}
