using System.Text;
using ProdOps.Logging.Formats;

namespace ProdOps.Logging.Tests.Formats;

/// <summary>What each line of the fixtures is read as: <c>tests/fixtures/logs/*.expected.txt</c>. PRODOPS_ACCEPT_FIELDS=1 writes them; the difference is for review.</summary>
public sealed class FixtureValueTests
{
    public static TheoryData<string> Files => [.. FixtureLines.Files.Select(file => Path.GetFileName(file))];

    [Theory]
    [MemberData(nameof(Files))]
    public void Lines_are_read_as_they_always_were(string name)
    {
        string file = FixtureLines.Files.Single(file => Path.GetFileName(file) == name);
        var format = LogFormats.Find(FixtureLines.FormatOf(file))!;
        var shown = new StringBuilder();
        foreach (byte[] line in FixtureLines.Lines(file)) Show(shown, format, line);
        string expected = Path.ChangeExtension(file, ".expected.txt");
        if (Environment.GetEnvironmentVariable("PRODOPS_ACCEPT_FIELDS") == "1") File.WriteAllText(expected, shown.ToString());
        Assert.Equal(File.ReadAllText(expected), shown.ToString());
    }

    private static void Show(StringBuilder shown, LogFormat format, byte[] line)
    {
        var fields = new FieldList();
        bool read = format.TryReadFields(line, Reading.Berlin, fields);
        bool timed = format.TryReadTime(line, Reading.Berlin, out var time);
        var entry = new LogEntry(line, new LogLineReader(format, Reading.Berlin));
        string when = timed ? time.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFFzzz", System.Globalization.CultureInfo.InvariantCulture) : "-";
        shown.Append($"{(read ? "" : "unread ")}{when} {entry.Level?.ToString() ?? "-"}\n    {PlainText.Neutralize(entry.Message)}\n");
        foreach (string field in entry.Shown()) shown.Append($"    {PlainText.Neutralize(field)}\n");
    }
}
