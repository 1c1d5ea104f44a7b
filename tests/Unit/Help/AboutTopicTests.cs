using ProdOps.HelpCompiler;

namespace ProdOps.Help.Tests;

public sealed class AboutTopicTests
{
    private const string File = "about_Sample.md";
    private const string Head = "# about_Sample\n\n## Short description\n\nA sample.\n\n## Long description\n\n";

    [Fact]
    public void A_topic_has_the_layout_that_Get_Help_expects()
    {
        string text = Compile(Head + "Some `code` and *more*.\n");
        Assert.Equal("TOPIC\n    about_Sample\n\nSHORT DESCRIPTION\n    A sample.\n\nLONG DESCRIPTION\n    Some code and more.\n", text);
    }

    [Fact]
    public void Text_is_wrapped_at_80_columns_with_hanging_indents()
    {
        string words = string.Join(' ', Enumerable.Repeat("word", 60));
        string[] lines = Compile($"{Head}{words}\n\n- {words}\n\n1. {words}\n2. two\n").Split('\n');
        Assert.All(lines, line => Assert.InRange(line.Length, 0, 80));
        Assert.Contains(lines, line => line.StartsWith("    - word", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("      word", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("       word", StringComparison.Ordinal));
        Assert.Contains("    2. two", lines);
        Assert.DoesNotContain(lines, line => line.EndsWith(' '));
    }

    [Fact]
    public void Tables_become_columns_of_which_the_last_wraps()
    {
        string text = Compile($"{Head}| Name | For |\n| --- | --- |\n| a | {string.Join(' ', Enumerable.Repeat("word", 30))} |\n| longer | b |\n");
        Assert.Contains("\n    Name    For\n    ------  ---", text);
        Assert.Contains("\n    a       word word", text);
        Assert.Contains("\n            word", text);
        Assert.Contains("\n    longer  b\n", text);
        Assert.All(text.Split('\n'), line => Assert.InRange(line.Length, 0, 80));
    }

    [Fact]
    public void Code_keeps_its_lines_and_their_indents() =>
        Assert.Contains("\n      if ($a) {\n          $b\n\n      }\n", Compile(Head + "```powershell\nif ($a) {\n    $b\n\n}\n```\n"));

    [Theory]
    [InlineData("# about_Other\n\n## Short description\n\nA.\n\n## Long description\n\nB.\n", 1, "not the file's name")]
    [InlineData("# about_Sample\n\n## Long description\n\nB.\n", 1, "begins with the sections")]
    [InlineData("# about_Sample\n\n## Short description\n\n- a\n- b\n\n## Long description\n\nB.\n", 3, "one line of at most 76")]
    [InlineData(Head + "```\nx\n12345678901234567890123456789012345678901234567890123456789012345678901234567890\n```\n", 11, "longer than 74")]
    [InlineData(Head + "[x](about_Nothing.md)\n", 9, "no such file")]
    public void What_is_wrong_is_reported_with_its_line(string text, int line, string message)
    {
        var errors = new HelpErrors();
        Assert.Null(AboutTopic.Compile(File, text, errors));
        Assert.Contains(errors.All, error => error.Line == line && error.Message.Contains(message, StringComparison.Ordinal));
    }

    private static string Compile(string markdown)
    {
        var errors = new HelpErrors();
        string? text = AboutTopic.Compile(File, markdown, errors);
        Assert.Empty(errors.All);
        return text!;
    }
}
