using System.Management.Automation;
using System.Management.Automation.Runspaces;
using ProdOps.HelpCompiler;

namespace ProdOps.Help.Tests;

/// <summary>What PowerShell's own Get-Help makes of compiled help.</summary>
public sealed class GetHelpTests : IDisposable
{
    private readonly Runspace _runspace;

    public GetHelpTests()
    {
        string module = typeof(GetSampleItemCommand).Assembly.Location;
        var page = SamplePage.Read();
        string folder = Path.Combine(Path.GetDirectoryName(module)!, "en-US");
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, page.HelpFile), MamlWriter.Write([page]));
        _runspace = RunspaceFactory.CreateRunspace(InitialSessionState.CreateDefault2());
        _runspace.Open();
        Invoke("Import-Module", ("Name", module));
    }

    public void Dispose() => _runspace.Dispose();

    [Fact]
    public void Name_synopsis_and_description_are_shown_unescaped()
    {
        var help = Help();
        Assert.Equal("Get-SampleItem", Text(help, "Name"));
        Assert.Equal("Gets a sample of <AT&T> & others.", Text(help, "Synopsis"));
        Assert.Equal(["First paragraph, second line.", "- an item\n- another, see the site (https://example.org/x?a=1&b=2)"], Paragraphs(Property(help, "description")));
        Assert.Contains("A note.", Paragraphs(Property(Property(help, "alertSet"), "alert")));
    }

    [Fact]
    public void Parameters_have_their_attributes()
    {
        var parameters = Items(Property(Property(Help(), "parameters"), "parameter"));
        Assert.Equal(["Name", "Id", "All", "Level"], parameters.Select(p => Text(p, "name")));
        var name = parameters[0];
        Assert.Equal(("false", "0", "True (ByValue, ByPropertyName)", "true", "true", "N, Label", "*"),
            (Text(name, "required"), Text(name, "position"), Text(name, "pipelineInput"), Text(name, "globbing"), Text(name, "variableLength"), Text(name, "aliases"), Text(name, "defaultValue")));
        Assert.Equal("String[]", Text(Property(name, "type"), "name"));
        Assert.Equal(["The name."], Paragraphs(Property(name, "description")));
        Assert.Equal(("true", "named", "none"), (Text(parameters[1], "required"), Text(parameters[1], "position"), Text(parameters[1], "aliases")));
    }

    [Fact]
    public void Each_parameter_set_is_a_syntax()
    {
        var items = Items(Property(Property(Help(), "syntax"), "syntaxItem"));
        Assert.Equal(["Name,Level", "Id,All,Level"], items.Select(item => string.Join(',', Items(Property(item, "parameter")).Select(p => Text(p, "name")))));
    }

    [Fact]
    public void Examples_keep_their_code_line_by_line()
    {
        var examples = Items(Property(Property(Help(), "examples"), "example"));
        Assert.Equal(2, examples.Count);
        Assert.Contains("Example 1: Compare & pipe", Text(examples[0], "title"));
        Assert.Equal("if (1 -lt 2 -and \"a\" -ne '<b>') {\n    Get-SampleItem *\n}", Text(examples[0], "code"));
        Assert.Equal(["Says why."], Paragraphs(Property(examples[0], "remarks")).Where(text => text.Length > 0));
    }

    [Fact]
    public void Inputs_outputs_and_links_are_there()
    {
        var help = Help();
        Assert.Equal("System.String", Text(Property(Property(Property(help, "inputTypes"), "inputType"), "type"), "name"));
        Assert.Equal("System.Int32", Text(Property(Property(Property(help, "returnValues"), "returnValue"), "type"), "name"));
        var links = Items(Property(Property(help, "relatedLinks"), "navigationLink"));
        Assert.Equal(["https://example.org/Get-SampleItem", "https://example.org/other"], links.Select(link => Text(link, "uri")));
    }

    [Fact]
    public void Help_of_one_parameter_is_found() =>
        Assert.Equal("Level", Text(Assert.Single(Invoke("Get-Help", ("Name", "Get-SampleItem"), ("Parameter", "Level"))), "name"));

    private PSObject Help() => Assert.Single(Invoke("Get-Help", ("Name", "Get-SampleItem"), ("Full", true)));

    private List<PSObject> Invoke(string command, params (string Name, object Value)[] parameters)
    {
        using var shell = PowerShell.Create(_runspace);
        shell.AddCommand(command);
        foreach (var (name, value) in parameters) shell.AddParameter(name, value);
        var result = shell.Invoke().ToList();
        Assert.Empty(shell.Streams.Error);
        return result;
    }

    private static PSObject Property(PSObject from, string name) =>
        PSObject.AsPSObject(from.Properties[name]?.Value ?? throw new Xunit.Sdk.XunitException($"There is no '{name}' in {string.Join(", ", from.Properties.Select(p => p.Name))}."));

    private static string Text(PSObject from, string name) => Property(from, name).ToString().ReplaceLineEndings("\n");

    private static List<PSObject> Items(PSObject value) =>
        value.BaseObject is object[] array ? [.. array.Select(PSObject.AsPSObject)] : [value];

    private static IEnumerable<string> Paragraphs(PSObject value) => Items(value).Select(item => (item.Properties["Text"]?.Value?.ToString() ?? item.ToString()).Trim());
}
