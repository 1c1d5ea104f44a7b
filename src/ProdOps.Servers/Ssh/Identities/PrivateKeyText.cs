using ProdOps.Servers.Ssh.Wire;

namespace ProdOps.Servers.Ssh.Identities;

/// <summary>What can be told of a private key's file without its passphrase.</summary>
/// <param name="IsEncrypted">It needs a passphrase.</param>
/// <param name="PublicKey">The public key in it, where the format has it in the open.</param>
internal sealed record PrivateKeyText(bool IsEncrypted, SshPublicKey? PublicKey)
{
    private const string OpenSshBegin = "-----BEGIN OPENSSH PRIVATE KEY-----", OpenSshEnd = "-----END OPENSSH PRIVATE KEY-----";

    /// <summary>The beginning of OpenSSH's own format (PROTOCOL.key).</summary>
    private static ReadOnlySpan<byte> OpenSshMagic => "openssh-key-v1\0"u8;

    /// <summary>Looks at a file's text. <see langword="null"/> for what is no private key.</summary>
    public static PrivateKeyText? Parse(string text)
    {
        int begin = text.IndexOf(OpenSshBegin, StringComparison.Ordinal);
        if (begin >= 0) return ParseOpenSsh(text.AsSpan(begin + OpenSshBegin.Length));
        if (text.StartsWith("PuTTY-User-Key-File-", StringComparison.Ordinal)) return new(!text.Contains("Encryption: none", StringComparison.Ordinal), null);
        if (!text.Contains("-----BEGIN ", StringComparison.Ordinal) && !text.Contains("---- BEGIN SSH2 ENCRYPTED", StringComparison.Ordinal)) return null;
        if (!text.Contains(" PRIVATE KEY-----", StringComparison.Ordinal) && !text.Contains(" PRIVATE KEY ----", StringComparison.Ordinal)) return null;
        return new(text.Contains("Proc-Type: 4,ENCRYPTED", StringComparison.Ordinal) || text.Contains("BEGIN ENCRYPTED PRIVATE KEY", StringComparison.Ordinal), null);
    }

    /// <summary>The first key of a <c>.pub</c> file.</summary>
    public static SshPublicKey? ParsePublic(string text)
    {
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            var rest = line.TrimStart(" \t");
            if (rest.IsEmpty || rest[0] == '#') continue;
            int blank = rest.IndexOfAny(' ', '\t');
            if (blank < 0) return null;
            var base64 = rest[blank..].TrimStart(" \t");
            int end = base64.IndexOfAny(' ', '\t');
            return SshPublicKey.Parse(rest[..blank], end < 0 ? base64 : base64[..end]);
        }

        return null;
    }

    private static PrivateKeyText? ParseOpenSsh(ReadOnlySpan<char> text)
    {
        int end = text.IndexOf(OpenSshEnd, StringComparison.Ordinal);
        if (end < 0) return null;
        byte[] bytes = new byte[end / 4 * 3 + 3];
        try
        {
            if (!Convert.TryFromBase64Chars(text[..end], bytes, out int length) || !bytes.AsSpan(0, length).StartsWith(OpenSshMagic)) return null;
            var reader = new SshReader(bytes.AsSpan(OpenSshMagic.Length, length - OpenSshMagic.Length));
            string cipher = reader.Text();
            reader.Bytes();
            reader.Bytes();
            uint count = reader.UInt32();
            var key = SshPublicKey.Parse(reader.Bytes());
            return reader.Failed || count != 1 ? null : new(cipher != "none", key);
        }
        finally
        {
            Array.Clear(bytes);
        }
    }
}
