using ProdOps.HelpCompiler;

namespace ProdOps.Help.Tests;

public sealed class CmdletPageTests
{
    [Fact]
    public void A_page_is_read_with_all_it_says()
    {
        var page = SamplePage.Read();
        Assert.Equal("Get-SampleItem", page.Name);
        Assert.Equal("Gets a sample of <AT&T> & others.", Assert.Single(page.Synopsis).Text);
        Assert.Equal(["First paragraph, second line.", "an item", "another, see the site (https://example.org/x?a=1&b=2)"], page.Description.Select(b => b.Text));
        Assert.Equal([("ByName", true), ("ById", false)], page.Syntax.Select(s => (s.Set, s.IsDefault)));
        Assert.Equal([false, true], page.Examples.Select(e => e.Interactive));
        Assert.StartsWith("if (1 -lt 2 -and \"a\" -ne '<b>') {\n    Get", page.Examples[0].Code);
        Assert.Equal(["Name", "Id", "All", "Level"], page.Parameters.Select(p => p.Name));

        var name = Assert.Single(page.Parameters[0].Usages);
        Assert.Equal(["N", "Label"], name.Aliases);
        Assert.Equal((0, false, true, true, true), (name.Position, name.Required, name.PipelineByValue, name.PipelineByName, name.Wildcards));
        Assert.Null(page.Parameters[1].In("ByName"));
        Assert.Equal(["Low", "High"], page.Parameters[3].In("ById")!.AcceptedValues);
        Assert.Equal(new HelpLink("Other help", "https://example.org/other"), Assert.Single(page.Links));
    }

    [Theory]
    [InlineData("## NOTES", "## REMARKS", "## NOTES", "'REMARKS' is not a section")]
    [InlineData("## NOTES", "## REMARKS", "# Get-SampleItem", "'## NOTES' is missing")]
    [InlineData("## INPUTS", "## OUTPUTS", "## OUTPUTS", "second time")]
    [InlineData("# Get-SampleItem", "# Get-Other", "# Get-SampleItem", "not the file's name")]
    [InlineData("schema: 2.0.0", "schema: 9", "schema: 2.0.0", "schema 2.0.0")]
    [InlineData("schema: 2.0.0", "scheme: 2.0.0", "schema: 2.0.0", "'scheme' is not a key")]
    [InlineData("Position: 0", "Position: first", "Position: 0", "neither Named nor a number")]
    [InlineData("Required: False", "Required: no", "Required: False", "neither True nor False")]
    [InlineData("Aliases: N, Label", "Alias: N", "Aliases: N, Label", "'Alias' is not a key")]
    [InlineData("Aliases: N, Label", "Type: Int32", "Aliases: N, Label", "second time")]
    [InlineData("True (ByValue, ByPropertyName)", "True (ByMagic)", "True (ByValue, ByPropertyName)", "is not one of")]
    [InlineData("### -All", "### All", "### -All", "'All' is not a parameter")]
    [InlineData("### -All", "### -Name", "### -All", "-Name stands here a second time")]
    [InlineData("The number.", "", "### -Id", "-Id needs a description")]
    [InlineData("Parameter Sets: ByName", "Parameter Sets: ByNam", "```yaml", "no parameter set 'ByNam'")]
    [InlineData("Get-SampleItem -Id <Int32> [-All]", "Get-SampleItem -Id <Int32>", "```\nGet-SampleItem -Id", "does not follow from PARAMETERS")]
    [InlineData("### Example 2: Ask", "### Example 3: Ask", "### Example 2: Ask", "Expected '### Example 2")]
    [InlineData("```powershell interactive", "```bash", "### Example 2: Ask", "begins with ```powershell")]
    [InlineData("```powershell interactive", "```powershell quietly", "```powershell interactive", "Only 'interactive'")]
    [InlineData("Says *why*.", "", "### Example 1", "what the example does")]
    [InlineData("A note.", "| a | b |\n| - | - |\n| 1 | 2 |", "A note.", "cannot show a table")]
    [InlineData("A note.", "Some <b>bold</b> text", "A note.", "<b> would be lost")]
    [InlineData("A note.", "See [this](Get-Nothing.md)", "A note.", "no such file")]
    [InlineData("A note.", "> quoted", "A note.", "A Quote cannot be shown")]
    [InlineData("- [Other help](https://example.org/other)", "none", "## RELATED LINKS", "no related link")]
    public void What_is_wrong_is_reported_with_its_line(string original, string replacement, string place, string message)
    {
        var errors = SamplePage.ErrorsWith(original, replacement);
        string expected = $"{SamplePage.LineOf(place)}: ";
        Assert.True(errors.Any(error => error.StartsWith(expected, StringComparison.Ordinal) && error.Contains(message, StringComparison.Ordinal)),
            $"Expected '{expected}…{message}' among:\n{string.Join('\n', errors)}");
    }

    [Fact]
    public void All_errors_of_a_page_are_reported_at_once()
    {
        var errors = new HelpErrors();
        string text = SamplePage.Text.Replace("Required: False", "Required: maybe").Replace("## NOTES", "## REMARKS");
        Assert.Null(CmdletPageReader.Read(SamplePage.File, text, errors));
        Assert.Equal(3, errors.All.Count(error => error.Message.Contains("maybe")));
        Assert.Contains(errors.All, error => error.Message.Contains("REMARKS"));
        Assert.Matches(@"^Get-SampleItem\.md\(\d+\): error HELP: ", errors.All[0].ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("---\n---\n")]
    [InlineData("---\nschema: 2.0.0")]
    [InlineData("# Get-SampleItem")]
    [InlineData("## SYNTAX\n```\n")]
    [InlineData("\n\n### -Name\n```yaml\n:\n```")]
    public void A_page_that_is_hardly_one_is_an_error_and_nothing_worse(string text)
    {
        var errors = new HelpErrors();
        Assert.Null(CmdletPageReader.Read(SamplePage.File, text, errors));
        Assert.NotEmpty(errors.All);
    }

    [Fact]
    public void A_page_cut_or_garbled_anywhere_is_read_or_reported()
    {
        var random = new Random(42);
        for (int i = 0; i < 300; i++)
        {
            var text = SamplePage.Text[..random.Next(SamplePage.Text.Length)].ToCharArray();
            for (int j = 0; j < 5 && text.Length > 0; j++) text[random.Next(text.Length)] = "#`-:|<[]()!\n \\"[random.Next(14)];
            CmdletPageReader.Read(SamplePage.File, new string(text), new HelpErrors());
        }
    }
}
