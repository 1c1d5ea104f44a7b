using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using ProdOps.Servers.Ssh.Config;
using ProdOps.Servers.Ssh.Wire;

namespace ProdOps.Servers.Ssh.HostKeys;

/// <summary>What a line of known_hosts says about its key.</summary>
internal enum KnownHostMarker
{
    /// <summary>It is the host's.</summary>
    None,

    /// <summary>It signs hosts' certificates.</summary>
    CertAuthority,

    /// <summary>It is never to be accepted.</summary>
    Revoked,
}

/// <summary>A line of known_hosts whose key is readable.</summary>
internal sealed record KnownHost(string File, int Line, KnownHostMarker Marker, SshPublicKey Key)
{
    public string Where => $"{File}:{Line}";
}

/// <summary>How known_hosts names hosts (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT; hostfile.c).</summary>
internal static class KnownHostName
{
    private const string HashMagic = "|1|";
    private const int HashLength = 20;

    /// <summary>A host's name as it is looked up: with its port where that is not 22.</summary>
    public static string WithPort(string host, int port) => port is 0 or 22 ? host : $"[{host}]:{port.ToString(System.Globalization.CultureInfo.InvariantCulture)}";

    /// <summary>Whether a name can be written: what means something in known_hosts cannot.</summary>
    public static bool CanBeRecorded(string host) => host.Length > 0 && !host.AsSpan().ContainsAny(" \t\r\n,@?*#[]|'\"\\");

    /// <summary>Whether the first field of a line names a host. <see langword="null"/> when it is a hash that is damaged.</summary>
    public static bool? Matches(string field, string host)
    {
        if (field is not ['|', ..]) return SshPattern.MatchesHost(host, field);
        if (!field.StartsWith(HashMagic, StringComparison.Ordinal)) return null;
        int end = field.IndexOf('|', HashMagic.Length);
        if (end < 0) return null;
        Span<byte> salt = stackalloc byte[HashLength + 3];
        if (!Convert.TryFromBase64Chars(field.AsSpan(HashMagic.Length, end - HashMagic.Length), salt, out int length) || length != HashLength) return null;
        return Hash(host, salt[..HashLength]) == field;
    }

    /// <summary>A name as a hash with a salt of its own.</summary>
    public static string Hash(string host) => Hash(host, RandomNumberGenerator.GetBytes(HashLength));

    [SuppressMessage("Security", "CA5350", Justification = "The format's hash.")]
    private static string Hash(string host, ReadOnlySpan<byte> salt) =>
        $"{HashMagic}{Convert.ToBase64String(salt)}|{Convert.ToBase64String(HMACSHA1.HashData(salt, Encoding.UTF8.GetBytes(host)))}";
}
