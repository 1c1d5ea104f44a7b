using System.Text;
using ProdOps.Servers.Secrets;

namespace ProdOps.Monitoring.Notifications;

/// <summary>What a channel keeps secret, fetched each time it is needed.</summary>
/// <param name="channel">The channel.</param>
/// <param name="vault">What reads the session's vaults, or <see langword="null"/> where there is no session.</param>
/// <param name="typedPassword">The password in the place of the one that the channel refers to.</param>
internal sealed class ChannelSecrets(NotificationChannel channel, ISecretVault? vault, SecretSource? typedPassword = null)
{
    public bool HasPassword => typedPassword is not null || channel.Password is not null;

    public bool HasToken => channel.Token is not null;

    /// <summary>Whether the target is a secret.</summary>
    public bool HidesTarget => channel.SecretTarget is not null;

    /// <summary>Where messages go.</summary>
    public async ValueTask<string> TargetAsync(CancellationToken cancellationToken) => channel.SecretTarget is { } target ? await ReadAsync(SecretSource.From(target, vault), cancellationToken).ConfigureAwait(false) : channel.Target;

    /// <summary>The password; empty where there is none.</summary>
    public async ValueTask<string> PasswordAsync(CancellationToken cancellationToken) =>
        (typedPassword ?? (channel.Password is { } password ? SecretSource.From(password, vault) : null)) is { } source ? await ReadAsync(source, cancellationToken).ConfigureAwait(false) : "";

    /// <summary>The token or routing key; <see langword="null"/> where there is none.</summary>
    public async ValueTask<string?> TokenAsync(CancellationToken cancellationToken) => channel.Token is { } token ? await ReadAsync(SecretSource.From(token, vault), cancellationToken).ConfigureAwait(false) : null;

    // The libraries that send want text, which cannot be wiped: it lives as long as one attempt.
    private static async ValueTask<string> ReadAsync(SecretSource source, CancellationToken cancellationToken)
    {
        using var secret = await source.ResolveAsync(cancellationToken).ConfigureAwait(false);
        return Encoding.UTF8.GetString(secret.Bytes.Span);
    }
}
