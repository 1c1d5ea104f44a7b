using System.Text;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Servers.Tests.Commands;

public sealed class OutputLinesTests
{
    [Theory]
    [InlineData("", new string[0])]
    [InlineData("\n", new[] { "" })]
    [InlineData("a\n\nb", new[] { "a", "", "b" })]
    [InlineData("abcd\n", new[] { "abcd" })]
    [InlineData("abcd\n\n", new[] { "abcd", "" })]
    [InlineData("abcdefghi\nx\n", new[] { "abcd", "efgh", "i", "x" })]
    [InlineData("abcdefgh\nx", new[] { "abcd", "efgh", "x" })]
    public async Task Lines_end_with_a_line_feed_and_longer_ones_come_in_pieces(string text, string[] lines)
    {
        for (int piece = 1; piece <= text.Length + 1; piece++) Assert.Equal(lines, await ReadAsync(Encoding.UTF8.GetBytes(text), 4, () => piece));
    }

    [Fact]
    public async Task However_a_stream_is_cut_and_whatever_is_in_it_the_lines_are_the_same()
    {
        var random = new Random(20261205);
        byte[] seed = Encoding.UTF8.GetBytes("the first line\n\ngrüße 𝄞𝄞𝄞𝄞\r\n" + new string('x', 70) + "\nthe end");
        for (int i = 0; i < 5000; i++)
        {
            byte[] bytes = Mutation.Of(seed, random);
            int maximum = random.Next(1, 40);
            var whole = await ReadAsync(bytes, maximum, () => int.MaxValue);
            Assert.Equal(whole, await ReadAsync(bytes, maximum, () => random.Next(1, 8)));
            Assert.All(whole, line => Assert.True(line.Length <= maximum && !line.Contains('\n')));
            Assert.Equal(Encoding.UTF8.GetString(bytes).Replace("\n", ""), string.Concat(whole));
        }
    }

    [Fact]
    public async Task A_line_without_an_end_is_handed_on_in_pieces_and_not_kept()
    {
        int pieces = 0;
        await foreach (string line in OutputLines.ReadAsync(new Pieces(new byte[OutputLines.MaximumLength * 5 / 2], () => int.MaxValue), default))
        {
            Assert.InRange(line.Length, 1, OutputLines.MaximumLength);
            pieces++;
        }

        Assert.Equal(3, pieces);
    }

    private static async Task<List<string>> ReadAsync(byte[] bytes, int maximumLength, Func<int> piece)
    {
        var lines = new List<string>();
        await foreach (string line in OutputLines.ReadAsync(new Pieces(bytes, piece), default, maximumLength)) lines.Add(line);
        return lines;
    }

    /// <summary>A stream whose reads return as much as they are told.</summary>
    private sealed class Pieces(byte[] bytes, Func<int> piece) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, piece())], cancellationToken);
    }
}
