using ProdOps.Servers.Ssh.Config;
using ProdOps.Servers.Ssh.Wire;

namespace ProdOps.Servers.Ssh.Identities;

/// <summary>A key that might be offered.</summary>
/// <param name="origin">Where it comes from, for messages.</param>
/// <param name="key">The key or certificate; <see langword="null"/> for a file that tells it only once it is opened.</param>
/// <param name="file">The private key's file, if there is one.</param>
internal sealed class KeyCandidate(string origin, SshPublicKey? key, string? file)
{
    public string Origin { get; init; } = origin;

    public SshPublicKey? Key { get; set; } = key;

    public string? File { get; init; } = file;

    /// <summary>The agent's key that signs for it.</summary>
    public SshPublicKey? AgentKey { get; init; }
}

/// <summary>Puts keys of files and of the agent into OpenSSH's order (sshconnect2.c, pubkey_prepare).</summary>
internal sealed class IdentityPlan(SshHostSettings settings, IReadOnlyList<KeyCandidate> files, IReadOnlyList<KeyCandidate> certificates, IReadOnlyList<AgentKey> agentKeys)
{
    public IReadOnlyList<KeyCandidate> Order()
    {
        var left = files.ToList();
        var named = new List<KeyCandidate>();
        var others = new List<KeyCandidate>();
        foreach (var held in agentKeys)
        {
            var file = left.FirstOrDefault(candidate => Same(candidate.Key, held.Key));
            if (file is not null)
            {
                left.Remove(file);
                named.Add(new($"{file.Origin}, agent", held.Key, file.File) { AgentKey = held.Key });
            }
            else if (!settings.IdentitiesOnly && held.Key.Certificate?.Use != SshCertificate.Host)
            {
                others.Add(new(held.Comment.Length > 0 ? $"{held.Comment}, agent" : "agent", held.Key, null) { AgentKey = held.Key });
            }
        }

        return [.. certificates.Select(WithSigner), .. named, .. others, .. left.Select(WithSigner)];
    }

    /// <summary>A certificate is signed for by whatever has its key: the agent, or the file of the plain key.</summary>
    private KeyCandidate WithSigner(KeyCandidate candidate)
    {
        if (candidate.Key?.Certificate is null) return candidate;
        var held = agentKeys.FirstOrDefault(agent => Same(agent.Key, candidate.Key)) ?? agentKeys.FirstOrDefault(agent => agent.Key.Certificate is null && agent.Key.Equals(candidate.Key));
        string? file = candidate.File ?? files.FirstOrDefault(other => other.Key is { Certificate: null } key && key.Equals(candidate.Key))?.File;
        return new(candidate.Origin, candidate.Key, file) { AgentKey = held?.Key };
    }

    private static bool Same(SshPublicKey? a, SshPublicKey b) =>
        a is not null && a.Equals(b) && (a.Certificate is null ? b.Certificate is null : b.Certificate is not null && a.Certificate.Blob.AsSpan().SequenceEqual(b.Certificate.Blob));
}
