using ProdOps.Servers.Secrets;
using ProdOps.Servers.Ssh.Config;
using ProdOps.Servers.Ssh.Wire;

namespace ProdOps.Servers.Ssh.Identities;

/// <summary>Finds the keys to offer to a server, in OpenSSH's order (sshconnect2.c, pubkey_prepare). One for all connections of an owner: it keeps opened keys.</summary>
internal sealed class SshIdentityLoader(TimeProvider time) : IDisposable
{
    private readonly PrivateKeyFiles _files = new();

    /// <summary>
    /// The keys for a host: certificates that were named, keys of the agent that files name, other keys of the agent, keys of files.
    /// Whatever cannot be used is passed over with a word on why.
    /// </summary>
    /// <param name="settings">The host.</param>
    /// <param name="passphrase">Opens private keys, or <see langword="null"/>.</param>
    /// <param name="activity">Hears what is offered and what is not.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="ProdOpsException">The passphrase cannot be had.</exception>
    public async Task<SshIdentities> LoadAsync(SshHostSettings settings, SecretSource? passphrase, IActivity activity, CancellationToken cancellationToken)
    {
        var (agent, agentKeys) = await AskAgentAsync(settings, activity, cancellationToken).ConfigureAwait(false);
        var identities = new SshIdentities(agent);
        try
        {
            var plan = new IdentityPlan(settings, FindFiles(settings, activity), FindCertificates(settings, activity), agentKeys);
            var accepted = settings.PubkeyAcceptedAlgorithms?.Apply(SshKeyTypes.DefaultAlgorithms, SshKeyTypes.AllAlgorithms) ?? SshKeyTypes.DefaultAlgorithms;
            using var secret = await ResolveAsync(plan, passphrase, cancellationToken).ConfigureAwait(false);
            foreach (var candidate in plan.Order())
            {
                if (Signer(candidate, agent, secret, identities, activity) is not { } signer || candidate.Key is not { } key) continue;
                if (key.Type == "ssh-rsa" && key.Bits < settings.RequiredRSASize) activity.Verbose($"{candidate.Origin}: an RSA key of {key.Bits} bits is not offered");
                else if (!SshIdentity.IsAccepted(key, accepted)) activity.Verbose($"{candidate.Origin}: PubkeyAcceptedAlgorithms does not allow {key.Certificate?.Type ?? key.Type}");
                else Add(identities, new(key, candidate.Origin, signer, accepted, () => identities.ServerVersion(), activity), activity);
            }

            return identities;
        }
        catch
        {
            identities.Dispose();
            throw;
        }
    }

    public void Dispose() => _files.Dispose();

    private static void Add(SshIdentities identities, SshIdentity identity, IActivity activity)
    {
        if (identities.Sources.Cast<SshIdentity>().Any(other => other.Key.Equals(identity.Key) && other.Key.Certificate?.Type == identity.Key.Certificate?.Type && SameCertificate(other.Key, identity.Key))) return;
        activity.Verbose($"Will offer {identity}");
        identities.Add(identity);
    }

    private static bool SameCertificate(SshPublicKey a, SshPublicKey b) => a.Certificate is null || a.Certificate.Blob.AsSpan().SequenceEqual(b.Certificate!.Blob);

    private async Task<(AgentClient? Agent, IReadOnlyList<AgentKey> Keys)> AskAgentAsync(SshHostSettings settings, IActivity activity, CancellationToken cancellationToken)
    {
        if (settings.IdentityAgent is not { } address) return (null, []);
        AgentClient? agent = null;
        try
        {
            agent = await AgentClient.ConnectAsync(address, time, cancellationToken).ConfigureAwait(false);
            return (agent, await agent.ListAsync(cancellationToken).ConfigureAwait(false));
        }
        catch (IOException exception)
        {
            agent?.Dispose();
            activity.Verbose($"The agent at {address} is not used: {exception.Message}");
            return (null, []);
        }
        catch
        {
            agent?.Dispose();
            throw;
        }
    }

    private List<KeyCandidate> FindFiles(SshHostSettings settings, IActivity activity)
    {
        var found = new List<KeyCandidate>();
        foreach (var file in settings.IdentityFiles)
        {
            var key = _files.ReadPublic(file.Path);
            if (key is null && !File.Exists(file.Path))
            {
                if (file.Given) activity.Verbose($"{file.Path}: there is no such key");
                continue;
            }

            found.Add(new(file.Path, key, file.Path));
            // Only where no certificate is named does the one beside the key count (ssh.c, load_public_identity_files).
            if (settings.CertificateFiles.Count == 0 && _files.ReadCertificate(file.Path + "-cert.pub") is { } certificate) found.Add(new(file.Path + "-cert.pub", certificate, file.Path));
        }

        return [.. found.Where(candidate => IsForUsers(candidate, activity))];
    }

    private List<KeyCandidate> FindCertificates(SshHostSettings settings, IActivity activity)
    {
        var found = new List<KeyCandidate>();
        foreach (string path in settings.CertificateFiles)
        {
            if (_files.ReadCertificate(path) is { } certificate) found.Add(new(path, certificate, null));
            else activity.Verbose($"{path}: there is no certificate in it");
        }

        return [.. found.Where(candidate => IsForUsers(candidate, activity))];
    }

    private bool IsForUsers(KeyCandidate candidate, IActivity activity)
    {
        if (candidate.Key?.Certificate is not { } certificate) return true;
        if (certificate.Use != SshCertificate.User)
        {
            activity.Verbose($"{candidate.Origin}: the certificate is not for a user");
            return false;
        }

        long now = time.GetUtcNow().ToUnixTimeSeconds();
        if (now >= 0 && ((ulong)now < certificate.ValidAfter || (ulong)now >= certificate.ValidBefore)) activity.Verbose($"{candidate.Origin}: the certificate is not valid now");
        return true;
    }

    /// <summary>The passphrase, where a file will need it.</summary>
    private async Task<Secret?> ResolveAsync(IdentityPlan plan, SecretSource? passphrase, CancellationToken cancellationToken)
    {
        bool needed = passphrase is not null && plan.Order().Any(candidate => candidate.AgentKey is null && candidate.File is { } file && _files.NeedsPassphrase(file));
        return needed ? await passphrase!.ResolveAsync(cancellationToken).ConfigureAwait(false) : null;
    }

    private IdentitySigner? Signer(KeyCandidate candidate, AgentClient? agent, Secret? secret, SshIdentities identities, IActivity activity)
    {
        if (candidate.AgentKey is { } held && agent is not null) return new AgentSigner(agent, held);
        if (candidate.File is not { } file)
        {
            activity.Verbose($"{candidate.Origin}: there is no private key for it");
            return null;
        }

        if (candidate.Key?.IsSecurityKey == true)
        {
            activity.Verbose($"{file}: a key in a device is used through the agent only (ssh-add {file})");
            return null;
        }

        if (!File.Exists(file))
        {
            activity.Verbose($"{file}: there is only the public key, and the agent does not have it");
            return null;
        }

        if (_files.Open(file, secret, out string? problem, out bool serious) is { } opened)
        {
            candidate.Key ??= opened.PublicKey;
            return opened.Signer;
        }

        identities.PassOver(file, problem ?? "it cannot be read");
        if (serious) activity.Warning($"The private key '{file}' is not used: {problem}.");
        else activity.Verbose($"{file}: {problem}");
        return null;
    }
}
