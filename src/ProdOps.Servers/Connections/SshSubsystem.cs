using ProdOps.Servers.Connections.Channels;

namespace ProdOps.Servers.Connections;

/// <summary>A subsystem of a server's sshd (RFC 4254, 6.5), such as sftp, on a channel of its own over a kept connection.</summary>
internal sealed class SshSubsystem(SshChannel channel) : IDisposable
{
    /// <summary>What is sent to it.</summary>
    public Stream Input => channel.Input;

    /// <summary>What it sends.</summary>
    public Stream Output => channel.Output;

    public void Dispose() => channel.Close();
}
