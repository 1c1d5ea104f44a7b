using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Reflection;
using ProdOps.HelpCompiler;

namespace ProdOps.HelpDrift.Tests;

/// <summary>The module as it was built, imported into a runspace, and the pages that describe it.</summary>
public sealed class BuiltModule : IDisposable
{
    public BuiltModule()
    {
        Folder = Environment.GetEnvironmentVariable("PRODOPS_MODULE") ?? Metadata("ModuleOutput");
        string manifest = Path.Combine(Folder, "ProdOps.psd1");
        if (!File.Exists(manifest)) throw new FileNotFoundException($"Build the solution first: there is no {manifest}.");
        Runspace = RunspaceFactory.CreateRunspace(InitialSessionState.CreateDefault2());
        Runspace.Open();
        using var shell = PowerShell.Create(Runspace);
        shell.AddCommand("Import-Module").AddParameter("Name", manifest).AddParameter("ErrorAction", "Stop").AddStatement()
            .AddCommand("Get-Command").AddParameter("Module", "ProdOps");
        Cmdlets = shell.Invoke().Select(item => (CommandInfo)item.BaseObject).ToDictionary(command => command.Name, StringComparer.OrdinalIgnoreCase);
    }

    public static string Docs { get; } = Path.Combine(Metadata("RepositoryRoot"), "docs");

    public static IReadOnlyList<string> PageNames { get; } =
        [.. Directory.GetFiles(Path.Combine(Docs, "cmdlets"), "*.md").Select(path => Path.GetFileNameWithoutExtension(path)!).Order(StringComparer.Ordinal)];

    public static TheoryData<string> Pages { get; } = [.. PageNames];

    public string Folder { get; }

    public Runspace Runspace { get; }

    public IReadOnlyDictionary<string, CommandInfo> Cmdlets { get; }

    public void Dispose() => Runspace.Dispose();

    internal static HelpPage Page(string name)
    {
        var errors = new HelpErrors();
        string path = PagePath(name);
        return CmdletPageReader.Read(path, File.ReadAllText(path), errors) ?? throw new InvalidDataException(string.Join('\n', errors.All));
    }

    internal static string PagePath(string name) => Path.Combine(Docs, "cmdlets", name + ".md");

    private static string Metadata(string key) =>
        typeof(BuiltModule).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == key).Value!;
}
