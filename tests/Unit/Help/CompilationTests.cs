using System.Diagnostics;
using System.Reflection;
using System.Xml.Linq;
using ProdOps.HelpCompiler;

namespace ProdOps.Help.Tests;

public sealed class CompilationTests : IDisposable
{
    private static readonly string RepositoryRoot = typeof(CompilationTests).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == "RepositoryRoot").Value!;

    private readonly string _folder = Directory.CreateTempSubdirectory("prodops-help-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_pages_of_this_repository_compile()
    {
        var errors = new HelpErrors();
        var output = HelpCompilation.Compile(Path.Combine(RepositoryRoot, "docs"), errors);
        Assert.Empty(errors.All);
        Assert.Contains("about_ProdOps.help.txt", output.Keys);
        var commands = XDocument.Parse(output["ProdOps.Cmdlets.dll-Help.xml"]).Root!.Elements().ToList();
        Assert.Equal(Directory.GetFiles(Path.Combine(RepositoryRoot, "docs/cmdlets"), "*.md").Length, commands.Count);
        Assert.All(output.Where(file => file.Key.EndsWith(".txt", StringComparison.Ordinal)),
            file => Assert.All(file.Value.Split('\n'), line => Assert.InRange(line.Length, 0, AboutTopic.Width)));
    }

    [Fact]
    public void Every_page_of_this_repository_has_three_examples_or_more()
    {
        var pages = HelpCompilation.ReadPages(Path.Combine(RepositoryRoot, "docs"), new HelpErrors());
        Assert.Empty(pages.Where(page => page.Examples.Count < 3).Select(page => page.Name));
    }

    [Fact]
    public void Help_of_pages_that_are_gone_is_removed_and_other_files_stay()
    {
        Write("docs/cmdlets/Get-SampleItem.md", SamplePage.Text);
        Write("out/about_Gone.help.txt", "old");
        Write("out/Gone.dll-Help.xml", "old");
        Write("out/notes.txt", "mine");
        Assert.Equal((0, ""), Run(Path.Combine(_folder, "docs"), Path.Combine(_folder, "out")));
        Assert.Equal(["ProdOps.Help.Tests.dll-Help.xml", "notes.txt"], Directory.GetFiles(Path.Combine(_folder, "out")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void With_one_bad_page_nothing_is_written_and_the_exit_code_is_1()
    {
        Write("docs/cmdlets/Get-SampleItem.md", SamplePage.Text);
        Write("docs/about/about_Bad.md", "# about_Bad\n\nText \u0001\n");
        var (code, output) = Run(Path.Combine(_folder, "docs"), Path.Combine(_folder, "out"));
        Assert.Equal(1, code);
        Assert.Contains("about_Bad.md(3): error HELP: The character U+0001", output);
        Assert.False(Directory.Exists(Path.Combine(_folder, "out")));
    }

    [Fact]
    public void A_folder_without_pages_is_an_error()
    {
        var (code, output) = Run(_folder, Path.Combine(_folder, "out"));
        Assert.Equal(1, code);
        Assert.Contains("no pages", output);
    }

    [Theory]
    [InlineData]
    [InlineData("docs")]
    [InlineData("--wrong", "docs")]
    [InlineData("/nowhere/at/all", "out")]
    public void Wrong_arguments_are_exit_code_2(params string[] arguments) => Assert.Equal(2, Run(arguments).Code);

    private void Write(string path, string text)
    {
        path = Path.Combine(_folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private static (int Code, string Errors) Run(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(HelpCompilation).Assembly.Location, .. arguments]) { RedirectStandardError = true };
        using var process = Process.Start(start)!;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, errors);
    }
}
