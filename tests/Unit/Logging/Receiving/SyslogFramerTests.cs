using ProdOps.Logging.Receiving.Protocol;
using ProdOps.Logging.Tests.Receiving.TestTools;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Logging.Tests.Receiving;

public class SyslogFramerTests
{
    [Theory]
    [InlineData("<13>one\n<13>two\n", "<13>one|<13>two")]
    [InlineData("7 <13>one7 <13>two", "<13>one|<13>two")]
    [InlineData("7 <13>one<13>two\n7 <13>six", "<13>one|<13>two|<13>six")]
    [InlineData("7 <13>one\n7 <13>two\0\n<13>six", "<13>one|<13>two|<13>six")]
    [InlineData("<13>one\0<13>two\0", "<13>one|<13>two")]
    [InlineData("\n\n<13>one\r\n\r\n", "<13>one\r")]
    [InlineData("11 <13>one\ntwo<13>six", "<13>one\ntwo|<13>six")]
    [InlineData("2026-11-26 a line without a priority\n", "2026-11-26 a line without a priority")]
    [InlineData("12345\n<13>one\n", "12345|<13>one")]
    [InlineData("0 <13>one\n", "0 <13>one")]
    [InlineData("99999999 is more than a message can have\n<13>one\n", "99999999 is more than a message can have|<13>one")]
    [InlineData("123456789012345 no count either\n", "123456789012345 no count either")]
    [InlineData("  at Some.Method()\n", "  at Some.Method()")]
    [InlineData("50 <13>cut off by the end", "<13>cut off by the end")]
    [InlineData("42", "42")]
    public void Each_frame_tells_how_it_ends(string stream, string expected)
    {
        foreach (var pieces in new[] { Feed.Pieces(1), Feed.Pieces(3), Feed.Pieces(100_000) })
            Assert.Equal(expected.Split('|'), Feed.Syslog(Feed.Bytes(stream), pieces).Select(found => found.Message));
    }

    [Fact]
    public void A_line_without_an_end_waits_for_it() => Assert.Empty(Feed.Syslog(Feed.Bytes("<13>not yet"), Feed.Pieces(4), isEnded: false));

    [Theory]
    [InlineData(SyslogFramer.MaximumLength, false)]
    [InlineData(SyslogFramer.MaximumLength + 1, true)]
    [InlineData(1_000_000, true)]
    public void A_long_message_is_cut_and_the_next_one_is_whole(int length, bool isCut)
    {
        string message = new('x', length);
        foreach (string stream in new[] { $"{message}\nnext\n", $"{length} {message}4 next" })
        {
            foreach (var pieces in new[] { Feed.Pieces(1000), Feed.Pieces(100_000) })
            {
                var found = Feed.Syslog(Feed.Bytes(stream), pieces);
                Assert.Equal([(Math.Min(length, SyslogFramer.MaximumLength), isCut), (4, false)], found.Select(frame => (frame.Message.Length, frame.IsCut)));
            }
        }
    }

    [Fact]
    public void Whatever_comes_is_read_the_same_however_it_is_cut_in_pieces()
    {
        var random = new Random(20261130);
        byte[][] seeds =
        [
            Feed.Bytes("<34>1 2026-11-26T09:00:00Z web1 shop - - - one\n83 <34>1 2026-11-26T09:00:00Z web1 shop - - - counted, with\na line feed in it .......\n<13>Nov 26 09:00:00 db1 sshd[1]: two\0"),
            Feed.Bytes("10 0123456789" + new string('y', 70_000) + "\n5 abcde99999 " + new string('z', 99_999) + "\n<1>end"),
            [.. Enumerable.Range(0, 2000).Select(_ => (byte)random.Next(256))],
            [.. Enumerable.Range(0, 2000).Select(_ => "0123456789 \n\0<>"u8[random.Next(15)])],
        ];
        for (int round = 0; round < 2000; round++)
        {
            byte[] stream = Mutation.Of(seeds[round % seeds.Length], random);
            var whole = Feed.Syslog(stream, Feed.Pieces(100_000));
            Assert.Equal(whole, Feed.Syslog(stream, Feed.Pieces(stream.Length > 10_000 ? 9000 : 7, round)));
            Assert.True(whole.Sum(frame => frame.Message.Length) <= stream.Length);
        }
    }
}
