using System.Text;
using ProdOps.Servers.Secrets;

namespace ProdOps.Monitoring.Notifications;

/// <summary>What a channel keeps secret, fetched each time it is needed.</summary>
/// <param name="channel">The channel.</param>
/// <param name="vault">What reads the session's vaults, or <see langword="null"/> where there is no session.</param>
/// <param name="typed">What was typed at a prompt.</param>
internal sealed class ChannelSecrets(NotificationChannel channel, ISecretVault? vault, TypedSecrets typed)
{
    private readonly SecretSource? _password = typed.Password ?? (channel.Password is { } password ? SecretSource.From(password, vault) : null);
    private readonly SecretSource? _token = typed.Token ?? (channel.Token is { } token ? SecretSource.From(token, vault) : null);

    public bool HasPassword => _password is not null;

    public bool HasToken => _token is not null;

    /// <summary>Whether the target is a secret.</summary>
    public bool HidesTarget => channel.SecretTarget is not null;

    /// <summary>Where messages go.</summary>
    public async ValueTask<string> TargetAsync(CancellationToken cancellationToken) => channel.SecretTarget is { } target ? await ReadAsync(SecretSource.From(target, vault), cancellationToken).ConfigureAwait(false) : channel.Target;

    /// <summary>The password; empty where there is none.</summary>
    public async ValueTask<string> PasswordAsync(CancellationToken cancellationToken) => _password is null ? "" : await ReadAsync(_password, cancellationToken).ConfigureAwait(false);

    /// <summary>The token or routing key; <see langword="null"/> where there is none.</summary>
    public async ValueTask<string?> TokenAsync(CancellationToken cancellationToken) => _token is null ? null : await ReadAsync(_token, cancellationToken).ConfigureAwait(false);

    /// <summary>The key of signatures, which whoever gets it wipes; <see langword="null"/> where nothing is signed.</summary>
    public async ValueTask<Secret?> SigningKeyAsync(CancellationToken cancellationToken) => channel.SigningKey is { } key ? await SecretSource.From(key, vault).ResolveAsync(cancellationToken).ConfigureAwait(false) : null;

    // The libraries that send want text, which cannot be wiped: it lives as long as one attempt.
    private static async ValueTask<string> ReadAsync(SecretSource source, CancellationToken cancellationToken)
    {
        using var secret = await source.ResolveAsync(cancellationToken).ConfigureAwait(false);
        return Encoding.UTF8.GetString(secret.Bytes.Span);
    }
}

/// <summary>Secrets that were typed at a prompt, in the place of those that a channel refers to.</summary>
/// <param name="Password">The user's password.</param>
/// <param name="Token">The bearer token or routing key.</param>
internal sealed record TypedSecrets(SecretSource? Password = null, SecretSource? Token = null);
