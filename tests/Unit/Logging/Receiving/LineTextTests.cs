using System.Text;
using ProdOps.Logging.Receiving.Protocol;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Logging.Tests.Receiving;

public class LineTextTests
{
    private const string Mark = " [cut at 64 KiB]";

    [Theory]
    [InlineData("<13>one", "<13>one")]
    [InlineData("<13>one\n", "<13>one")]
    [InlineData("<13>one\r\n\0", "<13>one")]
    [InlineData("<13>one\n  at two\n  at three\n", "<13>one#012  at two#012  at three")]
    [InlineData("\tx\0y\u001b[31m", "\tx\0y\u001b[31m")]
    [InlineData("\n", "")]
    [InlineData("", "")]
    public void A_message_becomes_one_line(string message, string line) => Assert.Equal((line + "\n", false), Write(Encoding.UTF8.GetBytes(message), false));

    [Fact]
    public void What_was_cut_says_so() => Assert.Equal(("<13>half a" + Mark + "\n", true), Write("<13>half a"u8, true));

    [Theory]
    [InlineData("half \u00e4", 1)]
    [InlineData("half \u20ac", 1)]
    [InlineData("half \u20ac", 2)]
    [InlineData("half \U0001F600", 3)]
    public void No_half_character_is_left_of_what_was_cut(string text, int missing) =>
        Assert.Equal("half " + Mark + "\n", Write(Encoding.UTF8.GetBytes(text).AsSpan()[..^missing], true).Line);

    [Fact]
    public void Escapes_do_not_make_a_line_longer_than_it_may_be()
    {
        var (line, isCut) = Write(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("a\n", 30_000)) + "b"), false);
        Assert.True(isCut);
        Assert.InRange(line.Length, SyslogFramer.MaximumLength - 8, LineText.MaximumLength);
        Assert.EndsWith(Mark + "\n", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_the_bytes_one_line_comes_of_them()
    {
        var random = new Random(20261130);
        for (int round = 0; round < 3000; round++)
        {
            byte[] message = new byte[random.Next(200)];
            random.NextBytes(message);
            foreach (ref byte value in message.AsSpan()) value = random.Next(4) == 0 ? (byte)'\n' : value;
            string line = Write(Mutation.Of(message, random), random.Next(2) == 0).Line;
            Assert.Equal(line.Length - 1, line.IndexOf('\n', StringComparison.Ordinal));
        }
    }

    private static (string Line, bool IsCut) Write(ReadOnlySpan<byte> message, bool isCut)
    {
        message = LineText.Trim(message);
        byte[] line = new byte[LineText.GetMaximumLength(message)];
        int length = LineText.Write(message, ref isCut, line);
        return (Encoding.UTF8.GetString(line, 0, length), isCut);
    }
}
