using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace ProdOps.Servers.Secrets;

/// <summary>Who asks a server of HTTP: a bearer token (RFC 6750), else a user with a password (RFC 7617), else nobody. Secrets are fetched when they are first needed.</summary>
/// <param name="token">Where the token comes from; it goes before the user.</param>
/// <param name="user">The user.</param>
/// <param name="password">Where the user's password comes from.</param>
internal sealed class HttpLogin(SecretSource? token, string? user, SecretSource? password)
{
    private AuthenticationHeaderValue? _header;

    /// <summary>True if somebody is named.</summary>
    public bool IsGiven => user is not null || token is not null;

    /// <summary>The header; <see langword="null"/> for nobody.</summary>
    /// <exception cref="ProdOpsException">The secret cannot be had.</exception>
    public async ValueTask<AuthenticationHeaderValue?> GetAsync(CancellationToken cancellationToken)
    {
        if (_header is not null) return _header;
        if (token is not null)
        {
            using var secret = await token.ResolveAsync(cancellationToken).ConfigureAwait(false);
            return _header = new AuthenticationHeaderValue("Bearer", Encoding.UTF8.GetString(secret.Bytes.Span));
        }

        if (user is null) return null;
        using var word = password is null ? null : await password.ResolveAsync(cancellationToken).ConfigureAwait(false);
        byte[] bytes = [.. Encoding.UTF8.GetBytes(user + ":"), .. word is null ? [] : word.Bytes.Span];
        _header = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(bytes));
        CryptographicOperations.ZeroMemory(bytes);
        return _header;
    }

    /// <summary>Has the secret fetched again the next time: it may have been replaced.</summary>
    public void Forget() => _header = null;
}
