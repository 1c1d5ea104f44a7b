using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Renci.SshNet;
using Renci.SshNet.Common;
using ProdOps.Servers.Secrets;
using ProdOps.Servers.Ssh.Wire;

namespace ProdOps.Servers.Ssh.Identities;

/// <summary>
/// Private keys' files. An opened key is kept until its file changes: to open one with a passphrase takes up to a second of
/// processor time, which is to be spent once and not for each of many servers.
/// </summary>
internal sealed class PrivateKeyFiles : IDisposable
{
    private const int MaximumLength = 1024 * 1024;
    private readonly ConcurrentDictionary<(string Path, DateTime Changed, long Length), PrivateKeyFile> _opened = new();
    private readonly Lock _opening = new();

    /// <summary>An opened key.</summary>
    internal sealed record OpenedKey(SshPublicKey PublicKey, IdentitySigner Signer);

    /// <summary>The public key of an identity file: the file itself, <c>.pub</c> beside it, or the open part of the private key (authfile.c, sshkey_load_public).</summary>
    public SshPublicKey? ReadPublic(string path)
    {
        string? text = Read(path);
        if (text is not null && PrivateKeyText.ParsePublic(text) is { Certificate: null } itself) return itself;
        if (Read(path + ".pub") is { } beside && PrivateKeyText.ParsePublic(beside) is { Certificate: null } key) return key;
        return text is null ? null : PrivateKeyText.Parse(text)?.PublicKey;
    }

    /// <summary>The certificate in a file, or <see langword="null"/>.</summary>
    public SshPublicKey? ReadCertificate(string path) => Read(path) is { } text && PrivateKeyText.ParsePublic(text) is { Certificate: not null } key ? key : null;

    /// <summary>Whether opening a key now takes a passphrase.</summary>
    public bool NeedsPassphrase(string path) => !_opened.ContainsKey(Version(path)) && Read(path) is { } text && PrivateKeyText.Parse(text) is { IsEncrypted: true };

    /// <summary>Opens a private key.</summary>
    /// <param name="path">The file.</param>
    /// <param name="passphrase">Its passphrase, or <see langword="null"/>.</param>
    /// <param name="problem">Why it cannot be used.</param>
    /// <param name="serious">True when that is not as it should be.</param>
    public OpenedKey? Open(string path, Secret? passphrase, out string? problem, out bool serious)
    {
        problem = null;
        serious = true;
        if (UnixFile.Of(path) is { } file && file.OthersMayRead(UnixFile.CurrentUser))
        {
            problem = $"others may read it; only its owner should: chmod 600 '{path}'";
            return null;
        }

        // One at a time: what others wait for is the very key they want.
        lock (_opening)
        {
            var version = Version(path);
            if (_opened.TryGetValue(version, out var known)) return Wrap(known, out problem);
            if (Read(path) is not { } text)
            {
                problem = "it cannot be read";
                return null;
            }

            if (PrivateKeyText.Parse(text) is not { } about)
            {
                problem = "it holds no private key that is understood";
                return null;
            }

            if (about.IsEncrypted && passphrase is null)
            {
                problem = "it has a passphrase, none is given, and the agent does not have it";
                serious = false;
                return null;
            }

            if (Load(text, about.IsEncrypted ? passphrase : null, out problem) is not { } opened) return null;
            _opened[version] = opened;
            return Wrap(opened, out problem);
        }
    }

    public void Dispose()
    {
        foreach (var key in _opened.Values) key.Dispose();
        _opened.Clear();
    }

    private static OpenedKey? Wrap(PrivateKeyFile file, out string? problem)
    {
        problem = null;
        if (file.HostKeyAlgorithms.FirstOrDefault() is { } algorithm && SshPublicKey.Parse(algorithm.Data) is { } key) return new(key.WithoutCertificate(), new FileSigner(file));
        problem = "its type is not supported";
        return null;
    }

    private static PrivateKeyFile? Load(string text, Secret? passphrase, out string? problem)
    {
        problem = null;
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        try
        {
            using var stream = new MemoryStream(bytes, writable: false);
            // SSH.NET takes a passphrase as a string only: it lives until the collector takes it.
            return passphrase is null ? new PrivateKeyFile(stream) : new PrivateKeyFile(stream, Encoding.UTF8.GetString(passphrase.Bytes.Span));
        }
        catch (Exception exception) when (passphrase is not null && exception is not NotSupportedException)
        {
            // SSH.NET and its ciphers fail in a dozen ways on a wrong passphrase; none of them tells more.
            problem = "the passphrase does not open it, or it is damaged";
            return null;
        }
        catch (Exception exception) when (exception is SshException or CryptographicException or NotSupportedException or FormatException or ArgumentException or IOException or IndexOutOfRangeException or OverflowException)
        {
            problem = "it is damaged or of a kind that is not supported";
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    private static (string Path, DateTime Changed, long Length) Version(string path)
    {
        var info = new FileInfo(path);
        return info.Exists ? (path, info.LastWriteTimeUtc, info.Length) : (path, default, 0);
    }

    private static string? Read(string path)
    {
        try
        {
            var info = new FileInfo(path);
            return info.Exists && info.Length <= MaximumLength ? File.ReadAllText(path) : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return null;
        }
    }
}
