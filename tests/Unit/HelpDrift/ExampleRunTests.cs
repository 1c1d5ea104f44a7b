using Xunit.Abstractions;

namespace ProdOps.HelpDrift.Tests;

/// <summary>Every example of every page runs, alone, without an error.</summary>
public sealed class ExampleRunTests(ExampleSandbox sandbox, ITestOutputHelper output) : IClassFixture<ExampleSandbox>
{
    public static TheoryData<string, string> Examples()
    {
        var data = new TheoryData<string, string>();
        foreach (string name in BuiltModule.PageNames)
        {
            foreach (var example in BuiltModule.Page(name).Examples.Where(example => !example.Interactive)) data.Add(name, example.Title);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void An_example_runs(string page, string title)
    {
        string code = BuiltModule.Page(page).Examples.First(example => example.Title == title).Code;
        var missing = sandbox.Missing(code);
        if (missing.Count > 0)
        {
            output.WriteLine($"Not run: {string.Join(", ", missing)} need a full PowerShell.");
            return;
        }

        sandbox.Reset();
        sandbox.Run(code);
    }

    [Fact]
    public void Most_examples_need_nothing_but_the_engine()
    {
        var examples = BuiltModule.PageNames.SelectMany(name => BuiltModule.Page(name).Examples).ToList();
        Assert.InRange(examples.Count(example => sandbox.Missing(example.Code).Count == 0), examples.Count * 3 / 4, examples.Count);
    }
}
