namespace ProdOps.HelpDrift.Tests;

/// <summary>Every example of every page runs, alone, without an error.</summary>
public sealed class ExampleRunTests(ExampleSandbox sandbox) : IClassFixture<ExampleSandbox>
{
    public static TheoryData<string, string> OfTheEngine => Examples(ofTheEngine: true);

    public static TheoryData<string, string> OfAWholePowerShell => Examples(ofTheEngine: false);

    [Theory]
    [MemberData(nameof(OfTheEngine))]
    [MemberData(nameof(OfAWholePowerShell), Skip = "needs commands of a whole PowerShell")]
    public void An_example_runs(string page, string title)
    {
        sandbox.Reset();
        sandbox.Run(BuiltModule.Page(page).Examples.First(example => example.Title == title).Code);
    }

    [Fact]
    public void Most_examples_need_nothing_but_the_engine()
    {
        var examples = BuiltModule.PageNames.SelectMany(name => BuiltModule.Page(name).Examples).ToList();
        Assert.InRange(examples.Count(example => ExampleCommands.Missing(example.Code).Count == 0), examples.Count * 3 / 4, examples.Count);
    }

    private static TheoryData<string, string> Examples(bool ofTheEngine)
    {
        var data = new TheoryData<string, string>();
        foreach (var (page, title, code) in ExampleCommands.Examples)
        {
            if (ExampleCommands.Missing(code).Count == 0 == ofTheEngine) data.Add(page, title);
        }

        return data;
    }
}
