namespace ProdOps.Cmdlets.Tests.Logging;

/// <summary>What the views of logs show, from the functions that they call.</summary>
public sealed class LogViewTests : IDisposable
{
    private const string Helper = "[ProdOps.Cmdlets.FormatHelper]::";

    private readonly string _file = Path.GetTempFileName();
    private readonly Engine _engine = new();

    public LogViewTests()
    {
        File.WriteAllText(_file, "2026-11-20T10:00:00.042Z INFO before\n2026-11-20T10:00:01Z ERROR \u001b[2Jcleared\u009b31m\tand \u202Eturned\n  at a.b()\n  at c.d()\n2026-11-20T10:00:02Z WARN after\n");
        _engine.Run($"$entries = @(Search-Log cleared -Path '{_file}' -Context 1)");
    }

    public void Dispose()
    {
        _engine.Dispose();
        File.Delete(_file);
    }

    [Fact]
    public void Nothing_in_a_line_reaches_the_terminal_as_a_control()
    {
        foreach (string shown in new[] { "LogMessage($entries[1], $null)", "Lines($entries[1].Raw)", "LogFields($entries[1])", "Text($entries[1].Raw)", "Text([char]27 + '[0m')" })
            Assert.DoesNotContain(Text(shown), c => (char.IsControl(c) && c is not ('\n' or '\t')) || c is '\u202E');
        Assert.Contains("␛[2Jcleared\\x9B31m and \\u202Eturned ␊+2", Text("LogMessage($entries[1], $null)"), StringComparison.Ordinal);
        Assert.True(Text("Text('x' * 1mb)").Length <= 1000);
    }

    [Fact]
    public void Levels_are_words_with_a_colour_where_there_are_colours()
    {
        Assert.Equal("Error", Text("LogLevel($entries[1], $null)"));
        Assert.Equal("\u001b[31mError\u001b[0m", Text("LogLevel($entries[1], $PSStyle)"));
        Assert.Equal("\u001b[33mWarning\u001b[0m", Text("LogLevel([ProdOps.LogLevel]::Warning, $PSStyle)"));
        Assert.All(_engine.Run("[Enum]::GetNames([ProdOps.LogLevel])"), name => Assert.InRange(Text($"LogLevel([ProdOps.LogLevel]::{name}, $null)").Length, 4, 7));
    }

    [Fact]
    public void Context_is_marked_and_dim()
    {
        Assert.StartsWith("· ", Text("LogMessage($entries[0], $null)"), StringComparison.Ordinal);
        Assert.StartsWith("\u001b[2m· ", Text("LogMessage($entries[0], $PSStyle)"), StringComparison.Ordinal);
        Assert.EndsWith(":00.042", Text("LogTime($entries[0], $null)"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Bar(1, 4)", "████")]
    [InlineData("Bar(0.5, 4)", "██")]
    [InlineData("Bar(0.53125, 4)", "██▏")]
    [InlineData("Bar(0.000001, 4)", "▏")]
    [InlineData("Bar(0, 4)", "")]
    [InlineData("Bar(7, 4)", "████")]
    [InlineData("Bar([double]::NaN, 4)", "")]
    [InlineData("Bar($null, 4)", "")]
    [InlineData("Number(0.04211)", "0.04211")]
    [InlineData("Number(17.3512)", "17.35")]
    [InlineData("Number(12013)", "12,013")]
    [InlineData("Number(0)", "0")]
    [InlineData("Number($null)", "")]
    [InlineData("Number(1.5e15)", "1.5e+15")]
    [InlineData("IntervalStart($null, $null)", "")]
    [InlineData("LogTime($null, $null) + [ProdOps.Cmdlets.FormatHelper]::LogMessage($null, $null)", "")]
    public void Numbers_and_shares_are_shown_as_people_read_them(string call, string text) => Assert.Equal(text, Text(call));

    [Theory]
    [InlineData("1.00:00:00", "yyyy-MM-dd")]
    [InlineData("01:00:00", "yyyy-MM-dd HH:mm")]
    [InlineData("00:00:10", "yyyy-MM-dd HH:mm:ss")]
    [InlineData("00:00:00.5", "yyyy-MM-dd HH:mm:ss.fff")]
    public void An_intervals_beginning_is_as_exact_as_its_length(string interval, string format)
    {
        var midnight = new DateTimeOffset(new DateTime(2026, 11, 20, 0, 0, 0, DateTimeKind.Local));
        Assert.Equal(midnight.ToString(format, System.Globalization.CultureInfo.InvariantCulture), Text($"IntervalStart([DateTimeOffset]'{midnight:o}', [timespan]'{interval}')"));
    }

    private string Text(string call) => $"{_engine.Run(Helper + call).Single()}";
}
