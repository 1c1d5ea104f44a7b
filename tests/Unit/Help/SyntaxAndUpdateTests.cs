using ProdOps.HelpCompiler;

namespace ProdOps.Help.Tests;

public sealed class SyntaxAndUpdateTests
{
    [Fact]
    public void Syntax_is_in_the_notation_of_Get_Command()
    {
        var page = SamplePage.Read();
        Assert.Equal("Get-SampleItem [[-Name] <String[]>] [-Level <String>] [<CommonParameters>]", SyntaxText.Write(page.Name, page.Parameters, "ByName"));
        Assert.Equal("Get-SampleItem -Id <Int32> [-All] [-Level <String>] [<CommonParameters>]", SyntaxText.Write(page.Name, page.Parameters, "ById"));
    }

    [Fact]
    public void Positional_parameters_come_first_and_long_lines_are_wrapped()
    {
        var parameters = Enumerable.Range(0, 12).Select(i => new HelpParameter($"Parameter{i}", [], [Usage(position: i == 11 ? 0 : null, required: i == 10)], 1)).ToList();
        string syntax = SyntaxText.Write("Get-Thing", parameters, "");
        Assert.StartsWith("Get-Thing [[-Parameter11] <String>] -Parameter10 <String> [-Parameter0 <String>]", syntax);
        Assert.All(syntax.Split('\n'), line => Assert.InRange(line.Length, 1, 101));
        Assert.True(syntax.Contains('\n'));
    }

    [Fact]
    public void Updating_rewrites_syntax_and_leaves_the_rest_as_it_was()
    {
        string stale = SamplePage.Text.Replace(" [-All]", "").Replace("[[-Name] <String[]>]", "-Wrong");
        var page = CmdletPageReader.Read(SamplePage.File, stale, new HelpErrors(), checkSyntax: false)!;
        string updated = PageUpdater.WithSyntax(stale, page, [("ByName", true), ("ById", false)]);
        var errors = new HelpErrors();
        Assert.NotNull(CmdletPageReader.Read(SamplePage.File, updated, errors));
        Assert.Empty(errors.All);
        Assert.Equal(After(SamplePage.Text, "## DESCRIPTION"), After(updated, "## DESCRIPTION"));
        Assert.Equal(updated, PageUpdater.WithSyntax(updated, page, [("ByName", true), ("ById", false)]));
    }

    [Fact]
    public void Updating_parameters_keeps_the_prose_with_its_Markdown()
    {
        string text = SamplePage.Text.Replace("The number.", "The `number`, *exactly*.");
        var page = CmdletPageReader.Read(SamplePage.File, text, new HelpErrors())!;
        Assert.Equal(text, PageUpdater.WithParameters(text, page));

        var changed = page with
        {
            Parameters = [.. page.Parameters, new HelpParameter("New", [new TextBlock(TextKind.Paragraph, "Brand new.", 0)], [Usage()], 0)],
        };
        string updated = PageUpdater.WithParameters(text, changed);
        Assert.Contains("### -New\n\nBrand new.\n\n```yaml\nType: String\n", updated);
        Assert.Contains("The `number`, *exactly*.", updated);
        Assert.Equal(After(text, "### CommonParameters"), After(updated, "### CommonParameters"));
    }

    private static ParameterUsage Usage(int? position = null, bool required = false) => new() { Type = "String", Position = position, Required = required };

    private static string After(string text, string mark) => text[text.IndexOf(mark, StringComparison.Ordinal)..];
}
