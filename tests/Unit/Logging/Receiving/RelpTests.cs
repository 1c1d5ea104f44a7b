using System.Text;
using ProdOps.Logging.Receiving.Protocol;
using ProdOps.Logging.Tests.Receiving.TestTools;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Logging.Tests.Receiving;

public class RelpTests
{
    private const string Open = "1 open 59 relp_version=0\nrelp_software=librelp,1.11.0\ncommands=syslog\n";

    [Fact]
    public void A_session_is_opened_used_and_closed()
    {
        byte[] stream = Feed.Bytes(Open + "2 syslog 7 <13>one\n3 syslog 11 <13>one\ntwo\n4 close 0\n");
        foreach (var pieces in new[] { Feed.Pieces(1), Feed.Pieces(5), Feed.Pieces(100_000) })
        {
            var frames = Feed.Relp(stream, pieces, out bool isInvalid);
            Assert.False(isInvalid);
            Assert.Equal([(1, RelpCommand.Open), (2, RelpCommand.Syslog), (3, RelpCommand.Syslog), (4, RelpCommand.Close)], frames.Select(frame => (frame.Number, frame.Command)));
            Assert.Equal(["<13>one", "<13>one\ntwo", ""], frames.Skip(1).Select(frame => frame.Data));
        }
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("1 syslog 5 abc\nabc\n")]
    [InlineData("1 syslog 5\nabcd\n")]
    [InlineData("1 syslog -1 \n")]
    [InlineData("1234567890 syslog 1 a\n")]
    [InlineData("x syslog 1 a\n")]
    [InlineData("1 syslog 999999999 a")]
    [InlineData("1 open 70000 a")]
    [InlineData("1  1 a\n")]
    [InlineData("<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - failed\n")]
    [InlineData("\u0016\u0003\u0001\u0002\0\u0001\u0000\u0001\u00fc\u0003\u0003 and sixty more bytes of a handshake of TLS .....................")]
    public void What_is_not_RELP_is_told(string stream)
    {
        Feed.Relp(Feed.Bytes(stream), Feed.Pieces(3), out bool isInvalid);
        Assert.True(isInvalid);
    }

    [Theory]
    [InlineData(SyslogFramer.MaximumLength, false)]
    [InlineData(SyslogFramer.MaximumLength + 1, true)]
    [InlineData(1_000_000, true)]
    public void A_long_message_is_cut_and_the_next_one_is_whole(int length, bool isCut)
    {
        byte[] stream = Feed.Bytes($"1 syslog {length} {new string('x', length)}\n2 syslog 4 next\n");
        foreach (var pieces in new[] { Feed.Pieces(1000), Feed.Pieces(100_000) })
        {
            var frames = Feed.Relp(stream, pieces, out bool isInvalid);
            Assert.False(isInvalid);
            Assert.Equal([(Math.Min(length, SyslogFramer.MaximumLength), isCut), (4, false)], frames.Select(frame => (frame.Data.Length, frame.IsCut)));
        }
    }

    [Fact]
    public void Whatever_comes_is_read_the_same_however_it_is_cut_in_pieces()
    {
        var random = new Random(20261130);
        byte[][] seeds = [Feed.Bytes(Open + "2 syslog 7 <13>one\n3 syslog 11 <13>one\ntwo\n4 close 0\n"), Feed.Bytes($"1 syslog 70000 {new string('y', 70_000)}\n2 rsp 6 200 OK\n")];
        for (int round = 0; round < 3000; round++)
        {
            byte[] stream = Mutation.Of(seeds[round % 10 == 0 ? 1 : 0], random);
            var whole = Feed.Relp(stream, Feed.Pieces(100_000), out bool isInvalid);
            Assert.Equal(whole, Feed.Relp(stream, Feed.Pieces(stream.Length > 10_000 ? 9000 : 5, round), out bool isInvalidInPieces));
            Assert.Equal(isInvalid, isInvalidInPieces);
        }
    }

    [Fact]
    public void The_server_stores_only_within_a_session_and_answers_as_the_protocol_says()
    {
        var session = new RelpSession();
        Assert.Equal(RelpStep.Refuse, new RelpSession().Next(Frame(1, RelpCommand.Syslog, "<13>one")));
        Assert.Equal(RelpStep.Refuse, new RelpSession().Next(Frame(1, RelpCommand.Open, "relp_version=0\ncommands=other")));
        Assert.Equal(RelpStep.Accept, session.Next(Frame(1, RelpCommand.Open, "relp_version=0\nrelp_software=x\ncommands=syslog,other")));
        Assert.Equal(RelpStep.Refuse, session.Next(Frame(1, RelpCommand.Open, "commands=syslog")));
        Assert.Equal(RelpStep.Store, session.Next(Frame(2, RelpCommand.Syslog, "<13>one")));
        Assert.Equal(RelpStep.Refuse, session.Next(Frame(3, RelpCommand.Unknown, "")));
        Assert.Equal(RelpStep.Ignore, session.Next(Frame(0, RelpCommand.Unknown, "")));
        Assert.Equal(RelpStep.Close, session.Next(Frame(4, RelpCommand.Close, "")));

        Assert.Equal("1 rsp 59 200 OK\nrelp_version=0\nrelp_software=prodops\ncommands=syslog\n", Answer(1, RelpSession.WriteAcceptance));
        Assert.Equal("999999999 rsp 6 200 OK\n", Answer(999_999_999, RelpSession.WriteStored));
        Assert.Equal("4 rsp 0\n", Answer(4, RelpSession.WriteClosed));
        Assert.Equal("3 rsp 21 500 not possible here\n", Answer(3, RelpSession.WriteRefusal));
    }

    private delegate int Writer(int number, Span<byte> answer);

    private static string Answer(int number, Writer write)
    {
        Span<byte> answer = stackalloc byte[RelpSession.MaximumAnswerLength];
        return Encoding.ASCII.GetString(answer[..write(number, answer)]);
    }

    private static RelpFrame Frame(int number, RelpCommand command, string data) => new(number, command, Feed.Bytes(data), false);
}
