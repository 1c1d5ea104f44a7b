using Renci.SshNet;
using ProdOps.Servers.Ssh.Wire;

namespace ProdOps.Servers.Ssh.Identities;

/// <summary>What signs with a private key.</summary>
internal abstract class IdentitySigner
{
    /// <summary>A signature in SSH's encoding.</summary>
    /// <param name="data">What to sign.</param>
    /// <param name="algorithm">The signature's algorithm, e.g. <c>rsa-sha2-512</c>.</param>
    /// <exception cref="IOException">It cannot be signed.</exception>
    public abstract byte[] Sign(byte[] data, string algorithm);
}

/// <summary>A private key from a file.</summary>
internal sealed class FileSigner(PrivateKeyFile file) : IdentitySigner
{
    public override byte[] Sign(byte[] data, string algorithm) =>
        file.HostKeyAlgorithms.FirstOrDefault(candidate => candidate.Name == algorithm)?.Sign(data) ?? throw new IOException($"the key does not sign by {algorithm}");
}

/// <summary>A private key that an agent holds.</summary>
internal sealed class AgentSigner(AgentClient agent, SshPublicKey key) : IdentitySigner
{
    /// <summary>SSH.NET asks for signatures on the thread that logs in, and waits: so does this.</summary>
    public override byte[] Sign(byte[] data, string algorithm) =>
        Task.Run(() => agent.SignAsync(key.Certificate?.Blob ?? key.Blob, data, algorithm, CancellationToken.None)).GetAwaiter().GetResult();
}
