using System.Management.Automation.Language;

namespace ProdOps.Cmdlets.Tests;

/// <summary>Proposals mean themselves when they are taken.</summary>
public sealed class CompletionTextTests : IDisposable
{
    private readonly Engine _engine = Engine.WithProbe();

    public void Dispose() => _engine.Dispose();

    [Fact]
    public void A_proposal_is_read_as_the_text_that_it_stands_for()
    {
        foreach (string text in (string[])["web1", "", "it's", "it\u2019s", "\u2018all\u2019 of $it", "\u201Cquoted\u201D", "\u2013Name", "a b; c"])
        {
            using var shell = _engine.Shell("param($text) [ProdOps.Shell.Probe.CompletionProbe]::Quote($text)");
            string proposal = (string)shell.AddParameter("text", text).Invoke().Single().BaseObject;
            var tree = Parser.ParseInput($"Get-Thing {proposal} last", out _, out var errors);
            Assert.Empty(errors);
            var command = Assert.IsType<CommandAst>(Assert.IsType<PipelineAst>(Assert.Single(tree.EndBlock.Statements)).PipelineElements[0]);
            Assert.Equal(3, command.CommandElements.Count);
            Assert.Equal(text, Assert.IsType<StringConstantExpressionAst>(command.CommandElements[1]).Value);
        }
    }
}
