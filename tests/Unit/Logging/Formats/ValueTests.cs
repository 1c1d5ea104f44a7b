using System.Net;
using System.Text;
using System.Text.Json;
using ProdOps.Logging.Formats;
using ProdOps.Logging.Formats.Values;

namespace ProdOps.Logging.Tests.Formats;

public sealed class ValueTests
{
    [Fact]
    public void Addresses_are_read_as_the_system_reads_them()
    {
        var random = new Random(20261130);
        for (int i = 0; i < 5000; i++)
        {
            byte[] bytes = new byte[i % 2 == 0 ? 4 : 16];
            random.NextBytes(bytes);
            for (int zeros = random.Next(10); zeros > 0; zeros--) bytes[random.Next(bytes.Length)] = 0;
            if (i % 8 == 1) bytes.AsSpan(2, 12).Clear();
            var address = new IPAddress(bytes);
            Assert.True(AddressText.TryRead(Encoding.ASCII.GetBytes(address.ToString()), out var read), address.ToString());
            Assert.Equal(address, address.IsIPv4MappedToIPv6 ? AddressText.ToAddress(read).MapToIPv6() : AddressText.ToAddress(read));
        }
    }

    [Theory]
    [InlineData("1.2.3")]
    [InlineData("1.2.3.256")]
    [InlineData("1.2.3.04")]
    [InlineData("1.2.3.4.5")]
    [InlineData("1..2.3")]
    [InlineData(":1::2")]
    [InlineData("1::2::3")]
    [InlineData("1:2:3:4:5:6:7:8:9")]
    [InlineData("1:2:3:4:5:6:7")]
    [InlineData("1:2:3:4:5:6:7::8:9")]
    [InlineData("12345::")]
    [InlineData("::g")]
    [InlineData("::1%eth0")]
    [InlineData("1:2:3:4:5:6:7:1.2.3.4")]
    [InlineData("1:")]
    [InlineData("")]
    public void What_is_no_address_is_refused(string text) => Assert.False(AddressText.TryRead(Encoding.ASCII.GetBytes(text), out _));

    [Fact]
    public void Escapes_of_json_are_undone_as_the_system_undoes_them()
    {
        var random = new Random(20261130);
        for (int i = 0; i < 3000; i++)
        {
            var text = new StringBuilder();
            for (int runes = random.Next(1, 40); runes > 0; runes--)
            {
                int code = random.Next(4) switch { 0 => random.Next(0x20), 1 => random.Next(0x10000, 0x110000), 2 => random.Next(0xD800), _ => random.Next(0x20, 0x7F) };
                text.Append(new Rune(code).ToString());
            }

            string json = JsonSerializer.Serialize(text.ToString());
            byte[] inner = Encoding.UTF8.GetBytes(json[1..^1]);
            Assert.Equal(text.ToString(), ValueObject.Text(inner, new Field("", 0, inner.Length, FieldKind.JsonText)));
        }
    }

    [Theory]
    [InlineData(nameof(FieldKind.JsonText), @"a\qb\", @"a\qb\")]
    [InlineData(nameof(FieldKind.JsonText), @"\u12", @"\u12")]
    [InlineData(nameof(FieldKind.JsonText), @"\ud83dx\udE00", "\uFFFDx\uFFFD")]
    [InlineData(nameof(FieldKind.JsonText), @"caf\xc3\xa9", "café")]
    [InlineData(nameof(FieldKind.JsonBytes), "104, 105,999,", "hi\uFFFD")]
    [InlineData(nameof(FieldKind.GuardedText), @"C:\temp\""x\]", @"C:\temp""x]")]
    [InlineData(nameof(FieldKind.CsvText), @"a ""b"""" c""", @"a ""b"" c""")]
    [InlineData(nameof(FieldKind.Number), "12", 12L)]
    [InlineData(nameof(FieldKind.Number), "-7", -7L)]
    [InlineData(nameof(FieldKind.Number), "1e3", 1000d)]
    [InlineData(nameof(FieldKind.Number), "99999999999999999999", 1e20)]
    [InlineData(nameof(FieldKind.Number), "12a", "12a")]
    [InlineData(nameof(FieldKind.Number), "NaN", "NaN")]
    [InlineData(nameof(FieldKind.Boolean), "yes", "yes")]
    [InlineData(nameof(FieldKind.Address), "web1", "web1")]
    [InlineData(nameof(FieldKind.Seconds), "0.1, 0.2", "0.1, 0.2")]
    [InlineData(nameof(FieldKind.Seconds), "1e300", "1e300")]
    [InlineData(nameof(FieldKind.Priority), "165", "local4")]
    [InlineData(nameof(FieldKind.Facility), "99", "99")]
    public void A_value_is_what_its_kind_says_or_else_text(string kind, string text, object expected)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Assert.Equal(expected, ValueObject.Of(bytes, new Field("", 0, bytes.Length, Enum.Parse<FieldKind>(kind))));
    }

    [Fact]
    public void Durations_are_exact_to_the_tick()
    {
        Assert.Equal(TimeSpan.FromTicks(10_030_000), ValueObject.Of("1.003"u8, new Field("", 0, 5, FieldKind.Seconds)));
        Assert.Equal(TimeSpan.FromTicks(12_345_670), ValueObject.Of("1234.567"u8, new Field("", 0, 8, FieldKind.Milliseconds)));
    }

    [Fact]
    public void Fields_are_found_whatever_the_case_and_the_first_of_a_name_counts()
    {
        var fields = Reading.Line("json", """{"A":1,"a":2,"B":"x"}""").Fields;
        Assert.Equal(2, fields.Count);
        Assert.Equal([1L, "x"], fields.Values);
        Assert.True(fields.ContainsKey("b"));
        Assert.False(fields.TryGetValue("c", out _));
        Assert.Throws<KeyNotFoundException>(() => fields["c"]);
    }

    [Fact]
    public void A_line_that_is_not_of_the_format_is_all_message()
    {
        var entry = new LogEntry("not json\r"u8.ToArray(), new LogLineReader(Reading.Format("json"), Reading.Utc));
        Assert.Equal(("not json", null, 0), (entry.Message, entry.Level, entry.Fields.Count));
    }

    [Theory]
    [InlineData("plain\ttext ä😀", "plain\ttext ä😀")]
    [InlineData("\u001b[31mred\u001b[0m\a", "␛[31mred␛[0m␇")]
    [InlineData("a\u009bb\u007f\u202ec\u2066d\n", "a\\x9Bb␡\\u202Ec\\u2066d␊")]
    [InlineData("", "")]
    public void Nothing_in_a_neutral_text_drives_a_terminal(string text, string expected) => Assert.Equal(expected, PlainText.Neutralize(text));

    [Fact]
    public void Names_of_ever_new_fields_do_not_pile_up()
    {
        string first = FieldNames.Of("status"u8);
        Assert.Same(first, FieldNames.Of("status"u8));
        for (int i = 0; i < 20_000; i++) Assert.Equal("f" + i, FieldNames.Of(Encoding.ASCII.GetBytes("f" + i)));
        Assert.Equal("status", FieldNames.Of("status"u8));
    }

    [Fact]
    public void Reading_fields_allocates_nothing()
    {
        foreach (string name in new[] { "nginx-access", "syslog", "json", "haproxy-http", "logfmt", "postgresql" })
        {
            byte[][] lines = [.. FixtureLines.Of(name)];
            var reader = new FieldReader(Reading.Format(name), Reading.Berlin);
            long before = 0;
            for (int round = 0; round < 3; round++)
            {
                before = GC.GetAllocatedBytesForCurrentThread();
                foreach (byte[] line in lines)
                {
                    reader.Read(line);
                    reader.TryGet(line, "STATUS", out _);
                    reader.TryGet(line, "msg", out _);
                    reader.Message(line);
                }
            }

            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated == 0, $"{name}: {allocated} bytes for {lines.Length} lines");
        }
    }
}
