using Renci.SshNet;
using Renci.SshNet.Common;
using Renci.SshNet.Security;
using ProdOps.Servers.Ssh.Config;
using ProdOps.Servers.Ssh.Wire;

namespace ProdOps.Servers.Ssh.HostKeys;

/// <summary>Checks the host key of one connection. Strict unless told otherwise; a changed key is refused always.</summary>
internal sealed class HostKeyChecker
{
    private readonly SshHostSettings _settings;
    private readonly KnownHostsFiles _files;
    private readonly TimeProvider _time;
    private readonly IActivity _activity;
    private readonly bool _acceptNew;
    private readonly HostKeyQuestion _question;
    private readonly IReadOnlyList<KnownHost> _withoutPort;
    private readonly HostKeyVerifier _verifier;
    private byte[]? _offered;

    /// <param name="settings">The host.</param>
    /// <param name="acceptNew">Remember a key that is not known and go on, whatever the settings say.</param>
    /// <param name="files">The files of known hosts, kept by the connections' owner.</param>
    /// <param name="time">By what certificates are valid.</param>
    /// <param name="activity">Hears what was found where.</param>
    public HostKeyChecker(SshHostSettings settings, bool acceptNew, KnownHostsFiles files, TimeProvider time, IActivity activity)
    {
        _settings = settings;
        _acceptNew = acceptNew || settings.StrictHostKeyChecking == SshHostKeyPolicy.AcceptNew;
        _files = files;
        _time = time;
        _activity = activity;
        string name = settings.HostKeyAlias ?? KnownHostName.WithPort(settings.HostName, settings.Port);
        _question = new(settings.OriginalHost, settings.HostName, settings.Port, name, settings.UserKnownHostsFiles is [var first, ..] ? first : null);
        _withoutPort = settings.HostKeyAlias is null && settings.Port != 22 ? Find(settings.HostName) : [];
        var authorityAlgorithms = settings.CASignatureAlgorithms?.Apply(SshKeyTypes.DefaultAuthorityAlgorithms, SshKeyTypes.AllAlgorithms) ?? SshKeyTypes.DefaultAuthorityAlgorithms;
        _verifier = new(settings.HostKeyAlias ?? settings.HostName, Find(name), _withoutPort, authorityAlgorithms);
    }

    /// <summary>Why the key was refused, once it was: to be thrown instead of what SSH.NET throws.</summary>
    public ProdOpsException? Refusal { get; private set; }

    /// <summary>The print of the key that was accepted.</summary>
    public string? AcceptedFingerprint { get; private set; }

    /// <summary>The algorithms to ask for, best first, out of those that there are.</summary>
    /// <exception cref="ProdOpsException">HostKeyAlgorithms leaves none.</exception>
    public IReadOnlyList<string> OrderAlgorithms(IEnumerable<string> available)
    {
        var spec = _settings.HostKeyAlgorithms;
        var wanted = spec?.Apply(SshKeyTypes.DefaultAlgorithms, SshKeyTypes.AllAlgorithms) ?? SshKeyTypes.DefaultAlgorithms;
        var there = available.ToHashSet();
        // Without certificates nothing may be left; that a host's authority is not known is then for the check to say.
        var both = wanted.Where(there.Contains).ToList();
        var ordered = _verifier.Order(both) is { Count: > 0 } some ? some : both;
        return ordered.Count > 0 ? ordered : throw ServersErrors.SshAlgorithmsUnsupported(_question.Server, "HostKeyAlgorithms", spec?.Text ?? "");
    }

    /// <summary>
    /// Makes a connection ask for the right algorithms and tell every offered key to this checker as it is. SSH.NET would judge
    /// certificates itself, by the system's clock, and end the connection without a word where OpenSSH goes on with the plain key.
    /// </summary>
    public void Attach(ConnectionInfo connection)
    {
        var algorithms = connection.HostKeyAlgorithms;
        var ordered = OrderAlgorithms(algorithms.Keys);
        foreach (string name in algorithms.Keys.Except(ordered).ToList()) algorithms.Remove(name);
        for (int i = 0; i < ordered.Count; i++)
        {
            string name = ordered[i];
            algorithms.SetPosition(name, i);
            algorithms[name] = blob => Read(name, blob);
        }
    }

    /// <summary>SSH.NET's event: whether the key can be trusted.</summary>
    public void OnHostKeyReceived(object? sender, HostKeyEventArgs offer)
    {
        offer.CanTrust = Check(_offered ?? offer.HostKey, offer.HostKeyName);
        _offered = null;
    }

    /// <summary>Whether an offered key or certificate can be trusted. If not, <see cref="Refusal"/> says why.</summary>
    public bool Check(ReadOnlySpan<byte> blob, string algorithm)
    {
        Refusal = SshPublicKey.Parse(blob) is { } key ? Judge(key) : ServersErrors.HostKeyUnreadable(_question, algorithm);
        return Refusal is null;
    }

    private ProdOpsException? Judge(SshPublicKey key)
    {
        if (key.Type == "ssh-rsa" && key.Bits < _settings.RequiredRSASize) return ServersErrors.HostKeyTooShort(_question, key, _settings.RequiredRSASize);
        if (_settings.RevokedHostKeys is { } list && Revoked(list, key) is { } revoked) return revoked;
        var verdict = _verifier.Verify(key, _time.GetUtcNow());
        if (verdict.CertificateProblem is { } problem) _activity.Verbose($"{_question.Host}: the host certificate does not count: {problem}");
        switch (verdict.Status)
        {
            case HostKeyStatus.Trusted:
                _activity.Verbose($"{_question.Host}: {SshKeyTypes.Short(key.Type)} {key.Fingerprint} is known by {verdict.Known!.Where}"
                    + (verdict.CertificateProblem is null && key.Certificate is { } certificate ? $" (certificate '{certificate.KeyId}', serial {certificate.Serial})" : ""));
                break;
            case HostKeyStatus.Revoked:
                return ServersErrors.HostKeyRevoked(_question, key, verdict.Known!.Where);
            case HostKeyStatus.Changed:
                return ServersErrors.HostKeyChanged(_question, verdict);
            case HostKeyStatus.Unknown when !_acceptNew || _question.UserFile is null:
                return ServersErrors.HostKeyUnknown(_question, verdict, _withoutPort.FirstOrDefault(entry => entry.Marker == KnownHostMarker.None && entry.Key.Type == key.Type));
            default:
                Remember(verdict.Key.WithoutCertificate());
                break;
        }

        AcceptedFingerprint = key.Fingerprint;
        return null;
    }

    private void Remember(SshPublicKey key)
    {
        string file = _question.UserFile!;
        if (!KnownHostName.CanBeRecorded(_settings.HostKeyAlias ?? _settings.HostName))
        {
            _activity.Warning($"'{_question.Server}' has a new host key, {SshKeyTypes.Short(key.Type)} {key.Fingerprint}; its name cannot be written to {file}.");
            return;
        }

        try
        {
            _files.Add(file, _question.Name, key, _settings.HashKnownHosts);
            _activity.Verbose($"{_question.Host}: added the new host key {SshKeyTypes.Short(key.Type)} {key.Fingerprint} to {file}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            _activity.Warning($"The new host key of '{_question.Server}', {SshKeyTypes.Short(key.Type)} {key.Fingerprint}, could not be added to {file}: {exception.Message}");
        }
    }

    private ProdOpsException? Revoked(string list, SshPublicKey key)
    {
        SshPublicKey[] keys = key.Certificate is { } certificate ? [key, certificate.Authority] : [key];
        try
        {
            bool listed = RevokedKeys.Contains(File.ReadAllBytes(list), keys, out string? problem);
            if (problem is not null) return ServersErrors.RevokedHostKeysUnreadable(_question, list, problem);
            return listed ? ServersErrors.HostKeyRevoked(_question, key, list) : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return ServersErrors.RevokedHostKeysUnreadable(_question, list, "cannot be read: " + exception.Message);
        }
    }

    private List<KnownHost> Find(string name)
    {
        var found = new List<KnownHost>();
        var notes = new List<string>();
        foreach (string file in _settings.UserKnownHostsFiles.Concat(_settings.GlobalKnownHostsFiles))
        {
            if (_files.Read(file, notes) is { } text) found.AddRange(text.Find(name, notes));
        }

        foreach (string note in notes) _activity.Verbose(note);
        return found;
    }

    /// <summary>What SSH.NET checks the exchange's signature by: the plain key, also of a certificate.</summary>
    private KeyHostAlgorithm Read(string algorithm, byte[] blob)
    {
        _offered = blob;
        var key = SshPublicKey.Parse(blob);
        if (key is null || key.Type != SshKeyTypes.KeyType(algorithm) || (key.Certificate is not null) != SshKeyTypes.IsCertificate(algorithm)
            || SshSignature.Algorithm(key, SshKeyTypes.Plain(algorithm)) is not { } host)
        {
            Refusal = ServersErrors.HostKeyUnreadable(_question, algorithm);
            throw new SshConnectionException(Refusal.Message);
        }

        return host;
    }
}
