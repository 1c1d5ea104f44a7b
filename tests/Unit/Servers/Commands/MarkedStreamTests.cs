using System.IO.Pipelines;
using System.Text;
using ProdOps.Servers.Commands;

namespace ProdOps.Servers.Tests.Commands;

public sealed class MarkedStreamTests
{
    [Fact]
    public async Task A_reader_waits_until_the_markers_line_has_come_whole()
    {
        var pieces = new TwoPieces("Welcome!\nmarker 4711 /bin"u8.ToArray(), "/sh\nhello"u8.ToArray());
        await using var stream = new MarkedStream(pieces, "marker");
        var skipping = stream.SkipNoise();
        // The marker is found, and its line is not whole: who reads now must not get the rest of it.
        await pieces.SecondIsWanted;
        byte[] buffer = new byte[100];
        var reading = stream.ReadAsync(buffer).AsTask();
        pieces.GiveSecond();
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

    /// <summary>A stream whose second piece comes when the test says so.</summary>
    private sealed class TwoPieces(byte[] first, byte[] second) : MemoryStream
    {
        private readonly TaskCompletionSource _wanted = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _given = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _reads;

        public Task SecondIsWanted => _wanted.Task;

        public void GiveSecond() => _given.SetResult();

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (++_reads > 2) return 0;
            if (_reads == 2)
            {
                _wanted.SetResult();
                await _given.Task;
            }

            byte[] piece = _reads == 1 ? first : second;
            piece.CopyTo(buffer);
            return piece.Length;
        }
    }
}
