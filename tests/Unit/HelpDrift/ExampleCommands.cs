using System.Management.Automation;
using System.Management.Automation.Language;

namespace ProdOps.HelpDrift.Tests;

/// <summary>Which commands of the examples there are where they run: in the engine alone, without the modules that a whole PowerShell brings.</summary>
internal static class ExampleCommands
{
    private static readonly Lazy<HashSet<string>> NotThere = new(Ask);

    /// <summary>The pages' examples that are not for a person at a prompt.</summary>
    public static IEnumerable<(string Page, string Title, string Code)> Examples =>
        BuiltModule.PageNames.SelectMany(name => BuiltModule.Page(name).Examples.Where(example => !example.Interactive).Select(example => (name, example.Title, example.Code)));

    /// <summary>Whether SQLite's program is installed, by which SQLite's files are backed up and restored.</summary>
    public static bool HasSqlite { get; } = Requirements.Missing("sqlite3") is null;

    /// <summary>The commands of a script that are not there.</summary>
    public static IReadOnlyList<string> Missing(string script) =>
        [.. Names(script).Where(NotThere.Value.Contains), .. !HasSqlite && script.Contains("app.db", StringComparison.Ordinal) ? ["sqlite3"] : Array.Empty<string>()];

    private static HashSet<string> Ask()
    {
        using var module = new BuiltModule();
        var names = BuiltModule.PageNames.SelectMany(name => BuiltModule.Page(name).Examples).SelectMany(example => Names(example.Code)).Distinct(StringComparer.OrdinalIgnoreCase);
        return names.Where(name => !Exists(module, name)).ToHashSet(StringComparer.OrdinalIgnoreCase);
    }

    private static IEnumerable<string> Names(string script) => Parser.ParseInput(script, out _, out _)
        .FindAll(node => node is CommandAst, searchNestedScriptBlocks: true)
        .Select(node => ((CommandAst)node).GetCommandName()).OfType<string>().Distinct();

    private static bool Exists(BuiltModule module, string name)
    {
        using var shell = PowerShell.Create(module.Runspace);
        return shell.AddCommand("Get-Command").AddParameter("Name", name).AddParameter("ErrorAction", "Ignore").Invoke().Count > 0;
    }
}
