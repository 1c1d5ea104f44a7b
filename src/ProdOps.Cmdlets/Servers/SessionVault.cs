using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Security;
using System.Text;
using ProdOps.Cmdlets.Common;
using ProdOps.Servers;
using ProdOps.Servers.Secrets;

namespace ProdOps.Cmdlets.Servers;

/// <summary>The vaults of the SecretManagement module, if this session has it. The module is looked for when the first secret is wanted.</summary>
internal sealed class SessionVault(AsyncCmdlet cmdlet) : ISecretVault
{
    // The module's name keeps a function or alias called Get-Secret from getting in between; the object keeps bytes together.
    private const string Script = """
        param($Wanted)
        [pscustomobject]@{ Value = Microsoft.PowerShell.SecretManagement\Get-Secret @Wanted -ErrorAction Stop }
        """;

    /// <inheritdoc/>
    public async ValueTask<Secret> ReadAsync(VaultSecretName name, CancellationToken cancellationToken)
    {
        var (value, failure) = await cmdlet.InvokeAsync(() => Read(name)).ConfigureAwait(false);
        if (failure is not null) throw failure;
        if (value is string text) return new Secret(Encoding.UTF8.GetBytes(text));
        if (value is byte[] bytes) return new Secret(bytes);
        var secure = value as SecureString ?? (value as PSCredential)?.Password ?? throw ServersErrors.SecretNotText(name.ToString(), value?.GetType().Name ?? "null");
        return await SecretSource.FromSecureString(secure).ResolveAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Runs on the pipeline thread, where an exception would end the whole pipeline instead of this step.</summary>
    private (object? Value, ProdOpsException? Failure) Read(VaultSecretName name)
    {
        var wanted = new Hashtable { ["Name"] = name.Name };
        if (name.Vault is not null) wanted["Vault"] = name.Vault;
        try
        {
            var found = cmdlet.InvokeCommand.InvokeScript(Script, useNewScope: true, PipelineResultTypes.None, input: null, wanted);
            object? value = found[0].Properties["Value"].Value;
            return (value is PSObject wrapped ? wrapped.BaseObject : value, null);
        }
        catch (RuntimeException exception) when (exception is CommandNotFoundException || exception.ErrorRecord.FullyQualifiedErrorId.StartsWith("CouldNotAutoLoadModule", StringComparison.Ordinal))
        {
            return (null, ServersErrors.SecretVaultMissing(name.ToString()));
        }
        catch (RuntimeException exception) when (exception is not PipelineStoppedException)
        {
            return (null, ServersErrors.SecretNotInVault(name.ToString(), exception.Message, exception));
        }
    }
}
