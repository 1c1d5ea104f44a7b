using System.Net;
using System.Text;

namespace ProdOps.Logging.Receiving;

/// <summary>A sender, as its connection or datagram shows it.</summary>
/// <param name="address">Its address; one of IPv4 as such.</param>
/// <param name="name">The server's name that its lines get where they say none.</param>
internal sealed class LogPeer(IPAddress address, string name)
{
    public IPAddress Address { get; } = address;

    public string Name { get; } = name;

    /// <summary>The name as it stands in messages.</summary>
    public byte[] NameBytes { get; } = Encoding.UTF8.GetBytes(name);
}
