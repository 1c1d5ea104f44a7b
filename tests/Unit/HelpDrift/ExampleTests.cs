using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using Markdig;
using Markdig.Syntax;

namespace ProdOps.HelpDrift.Tests;

/// <summary>Every piece of PowerShell in the documentation parses, and calls cmdlets as they are.</summary>
public sealed class ExampleTests(BuiltModule module) : IClassFixture<BuiltModule>
{
    public static TheoryData<string> Documents { get; } =
        [.. Directory.GetFiles(BuiltModule.Docs, "*.md", SearchOption.AllDirectories).Append(Path.Combine(BuiltModule.Docs, "..", "README.md"))
            .Select(path => Path.GetRelativePath(BuiltModule.Docs, path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Code_parses_and_uses_parameters_that_exist(string document)
    {
        string path = Path.Combine(BuiltModule.Docs, document);
        var wrong = new List<string>();
        foreach (var block in Markdown.Parse(File.ReadAllText(path)).Descendants<FencedCodeBlock>().Where(block => block.Info == "powershell"))
        {
            var script = Parser.ParseInput(block.Lines.ToString(), out _, out var errors);
            wrong.AddRange(errors.Select(error => $"{document}({block.Line + 1 + error.Extent.StartLineNumber}): {error.Message}"));
            foreach (var command in script.FindAll(node => node is CommandAst, searchNestedScriptBlocks: true).Cast<CommandAst>())
            {
                wrong.AddRange(Check(command).Select(text => $"{document}({block.Line + 1 + command.Extent.StartLineNumber}): {text}"));
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private IEnumerable<string> Check(CommandAst command)
    {
        string? name = command.GetCommandName();
        if (name is null) yield break;
        if (!module.Cmdlets.TryGetValue(name, out var cmdlet))
        {
            if (name.Contains("-Backup", StringComparison.OrdinalIgnoreCase)) yield return $"There is no cmdlet {name}.";
            yield break;
        }

        foreach (var parameter in command.CommandElements.OfType<CommandParameterAst>())
        {
            // Documentation spells names out: an abbreviation may become ambiguous with the next version.
            if (!cmdlet.Parameters.ContainsKey(parameter.ParameterName)) yield return $"{name} has no parameter -{parameter.ParameterName}.";
        }

        Runspace.DefaultRunspace = module.Runspace;
        foreach (var failure in StaticParameterBinder.BindCommand(command, resolve: true).BindingExceptions)
        {
            yield return $"{name}: {failure.Key}: {failure.Value.BindingException.Message}";
        }
    }
}
