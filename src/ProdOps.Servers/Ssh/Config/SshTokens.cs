using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ProdOps.Servers.Ssh.Config;

/// <summary>What <c>%h</c> and its like stand for (ssh_config(5), TOKENS).</summary>
internal sealed record SshTokens(SshConfigEnvironment Environment, string Host, string OriginalHost, int Port, string RemoteUser, string KeyAlias, string JumpHost)
{
    /// <summary>Tokens and <c>${VARIABLE}</c>.</summary>
    public string Expand(string text, string where) => Expand(text, where, Value, Environment.Variable);

    /// <summary><c>~</c> first, then tokens and variables: what paths get.</summary>
    public string ExpandPath(string text, string where) => Expand(ExpandTilde(text, where, Environment), where);

    /// <summary>Tokens alone, and of those the ones that are named.</summary>
    public static string ExpandHostName(string text, string host, string where) => Expand(text, where, token => token == 'h' ? host : null, variable: null);

    /// <summary><c>~</c> and <c>~user</c> at the beginning (misc.c, tilde_expand).</summary>
    public static string ExpandTilde(string text, string where, SshConfigEnvironment environment)
    {
        if (text is not ['~', ..]) return text;
        int slash = text.AsSpan().IndexOfAny('/', OperatingSystem.IsWindows() ? '\\' : '/');
        string user = slash < 0 ? text[1..] : text[1..slash];
        string path = slash < 0 ? "" : text[slash..].TrimStart('/', '\\');
        string? home = user.Length == 0 ? environment.Home : environment.HomeOf(user);
        if (home is null) throw ServersErrors.SshTokenInvalid(where, text, $"there is no user '{user}'");
        return (home.EndsWith('/') ? home : home + "/") + path;
    }

    private string? Value(char token) => token switch
    {
        'C' => ConnectionHash(),
        'L' => ShortName(),
        'd' => Environment.Home,
        'h' => Host,
        'i' => Environment.UserId.ToString(CultureInfo.InvariantCulture),
        'j' => JumpHost,
        'k' => KeyAlias,
        'l' => Environment.LocalHost,
        'n' => OriginalHost,
        'p' => Port.ToString(CultureInfo.InvariantCulture),
        'r' => RemoteUser,
        'u' => Environment.LocalUser,
        _ => null,
    };

    private string ShortName() => Environment.LocalHost.IndexOf('.') is var dot and >= 0 ? Environment.LocalHost[..dot] : Environment.LocalHost;

    [SuppressMessage("Security", "CA5350", Justification = "OpenSSH's name for a connection; nothing is protected by it.")]
    private string ConnectionHash()
    {
        string text = Environment.LocalHost + Host + Port.ToString(CultureInfo.InvariantCulture) + RemoteUser + JumpHost;
        return Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(text)));
    }

    private static string Expand(string text, string where, Func<char, string?> value, Func<string, string?>? variable)
    {
        if (!text.AsSpan().ContainsAny('%', '$')) return text;
        var expanded = new StringBuilder();
        for (int i = 0; i < text.Length; i++)
        {
            if (variable is not null && text[i] == '$' && i + 1 < text.Length && text[i + 1] == '{')
            {
                int close = text.IndexOf('}', i);
                if (close < 0) throw ServersErrors.SshTokenInvalid(where, text, "a '${' has no '}'");
                string name = text[(i + 2)..close];
                if (name.Length == 0) throw ServersErrors.SshTokenInvalid(where, text, "'${}' names no variable");
                expanded.Append(variable(name) ?? throw ServersErrors.SshTokenInvalid(where, text, $"the environment variable '{name}' is not set"));
                i = close;
            }
            else if (text[i] != '%')
            {
                expanded.Append(text[i]);
            }
            else
            {
                if (++i == text.Length) throw ServersErrors.SshTokenInvalid(where, text, "it ends with a '%'");
                if (text[i] == '%') expanded.Append('%');
                else expanded.Append(value(text[i]) ?? throw ServersErrors.SshTokenInvalid(where, text, $"'%{text[i]}' means nothing here"));
            }
        }

        return expanded.ToString();
    }
}
