using ProdOps.Servers.Ssh.Config;
using ProdOps.Servers.Ssh.Wire;

namespace ProdOps.Servers.Ssh.HostKeys;

/// <summary>A list of revoked keys, one a line (ssh-keygen(1), KEY REVOCATION LISTS, also takes plain keys).</summary>
internal static class RevokedKeys
{
    /// <summary>The beginning of a binary list (PROTOCOL.krl).</summary>
    private static ReadOnlySpan<byte> BinaryMagic => "SSHKRL\n\0"u8;

    /// <summary>Whether one of the keys is listed.</summary>
    /// <param name="content">The list.</param>
    /// <param name="keys">The keys in question.</param>
    /// <param name="problem">Set where the list cannot be relied on: a damaged line may have been the key in question.</param>
    public static bool Contains(ReadOnlySpan<byte> content, IReadOnlyCollection<SshPublicKey> keys, out string? problem)
    {
        problem = null;
        if (content.StartsWith(BinaryMagic))
        {
            problem = "is a binary list (KRL), which ProdOps does not read";
            return false;
        }

        int number = 0;
        foreach (string line in SshConfigText.SplitLines(System.Text.Encoding.UTF8.GetString(content)))
        {
            number++;
            var words = line.Split([' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
            if (words is [] or [['#', ..], ..]) continue;
            if (words is not [var type, var base64, ..] || SshPublicKey.Parse(type, base64) is not { } key)
            {
                problem = $"has a damaged line {number}";
                return false;
            }

            if (keys.Contains(key)) return true;
        }

        return false;
    }
}
