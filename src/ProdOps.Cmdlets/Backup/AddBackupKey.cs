using System.Management.Automation;
using System.Security;
using ProdOps.Servers.Secrets;

namespace ProdOps.Cmdlets.Backup;

/// <summary>Lets one more password open a repository.</summary>
[Cmdlet(VerbsCommon.Add, "BackupKey", SupportsShouldProcess = true, DefaultParameterSetName = "NewPassword")]
[OutputType(typeof(BackupKey))]
public sealed class AddBackupKey : RepositoryCmdlet
{
    /// <summary>The new password.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "NewPassword", HelpMessage = "The new password.")]
    public SecureString? NewPassword { get; set; }

    /// <summary>A file that holds the new password.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "NewPasswordFile", HelpMessage = "A file that holds the new password.")]
    [ValidateNotNullOrEmpty]
    public string? NewPasswordFile { get; set; }

    /// <summary>The user name to record with the key.</summary>
    [Parameter(HelpMessage = "The user name to record with the key. Default: this user's.")]
    [ValidateNotNullOrEmpty]
    public string? UserName { get; set; }

    /// <summary>The host name to record with the key.</summary>
    [Parameter(HelpMessage = "The host name to record with the key. Default: this host's.")]
    [ValidateNotNullOrEmpty]
    public string? HostName { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        if (!await ShouldProcessAsync(await GetLocationAsync(), "Add a key")) return;
        var source = NewPassword is not null
            ? SecretSource.FromSecureString(NewPassword)
            : SecretSource.FromFile(await ResolvePathAsync(NewPasswordFile!));
        using var password = await source.ResolveAsync(cancellationToken);
        var repository = await OpenRepositoryAsync(cancellationToken);
        await WriteObjectAsync(await repository.AddKeyAsync(password.Bytes, UserName, HostName, parameters: null, cancellationToken));
    }
}
