using System.Buffers.Binary;
using ProdOps.Servers.Ssh.Wire;

namespace ProdOps.Servers.Ssh.Identities;

/// <summary>A key that an agent holds.</summary>
internal sealed record AgentKey(SshPublicKey Key, string Comment);

/// <summary>What is said to an agent and what it answers (draft-miller-ssh-agent). No connection in it.</summary>
internal static class AgentMessages
{
    /// <summary>The longest answer that is read, as in OpenSSH.</summary>
    public const int MaximumLength = 256 * 1024;

    /// <summary>More keys than this are not taken, as in OpenSSH.</summary>
    public const int MaximumKeys = 2048;

    private const byte RequestIdentitiesCode = 11, IdentitiesAnswer = 12, SignRequestCode = 13, SignResponse = 14;
    private const uint Sha256 = 2, Sha512 = 4;

    /// <summary>Asks which keys there are.</summary>
    public static byte[] RequestIdentities() => Frame(new SshWriter().Byte(RequestIdentitiesCode));

    /// <summary>Asks for a signature.</summary>
    /// <param name="key">The key or certificate as the agent named it.</param>
    /// <param name="data">What to sign.</param>
    /// <param name="algorithm">The signature's algorithm; only for RSA keys there is a choice.</param>
    public static byte[] RequestSignature(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, string algorithm) =>
        Frame(new SshWriter().Byte(SignRequestCode).Bytes(key).Bytes(data).UInt32(algorithm switch { "rsa-sha2-256" => Sha256, "rsa-sha2-512" => Sha512, _ => 0 }));

    /// <summary>The keys of an answer. Keys of unknown types are left out. <see langword="null"/> when the agent refuses or the answer is damaged.</summary>
    public static IReadOnlyList<AgentKey>? ParseIdentities(ReadOnlySpan<byte> answer)
    {
        var reader = new SshReader(answer);
        if (reader.Byte() != IdentitiesAnswer) return null;
        uint count = reader.UInt32();
        if (reader.Failed || count > MaximumKeys) return null;
        var keys = new List<AgentKey>();
        for (uint i = 0; i < count; i++)
        {
            var key = SshPublicKey.Parse(reader.Bytes());
            string comment = reader.Text();
            if (reader.Failed) return null;
            if (key is not null) keys.Add(new(key, comment));
        }

        return reader.AtEnd ? keys : null;
    }

    /// <summary>The signature of an answer, in SSH's encoding. <see langword="null"/> when the agent refuses, or signs by another algorithm.</summary>
    public static byte[]? ParseSignature(ReadOnlySpan<byte> answer, string algorithm)
    {
        var reader = new SshReader(answer);
        if (reader.Byte() != SignResponse) return null;
        var signature = reader.Bytes();
        if (!reader.AtEnd) return null;
        var parts = new SshReader(signature);
        return parts.Text() == algorithm && !parts.Failed ? signature.ToArray() : null;
    }

    private static byte[] Frame(SshWriter message)
    {
        byte[] frame = new byte[4 + message.Written.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, message.Written.Length);
        message.Written.CopyTo(frame.AsSpan(4));
        return frame;
    }
}
