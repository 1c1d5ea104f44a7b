using System.ComponentModel;
using System.Management.Automation;
using System.Security;
using ProdOps.Cmdlets.Completers;

namespace ProdOps.Cmdlets.Drive;

/// <summary>What New-PSDrive takes for a repository: where its password comes from.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class BackupDriveParameters
{
    /// <summary>The password itself.</summary>
    [Parameter(HelpMessage = "The repository's password.")]
    public SecureString? Password { get; set; }

    /// <summary>A file that holds the password.</summary>
    [Parameter(HelpMessage = "A file that holds the password. Default: the one that the environment variable RESTIC_PASSWORD_FILE names.")]
    [ValidateNotNullOrEmpty]
    public string? PasswordFile { get; set; }

    /// <summary>The name of an environment variable that holds the password.</summary>
    [Parameter(HelpMessage = "The name of the environment variable that holds the password. Default: RESTIC_PASSWORD.")]
    [ArgumentCompleter(typeof(VariableNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string? PasswordVariable { get; set; }

    /// <summary>A command that prints the password.</summary>
    [Parameter(HelpMessage = "A command whose output is the password. Default: the environment variable RESTIC_PASSWORD_COMMAND.")]
    [ValidateNotNullOrEmpty]
    public string? PasswordCommand { get; set; }
}
