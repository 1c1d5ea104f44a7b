using System.Net;
using System.Net.Sockets;

namespace ProdOps.Logging.Receiving;

/// <summary>Addresses that senders may have: a network as <c>10.0.0.0/8</c> or <c>fd00::/8</c>, or one address.</summary>
internal sealed class AddressRange
{
    private readonly IPNetwork _network;

    private AddressRange(IPNetwork network) => _network = network;

    /// <exception cref="ProdOpsException">It is neither a network nor an address.</exception>
    public static AddressRange Parse(string text)
    {
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        if (IPAddress.TryParse(slash < 0 ? text : text[..slash], out var address))
        {
            int bits = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
            int length = bits;
            if (slash < 0 || (int.TryParse(text.AsSpan(slash + 1), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out length) && length <= bits))
                return new AddressRange(new IPNetwork(Masked(address, length), length));
        }

        throw LoggingErrors.ReceiverRangeInvalid(text);
    }

    public bool Contains(IPAddress address) => _network.Contains(address);

    public override string ToString() => _network.ToString();

    // A network is refused with bits behind its prefix; people write 10.0.0.1/8 all the same.
    private static IPAddress Masked(IPAddress address, int length)
    {
        byte[] bytes = address.GetAddressBytes();
        for (int i = 0; i < bytes.Length; i++)
        {
            int kept = Math.Clamp(length - (i * 8), 0, 8);
            bytes[i] &= (byte)(0xFF << (8 - kept));
        }

        return new IPAddress(bytes);
    }
}
