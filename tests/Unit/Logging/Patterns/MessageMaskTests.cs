using System.Text;
using ProdOps.Logging.Patterns;

namespace ProdOps.Logging.Tests.Patterns;

public sealed class MessageMaskTests
{
    [Theory]
    [InlineData("Accepted publickey for admin from 192.0.2.7 port 50122 ssh2", "Accepted publickey for admin from <*> port <*> ssh2")]
    [InlineData("took 12ms, 1,024 bytes (50%) at 2026-11-20T10:00:00.123Z", "took <*>, <*> bytes (<*>) at <*>")]
    [InlineData("request 550e8400-e29b-41d4-a716-446655440000 to /api/orders/17/items", "request <*> to /api/orders/<*>/items")]
    [InlineData("at 0x7ffe12 in deadbeefcafe, req-a81bc81b-dead done", "at <*> in <*>, <*> done")]
    [InlineData("listen [::1]:8080 and 2001:db8::1 on eth0", "listen [::<*>]:<*> and <*> on eth0")]
    [InlineData("open(\"/etc/a b.conf\") failed: can't read 'the file'.", "open(\"<*>\") failed: can't read '<*>'.")]
    [InlineData("a \"quote that never ends 7", "a \"quote that never ends <*>")]
    [InlineData("escaped \"a \\\" b\" end", "escaped \"<*>\" end")]
    [InlineData("uid=0 gid=12 temp=-3.5 a-5", "uid=<*> gid=<*> temp=<*> a-5")]
    [InlineData("  spaces \t and\ttabs  ", "spaces and tabs")]
    [InlineData("first line 1\nsecond line", "first line <*>")]
    [InlineData("größe 12 für zoë", "größe <*> für zoë")]
    [InlineData("\"\"", "\"\"")]
    [InlineData("\"GET /api/orders/7?x=1 HTTP/1.1\" 502 12 \"-\" \"curl/8.5.0\"", "\"GET /api/orders/<*>?x=<*> HTTP/<*>\" <*> <*> \"<*>\" \"<*>\"")]
    [InlineData("", "")]
    public void What_varies_by_its_looks_is_masked(string message, string masked) => Assert.Equal(masked, Mask(message));

    [Fact]
    public void Long_messages_are_cut_with_a_wildcard()
    {
        string words = Mask(string.Concat(Enumerable.Repeat("w ", 1000)));
        Assert.Equal(65, words.Split(' ').Length);
        Assert.EndsWith(" <*>", words, StringComparison.Ordinal);
        Assert.True(Mask(new string('a', 100_000) + " b").Length <= MessageMask.MostBytes);
        Assert.True(Mask(string.Concat(Enumerable.Repeat("'x' ", 5000))).Length <= MessageMask.MostBytes);
    }

    [Fact]
    public void Whatever_the_bytes_it_answers()
    {
        var random = new Random(4711);
        byte[] output = new byte[MessageMask.MostBytes];
        ReadOnlySpan<byte> alphabet = "ab\"'\\ \t019.-_:=,+%<*>\r\n\0\xC3\xFF()/"u8;
        for (int i = 0; i < 20_000; i++)
        {
            byte[] message = new byte[random.Next(i % 50 == 0 ? 3000 : 60)];
            for (int j = 0; j < message.Length; j++) message[j] = alphabet[random.Next(alphabet.Length)];
            int length = MessageMask.Mask(message, output);
            Assert.InRange(length, 0, output.Length);
            Assert.True(output.AsSpan(0, length).IndexOfAny((byte)'\n', (byte)'\r', (byte)'\t') < 0);
        }
    }

    private static string Mask(string message)
    {
        byte[] output = new byte[MessageMask.MostBytes];
        return Encoding.UTF8.GetString(output, 0, MessageMask.Mask(Encoding.UTF8.GetBytes(message), output));
    }
}
