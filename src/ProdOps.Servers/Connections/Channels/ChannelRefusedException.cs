namespace ProdOps.Servers.Connections.Channels;

/// <summary>A server does not open a channel (RFC 4254, 5.1).</summary>
internal sealed class ChannelRefusedException(uint reason, string description) : Exception(description)
{
    /// <summary>1: forbidden, 2: the connection onwards failed, 3: unknown type, 4: no resources. OpenSSH says 1 or 2 past MaxSessions.</summary>
    public uint Reason { get; } = reason;
}
