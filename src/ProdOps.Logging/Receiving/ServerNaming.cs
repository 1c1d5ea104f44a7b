using System.Net;
using System.Text;

namespace ProdOps.Logging.Receiving;

/// <summary>
/// Which server's and which program's lines are whose: names from messages are hostile until they fit, and a name or an address of the inventory is its server's.
/// Names are in lower case, as host names mean the same in either; the inventory's are as it writes them.
/// </summary>
internal sealed class ServerNaming
{
    /// <summary>The longest name, in characters.</summary>
    public const int MaximumLength = 128;

    /// <summary>The source of lines whose program is not asked for or not known.</summary>
    public const string DefaultSource = "syslog";

    private const int MaximumSourceLength = 48;

    private readonly Dictionary<string, string> _names;

    private ServerNaming(Dictionary<string, string> names) => _names = names;

    /// <summary>Without an inventory.</summary>
    public static ServerNaming Plain { get; } = new([]);

    /// <summary>By an inventory: the names and addresses of its servers, and the addresses that their names have now.</summary>
    /// <param name="servers">The servers.</param>
    /// <param name="resolve">Looks a host's name up.</param>
    /// <param name="activity">Told which name was not found.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task<ServerNaming> OfAsync(IReadOnlyList<Server> servers, Func<string, CancellationToken, Task<IPAddress[]>> resolve, IActivity activity, CancellationToken cancellationToken)
    {
        var names = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        // A name comes before an address: it cannot be anybody else's.
        foreach (var server in servers.Where(server => IsValid(server.Name))) names.TryAdd(server.Name, server.Name);
        foreach (var server in servers.Where(server => server.Address is not null && IsValid(server.Name))) names.TryAdd(server.Address!, server.Name);
        var found = await Task.WhenAll(servers.Where(server => IsValid(server.Name)).Select(async server => (server.Name, Addresses: await ResolveAsync(server)))).ConfigureAwait(false);
        foreach (var (name, addresses) in found)
        {
            foreach (var address in addresses) names.TryAdd(Plainly(address).ToString(), name);
        }

        return new ServerNaming(names);

        async Task<IPAddress[]> ResolveAsync(Server server)
        {
            string host = server.Address ?? server.Name;
            if (IPAddress.TryParse(host, out var address)) return [address];
            if (server.IsLocal) return [];
            try
            {
                return await resolve(host, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is System.Net.Sockets.SocketException or TimeoutException)
            {
                activity.Verbose($"The address of the server '{server.Name}' is not known ({exception.Message}): lines from it get its name only if they say it.");
                return [];
            }
        }
    }

    /// <summary>What a name may be: letters, digits, dots, dashes and underscores, and no folder of its own meaning.</summary>
    public static bool IsValid(string name) => name.Length is > 0 and <= MaximumLength && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_') && name.Trim('.').Length > 0;

    /// <summary>The sender at an address.</summary>
    public LogPeer PeerAt(IPAddress address)
    {
        address = Plainly(address);
        if (_names.TryGetValue(address.ToString(), out string? server)) return new LogPeer(address, server);
        if (IPAddress.IsLoopback(address)) return new LogPeer(address, "localhost");
        // An address of IPv6 has colons, which no file system of Windows takes, and may have a zone's name behind it.
        return new LogPeer(address, string.Concat(address.ToString().Split('%')[0].Select(c => c == ':' ? '-' : c)));
    }

    /// <summary>The server that a message names, or <see langword="null"/> if that cannot be one's name.</summary>
    public string? ServerOf(ReadOnlySpan<byte> host)
    {
        if (host.IsEmpty || host.Length > MaximumLength) return null;
        string name = Encoding.Latin1.GetString(host);
        if (_names.TryGetValue(name, out string? server)) return server;
        if (IPAddress.TryParse(name, out var address)) return PeerAt(address).Name;
        return IsValid(name) ? name.ToLowerInvariant() : null;
    }

    /// <summary>The source of a program's lines. What cannot stand in a file's name becomes a dash: <c>postfix/smtpd</c> is <c>postfix-smtpd</c>.</summary>
    public static string SourceOf(ReadOnlySpan<byte> program)
    {
        string name = string.Concat(Encoding.Latin1.GetString(program[..Math.Min(program.Length, MaximumSourceLength)])
            .Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' ? char.ToLowerInvariant(c) : '-')).Trim('-', '.');
        return name.Length == 0 ? DefaultSource : name;
    }

    private static IPAddress Plainly(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
