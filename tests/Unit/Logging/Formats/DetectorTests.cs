using System.Text;
using ProdOps.Logging.Formats;

namespace ProdOps.Logging.Tests.Formats;

public sealed class DetectorTests
{
    public static TheoryData<string> Files => [.. FixtureLines.Files.Select(file => Path.GetFileName(file))];

    [Theory]
    [MemberData(nameof(Files))]
    public void The_format_of_a_file_is_found_by_its_lines(string name)
    {
        string file = FixtureLines.Files.Single(file => Path.GetFileName(file) == name);
        // The line alone does not tell Apache's combined format from nginx's: the name does.
        Assert.Equal(FixtureLines.FormatOf(file), FormatDetector.Detect(File.ReadAllBytes(file), "/var/log/" + name).Name);
    }

    [Fact]
    public void Of_two_formats_that_fit_the_name_decides()
    {
        const string Line = "192.0.2.7 - - [04/Nov/2026:00:00:05 +0000] \"GET / HTTP/1.1\" 200 612 \"-\" \"curl/8.9.1\"\n";
        Assert.Equal("nginx-access", Detect(Line, "/var/log/nginx/access.log"));
        Assert.Equal("apache-access", Detect(Line, "/var/log/apache2/access.log"));
        Assert.Equal("nginx-access", Detect(Line, null));
    }

    [Fact]
    public void A_few_lines_of_another_kind_change_nothing()
    {
        string line = Text(Reading.Format("json").Name);
        Assert.Equal("json", Detect(string.Concat(Enumerable.Repeat(line, 3)) + "Starting…\nReady\n", null));
        Assert.Equal("plain", Detect(line + string.Concat(Enumerable.Repeat("Starting…\n", 20)), "app.json.log"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n\n\n")]
    [InlineData("a poem\nof two lines")]
    [InlineData("\0\0\0\0")]
    public void What_has_no_format_is_plain(string text) => Assert.Equal("plain", Detect(text, "syslog"));

    [Fact]
    public void A_sample_that_ends_within_a_line_is_judged_by_the_lines_before()
    {
        string line = Text("json").Split('\n')[0];
        Assert.Equal("json", Detect(line + "\n" + line[..20], null));
        Assert.Equal("json", Detect(line, null));
    }

    [Fact]
    public void Names_are_found_whatever_their_case() => Assert.Equal("nginx-access", LogFormats.Find("NGINX-Access")!.Name);

    private static string Text(string format) => string.Concat(FixtureLines.Of(format).Select(line => Encoding.UTF8.GetString(line) + "\n"));

    private static string Detect(string sample, string? name) => FormatDetector.Detect(Encoding.UTF8.GetBytes(sample), name).Name;
}
