using System.Text;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Secrets;

namespace ProdOps.Servers.Tests.Secrets;

public sealed class SecretRedactorTests
{
    private readonly SecretRedactor _redactor = new();

    [Theory]
    [InlineData("hunter2", "hunter2", "***")]
    [InlineData("hunter2", "-p hunter2 and hunter2.", "-p *** and ***.")]
    [InlineData("hunter2", "hunter", "hunter")]
    [InlineData("hunter2", "Hunter2", "Hunter2")]
    [InlineData("aaaa", "aaaaaaab", "***b")]
    [InlineData("pä55 wörd", "it is 'pä55 wörd'", "it is '***'")]
    [InlineData("\U0001F511key", "the \U0001F511key!", "the ***!")]
    public void A_secret_is_taken_out_of_a_text(string secret, string text, string clean)
    {
        Learn(secret);
        Assert.Equal(clean, _redactor.Redact(text));
        Assert.Equal(text != clean, _redactor.Holds(text));
    }

    [Fact]
    public void Nothing_known_leaves_the_very_same_text()
    {
        string text = "any text";
        Assert.Same(text, _redactor.Redact(text));
        Assert.False(_redactor.Holds(text));
        Assert.False(_redactor.Holds(null));
    }

    [Fact]
    public void Values_of_less_than_four_characters_are_left_alone()
    {
        Learn("abc");
        Learn("äää");
        Assert.Equal("abc äää", _redactor.Redact("abc äää"));
    }

    [Fact]
    public void What_is_not_text_is_not_looked_for()
    {
        _redactor.Learn([0xff, 0xfe, 0xfd, 0xfc, 0xfb]);
        Assert.Equal("text", _redactor.Redact("text"));
    }

    [Theory]
    [InlineData("it's a secret")]
    [InlineData("a b&c=d/é")]
    public void Quoted_and_encoded_forms_are_taken_out_too(string secret)
    {
        Learn(secret);
        string text = $"sh -c {ShellQuote.Word(secret)} https://host/?p={Uri.EscapeDataString(secret)} {Convert.ToBase64String(Encoding.UTF8.GetBytes(secret))}";
        string clean = _redactor.Redact(text);
        Assert.Equal("sh -c '***' https://host/?p=*** ***", clean);
    }

    [Fact]
    public void The_lines_of_a_long_secret_are_secrets_as_well()
    {
        Learn("first line here\nsecond line here\n}");
        Assert.Equal("near '***': } unexpected", _redactor.Redact("near 'second line here': } unexpected"));
    }

    [Fact]
    public void Secrets_that_overlap_leave_no_rest()
    {
        Learn("abcdef");
        Learn("defghi");
        Assert.Equal("<***>", _redactor.Redact("<abcdefghi>"));
    }

    [Fact]
    public void Any_secret_in_any_text_is_found_and_nothing_else_is_changed()
    {
        var random = new Random(20261);
        for (int round = 0; round < 300; round++)
        {
            var redactor = new SecretRedactor();
            string[] secrets = [.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => Text(random, random.Next(4, 12), "abc"))];
            foreach (string secret in secrets) redactor.Learn(Encoding.UTF8.GetBytes(secret));
            string text = Text(random, random.Next(0, 200), "abcxyz");
            string clean = redactor.Redact(text);
            Assert.All(secrets, secret => Assert.DoesNotContain(secret, clean));
            Assert.Equal(secrets.Any(text.Contains), clean != text);
            // What is left are the parts of the text between secrets, in order.
            int position = 0;
            foreach (string part in clean.Split("***"))
            {
                int at = text.IndexOf(part, position, StringComparison.Ordinal);
                Assert.True(at >= position);
                position = at + part.Length;
            }
        }
    }

    [Fact]
    public async Task Every_secret_that_was_read_is_known_from_then_on()
    {
        using var secret = await SecretSource.FromBytes("planted-at-birth"u8).ResolveAsync(default);
        Assert.Equal("a *** b", SecretRedactor.Shared.Redact("a planted-at-birth b"));
    }

    private static string Text(Random random, int length, string letters) => new([.. Enumerable.Range(0, length).Select(_ => letters[random.Next(letters.Length)])]);

    private void Learn(string secret) => _redactor.Learn(Encoding.UTF8.GetBytes(secret));
}
