using ProdOps.Servers.Ssh.Config;
using ProdOps.Servers.Ssh.Wire;

namespace ProdOps.Servers.Ssh.HostKeys;

/// <summary>What is to be thought of an offered host key.</summary>
internal enum HostKeyStatus
{
    /// <summary>It is the one that is known, or an authority vouches for it.</summary>
    Trusted,

    /// <summary>Nothing is known of the host by this name.</summary>
    Unknown,

    /// <summary>The host is known, by other keys.</summary>
    Changed,

    /// <summary>It, or the authority that signed it, is marked as never to be accepted.</summary>
    Revoked,
}

/// <summary>The outcome of a check.</summary>
/// <param name="Status">What is to be thought of the key.</param>
/// <param name="Key">The key in question, without its certificate.</param>
/// <param name="Known">The line that decided: of a trusted key its own, of a changed one the one it differs from.</param>
/// <param name="CertificateProblem">Why the certificate that came with the key did not count.</param>
internal sealed record HostKeyVerdict(HostKeyStatus Status, SshPublicKey Key, KnownHost? Known, string? CertificateProblem);

/// <summary>
/// Decides on host keys as OpenSSH does (sshconnect.c, check_host_key): a certificate counts when a known authority signed it and
/// it is good for the host now; otherwise the key in it is taken by itself.
/// </summary>
internal sealed class HostKeyVerifier
{
    private readonly string _name;
    private readonly IReadOnlyList<KnownHost> _entries;
    private readonly IReadOnlyList<KnownHost> _entriesWithoutPort;
    private readonly IReadOnlyList<string> _authorityAlgorithms;

    /// <param name="name">The name that a certificate must be good for.</param>
    /// <param name="entries">The lines about the host.</param>
    /// <param name="entriesWithoutPort">Where the port is not 22, the lines about the host at port 22: their keys are accepted for it, and do not speak against it.</param>
    /// <param name="authorityAlgorithms">By what an authority may have signed.</param>
    public HostKeyVerifier(string name, IReadOnlyList<KnownHost> entries, IReadOnlyList<KnownHost> entriesWithoutPort, IReadOnlyList<string> authorityAlgorithms)
    {
        _name = name;
        _entries = entries;
        _entriesWithoutPort = entriesWithoutPort;
        _authorityAlgorithms = authorityAlgorithms;
    }

    public HostKeyVerdict Verify(SshPublicKey offered, DateTimeOffset now)
    {
        var (status, known) = ByKey(_entries, offered);
        string? problem = null;
        if (offered.Certificate is { } certificate && status != HostKeyStatus.Revoked)
        {
            if (status == HostKeyStatus.Unknown) (status, known) = WithoutPort(offered);
            if (status != HostKeyStatus.Revoked)
            {
                problem = status == HostKeyStatus.Trusted ? CertificateProblem(certificate, now) : "its authority is not one of the host's @cert-authority lines";
                if (problem is null) return new(HostKeyStatus.Trusted, offered, known, null);
                (status, known) = ByKey(_entries, Bare(offered));
            }
        }

        if (status == HostKeyStatus.Unknown) (status, known) = WithoutPort(Bare(offered));
        return new(status, offered, known, problem);
    }

    /// <summary>
    /// The algorithms to ask for: those of known keys first, so that a host that is known by one key is not met with another
    /// (sshconnect2.c, order_hostkeyalgs). Certificates are asked for only where an authority is known.
    /// </summary>
    public IReadOnlyList<string> Order(IReadOnlyList<string> algorithms)
    {
        bool authority = _entries.Concat(_entriesWithoutPort).Any(entry => entry.Marker == KnownHostMarker.CertAuthority);
        algorithms = [.. algorithms.Where(algorithm => authority || !SshKeyTypes.IsCertificate(algorithm))];
        var known = Types(_entries);
        if (known.Count == 0 && !_entries.Any(entry => entry.Marker == KnownHostMarker.CertAuthority)) known = Types(_entriesWithoutPort);
        return [.. algorithms.OrderBy(algorithm => (authority && SshKeyTypes.IsCertificate(algorithm)) || known.Contains(SshKeyTypes.KeyType(algorithm)) ? 0 : 1)];
    }

    private static HashSet<string> Types(IReadOnlyList<KnownHost> entries) =>
        [.. entries.Where(entry => entry.Marker == KnownHostMarker.None && !entries.Any(other => other.Marker == KnownHostMarker.Revoked && other.Key.Equals(entry.Key))).Select(entry => entry.Key.Type)];

    private (HostKeyStatus Status, KnownHost? Known) WithoutPort(SshPublicKey offered)
    {
        var (status, known) = ByKey(_entriesWithoutPort, offered);
        return status is HostKeyStatus.Trusted or HostKeyStatus.Revoked ? (status, known) : (HostKeyStatus.Unknown, null);
    }

    /// <summary>hostfile.c, check_hostkeys_by_key_or_type.</summary>
    private static (HostKeyStatus Status, KnownHost? Known) ByKey(IReadOnlyList<KnownHost> entries, SshPublicKey offered)
    {
        var authority = offered.Certificate?.Authority;
        var revoked = entries.FirstOrDefault(entry => entry.Marker == KnownHostMarker.Revoked && (entry.Key.Equals(offered) || entry.Key.Equals(authority)));
        if (revoked is not null) return (HostKeyStatus.Revoked, revoked);
        var wanted = authority is null ? KnownHostMarker.None : KnownHostMarker.CertAuthority;
        KnownHost? other = null;
        foreach (var entry in entries)
        {
            if (entry.Marker != wanted) continue;
            if (entry.Key.Equals(authority ?? offered)) return (HostKeyStatus.Trusted, entry);
            // Of several keys that differ, the one of the same type tells most.
            if (other is null || (other.Key.Type != offered.Type && entry.Key.Type == offered.Type)) other = entry;
        }

        return other is null ? (HostKeyStatus.Unknown, null) : (HostKeyStatus.Changed, other);
    }

    private string? CertificateProblem(SshCertificate certificate, DateTimeOffset now)
    {
        long moment = now.ToUnixTimeSeconds();
        ulong seconds = moment < 0 ? 0 : (ulong)moment;
        if (certificate.Use != SshCertificate.Host) return "it is not for a host";
        if (seconds < certificate.ValidAfter) return "it is not valid yet";
        if (seconds >= certificate.ValidBefore) return "it has expired";
        if (certificate.Principals.Count == 0) return "it names no host";
        if (!certificate.Principals.Any(principal => SshPattern.Matches(_name, principal))) return $"it is not for '{_name}' but for {string.Join(", ", certificate.Principals.Take(8))}";
        if (certificate.CriticalOptions.Count > 0) return $"it has the option '{certificate.CriticalOptions[0]}', which is unknown";
        if (!_authorityAlgorithms.Contains(certificate.SignatureAlgorithm)) return $"it is signed by {certificate.SignatureAlgorithm}, which CASignatureAlgorithms does not allow";
        return certificate.IsSignedByAuthority() ? null : "its signature is wrong";
    }

    private static SshPublicKey Bare(SshPublicKey key) => key.WithoutCertificate();
}
