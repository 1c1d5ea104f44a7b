using System.Management.Automation;

namespace ProdOps.Host;

/// <summary>Says what to do when a script uses a command of PowerShell's own modules, which this engine comes without.</summary>
internal static class MissingCommands
{
    private static readonly Lazy<HashSet<string>> Names = new(Load);

    /// <summary>Answers a look-up that has failed. Other names keep PowerShell's own error.</summary>
    public static void Explain(object? sender, CommandLookupEventArgs lookup)
    {
        if (!Names.Value.Contains(lookup.CommandName)) return;
        string name = lookup.CommandName;
        lookup.CommandScriptBlock = ScriptBlock.Create(
            "[CmdletBinding()] param([Parameter(ValueFromPipeline)] $InputObject, [Parameter(ValueFromRemainingArguments)] $Rest) "
            + "begin { throw [System.Management.Automation.ErrorRecord]::new([System.Management.Automation.CommandNotFoundException]::new("
            + $"'{Message(name)}'), 'UtilityModulesMissing', 'ObjectNotFound', '{name}') }}");
        lookup.StopSearch = true;
    }

    public static string Message(string name) =>
        $"{name} belongs to PowerShell''s utility modules, and prodops is the bare engine with ProdOps alone. "
        + "Install PowerShell 7.6 and run Import-Module ProdOps there, or leave the command out (-OutputFormat Json hands objects to other programs).";

    private static HashSet<string> Load()
    {
        using var reader = new StreamReader(typeof(MissingCommands).Assembly.GetManifestResourceStream("MissingCommands.txt")!);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToHashSet(StringComparer.OrdinalIgnoreCase);
    }
}
