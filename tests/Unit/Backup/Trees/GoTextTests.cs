using System.Text;
using ProdOps.Backup.Trees;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Tests.Trees;

public sealed class GoTextTests
{
    [Theory]
    [InlineData("plain-name_1.txt", "plain-name_1.txt")]
    [InlineData("quo\"te", """quo\\\"te""")]
    [InlineData("back\\slash", """back\\\\slash""")]
    [InlineData("\a\b\f\n\r\t\v", """\\a\\b\\f\\n\\r\\t\\v""")]
    [InlineData("\u0001\u001f\u007f", """\\x01\\x1f\\x7f""")]
    [InlineData("<a>&", """\u003ca\u003e\u0026""")]
    [InlineData("nb\u00a0sp", """nb\\u00a0sp""")]
    [InlineData("soft\u00adhyphen", """soft\\u00adhyphen""")]
    [InlineData("\u2028\u2029", """\\u2028\\u2029""")]
    [InlineData("\ue000", """\\ue000""")]
    [InlineData("\U000F0000", """\\U000f0000""")]
    [InlineData("é中😀\ufffd", "é中😀\ufffd")]
    public void A_name_is_quoted_as_Go_quotes_and_then_as_JSON(string name, string expected)
    {
        byte[] raw = FileNames.Encode(name);
        var buffer = new Utf8Buffer(1);
        GoText.AppendName(buffer, raw);
        Assert.Equal('"' + expected + '"', Encoding.UTF8.GetString(buffer.Written));
        Assert.Equal(raw, ReadName(buffer.Written));
    }

    [Theory]
    [InlineData("\u007f é \u2028", "\"\u007f é \\u2028\"")]
    [InlineData("\b\f\n\r\t\u0001", "\"\\b\\f\\n\\r\\t\\u0001\"")]
    [InlineData("a\"b\\c/<>&", "\"a\\\"b\\\\c/\\u003c\\u003e\\u0026\"")]
    public void Other_strings_are_written_as_encoding_json_writes_them(string text, string expected)
    {
        var buffer = new Utf8Buffer(1);
        GoText.AppendJsonString(buffer, FileNames.Encode(text));
        Assert.Equal(expected, Encoding.UTF8.GetString(buffer.Written));
    }

    // Attributes cannot hold lone surrogates.
    [Fact]
    public void A_byte_that_is_not_UTF_8_is_quoted_by_its_number_in_a_name() =>
        A_name_is_quoted_as_Go_quotes_and_then_as_JSON("\udcff\udc80", """\\xff\\x80""");

    [Fact]
    public void A_byte_that_is_not_UTF_8_is_replaced_in_other_strings() =>
        Other_strings_are_written_as_encoding_json_writes_them("bad\udcff\udcfe", "\"bad\\ufffd\\ufffd\"");

    [Fact]
    public void Any_bytes_survive_quoting_and_decoding()
    {
        var random = new Random(1);
        var buffer = new Utf8Buffer();
        for (int i = 0; i < 20_000; i++)
        {
            byte[] name = new byte[random.Next(1, 24)];
            random.NextBytes(name);
            if (i % 2 == 0) name = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 6).Select(_ => RandomRune(random).ToString())));
            buffer.Clear();
            GoText.AppendName(buffer, name);
            Assert.Equal(name, ReadName(buffer.Written));
            Assert.Equal(name, FileNames.Encode(FileNames.Decode(name)));
        }
    }

    [Theory]
    [InlineData("a\"b")]
    [InlineData("a\nb")]
    [InlineData("\\")]
    [InlineData("\\x4")]
    [InlineData("\\xgg")]
    [InlineData("\\u12")]
    [InlineData("\\ud800")]
    [InlineData("\\U00110000")]
    [InlineData("\\400")]
    [InlineData("\\'")]
    [InlineData("\\z")]
    public void What_Go_cannot_unquote_is_rejected(string text) => Assert.Equal(-1, GoText.Unquote(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Octal_escapes_and_either_case_of_hexadecimal_ones_are_read()
    {
        byte[] text = Encoding.UTF8.GetBytes("\\101\\xAf\\xaF\\u00E9");
        Assert.Equal<byte>([0x41, 0xAF, 0xAF, 0xC3, 0xA9], text.AsSpan(0, GoText.Unquote(text)).ToArray());
    }

    [Fact]
    public void A_string_of_an_odd_name_shows_every_valid_character_as_itself() =>
        Assert.Equal("é\udcffx\udced\udca0\udc80", FileNames.Decode([0xC3, 0xA9, 0xFF, (byte)'x', 0xED, 0xA0, 0x80]));

    [Fact]
    public void A_lone_surrogate_that_stands_for_no_byte_becomes_three() => Assert.Equal<byte>([0xED, 0xA0, 0x80, (byte)'x'], FileNames.Encode("\ud800x"));

    private static byte[] ReadName(ReadOnlySpan<byte> json)
    {
        var text = new JsonCursor(json).ReadStringToScratch();
        return text[..GoText.Unquote(text)].ToArray();
    }

    private static Rune RandomRune(Random random)
    {
        while (true)
        {
            if (Rune.TryCreate(random.Next(random.Next(2) == 0 ? 0x300 : 0x110000), out var rune)) return rune;
        }
    }
}
