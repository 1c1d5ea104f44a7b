using System.Management.Automation;
using System.Text.RegularExpressions;
using ProdOps.HelpCompiler;

namespace ProdOps.HelpDrift.Tests;

/// <summary>
/// Pages and cmdlets say the same. With <c>PRODOPS_UPDATE_HELP=1</c> the pages' SYNTAX and yaml blocks are written from the
/// cmdlets instead of compared; prose, defaults and examples stay, and a new parameter is described by its HelpMessage.
/// </summary>
public sealed partial class DriftTests(BuiltModule module) : IClassFixture<BuiltModule>
{
    private static readonly bool Update = Environment.GetEnvironmentVariable("PRODOPS_UPDATE_HELP") == "1";

    [Fact]
    public void Every_cmdlet_has_a_page_and_every_page_a_cmdlet() =>
        Assert.Equal(module.Cmdlets.Keys.Order(StringComparer.Ordinal), BuiltModule.PageNames);

    [Fact]
    public void The_overview_names_every_cmdlet_and_no_other()
    {
        string text = File.ReadAllText(Path.Combine(BuiltModule.Docs, "about", "about_ProdOps.md"));
        // "Add-, Get-, Remove-BackupKey" is three of them; what stands in a sentence counts as well.
        var named = Named().Matches(text).SelectMany(match => match.Groups[1].Captures.Append(match.Groups[2]).Select(verb => $"{verb.Value}-{match.Groups[3].Value}")).ToHashSet(StringComparer.Ordinal);
        Assert.Equal(module.Cmdlets.Keys.Order(StringComparer.Ordinal), named.Except(["Get-Help", "Import-Module", "Format-List", "Invoke-OpsBackup"]).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(BuiltModule.Pages), MemberType = typeof(BuiltModule))]
    public void Parameters_are_those_of_the_cmdlet(string name)
    {
        var page = BuiltModule.Page(name);
        var command = Command(name);
        var parameters = CmdletMetadata.Parameters(command, page);
        var sets = CmdletMetadata.Sets(command);
        if (Update)
        {
            string path = BuiltModule.PagePath(name);
            string markdown = PageUpdater.WithParameters(File.ReadAllText(path), page with { Parameters = parameters });
            File.WriteAllText(path, PageUpdater.WithSyntax(markdown, page with { Parameters = parameters }, sets));
            return;
        }

        var drift = Drift(page.Parameters, parameters).ToList();
        if (!sets.SequenceEqual(page.Syntax.Select(syntax => (syntax.Set, syntax.IsDefault)))) drift.Add($"Parameter sets are {string.Join(", ", sets)}.");
        Assert.True(drift.Count == 0, $"{page.File} has drifted (PRODOPS_UPDATE_HELP=1 rewrites it):\n{string.Join('\n', drift)}");
    }

    [Theory]
    [MemberData(nameof(BuiltModule.Pages), MemberType = typeof(BuiltModule))]
    public void Outputs_are_those_that_the_cmdlet_declares(string name)
    {
        var declared = Command(name).OutputType.Select(type => type.Name).DefaultIfEmpty("None").Order(StringComparer.Ordinal);
        Assert.Equal(declared, BuiltModule.Page(name).Outputs.Select(type => type.Name).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(BuiltModule.Pages), MemberType = typeof(BuiltModule))]
    public void Get_Help_shows_the_page(string name)
    {
        using var shell = PowerShell.Create(module.Runspace);
        var help = Assert.Single(shell.AddCommand("Get-Help").AddParameter("Name", name).AddParameter("Full").Invoke());
        var page = BuiltModule.Page(name);
        Assert.Equal(page.Synopsis[0].Text, help.Properties["Synopsis"].Value.ToString());
        var examples = PSObject.AsPSObject(help.Properties["examples"].Value).Properties["example"].Value;
        Assert.Equal(page.Examples.Count, examples is object[] several ? several.Length : 1);
    }

    [Fact]
    public void Topics_are_beside_the_module_as_compiled()
    {
        var output = HelpCompilation.Compile(BuiltModule.Docs, new HelpErrors());
        Assert.NotEmpty(output);
        Assert.All(output, file => Assert.Equal(file.Value, File.ReadAllText(Path.Combine(module.Folder, "en-US", file.Key))));
    }

    private static IEnumerable<string> Drift(IReadOnlyList<HelpParameter> page, IReadOnlyList<HelpParameter> cmdlet)
    {
        foreach (var parameter in page.Where(p => cmdlet.All(c => c.Name != p.Name))) yield return $"-{parameter.Name}: the cmdlet has no such parameter.";
        foreach (var parameter in cmdlet)
        {
            var documented = page.FirstOrDefault(p => p.Name == parameter.Name);
            string expected = Text(parameter.Usages);
            if (documented is null) yield return $"-{parameter.Name}: the page lacks it.";
            else if (Text(documented.Usages) is var actual && actual != expected) yield return $"-{parameter.Name}: the page says\n{actual}and the cmdlet\n{expected}";
        }
    }

    private static string Text(IEnumerable<ParameterUsage> usages) => string.Concat(usages.Select(PageUpdater.Yaml).Order(StringComparer.Ordinal));

    private CommandInfo Command(string name) =>
        module.Cmdlets.TryGetValue(name, out var command) ? command : throw new Xunit.Sdk.XunitException($"{name} has a page, and the module has no such cmdlet.");

    [GeneratedRegex(@"(?:\b([A-Z][a-z]+)-, )*\b([A-Z][a-z]+)-([A-Z][A-Za-z]+)")]
    private static partial Regex Named();
}
