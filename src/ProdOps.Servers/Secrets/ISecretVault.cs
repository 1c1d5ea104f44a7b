namespace ProdOps.Servers.Secrets;

/// <summary>A place that hands out secrets by name. The engine knows no PowerShell: the cmdlets bring the SecretManagement module's.</summary>
internal interface ISecretVault
{
    /// <summary>Fetches a secret.</summary>
    /// <exception cref="ProdOpsException">There is no such module, vault or secret, or it is locked.</exception>
    ValueTask<Secret> ReadAsync(VaultSecretName name, CancellationToken cancellationToken);
}

/// <summary>A secret of a vault: <c>name</c>, or <c>vault/name</c>.</summary>
/// <param name="Vault">The registered vault; <see langword="null"/> for whichever has it.</param>
/// <param name="Name">The secret's name.</param>
internal readonly record struct VaultSecretName(string? Vault, string Name)
{
    /// <summary>Reads it. A slash at either end belongs to the name.</summary>
    public static VaultSecretName Parse(string text)
    {
        int slash = text.IndexOf('/');
        return slash > 0 && slash < text.Length - 1 ? new(text[..slash], text[(slash + 1)..]) : new(null, text);
    }

    public override string ToString() => Vault is null ? Name : $"{Vault}/{Name}";
}

/// <summary>A password in a vault of the SecretManagement module.</summary>
internal sealed class VaultSecret(string name, ISecretVault? vault) : SecretSource
{
    public override ValueTask<Secret> ResolveAsync(CancellationToken cancellationToken) =>
        vault is null ? throw ServersErrors.SecretVaultMissing(name) : vault.ReadAsync(VaultSecretName.Parse(name), cancellationToken);

    public override string ToString() => $"The secret '{name}'";
}
