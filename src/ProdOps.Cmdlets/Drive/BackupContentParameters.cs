using System.ComponentModel;
using System.Management.Automation;

namespace ProdOps.Cmdlets.Drive;

/// <summary>What Get-Content takes for files in a backup.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class BackupContentParameters
{
    /// <summary>All text as one.</summary>
    [Parameter(HelpMessage = "The whole content as one object instead of lines.")]
    public SwitchParameter Raw { get; set; }

    /// <summary>Bytes instead of text.</summary>
    [Parameter(HelpMessage = "Bytes instead of text.")]
    public SwitchParameter AsByteStream { get; set; }

    /// <summary>The encoding of text without a byte order mark.</summary>
    [Parameter(HelpMessage = "The encoding of text that has no byte order mark: a name or number that .NET knows. Default: utf-8.")]
    [ValidateNotNullOrEmpty]
    public string Encoding { get; set; } = "utf-8";
}
