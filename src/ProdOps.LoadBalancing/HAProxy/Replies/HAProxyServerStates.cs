using System.Globalization;

namespace ProdOps.LoadBalancing.HAProxy.Replies;

/// <summary>
/// What <c>show servers state</c> says (Management Guide, section 9.3): a line with the format's version, a line of names behind <c># </c>, and a line for each server.
/// It tells what <c>show stat</c> keeps to itself: what an administrator wants, also of a server that is down.
/// </summary>
internal sealed class HAProxyServerStates
{
    private const int MostServers = 100_000;

    private readonly Dictionary<string, Dictionary<string, HAProxyServerState>> _pools = new(StringComparer.Ordinal);
    private Dictionary<string, int>? _columns;

    /// <summary>A server; <see langword="null"/> if it is not there.</summary>
    public HAProxyServerState? Find(string pool, string name) => _pools.TryGetValue(pool, out var servers) && servers.TryGetValue(name, out var state) ? state : null;

    /// <summary>The pools, in the order told.</summary>
    public IEnumerable<string> Pools => _pools.Keys;

    /// <summary>The names of a pool's servers.</summary>
    public IEnumerable<string> NamesOf(string pool) => _pools.TryGetValue(pool, out var servers) ? servers.Keys : [];

    public static HAProxyServerStates Parse(string text)
    {
        var states = new HAProxyServerStates();
        foreach (var line in text.AsSpan().EnumerateLines()) states.Add(line);
        return states;
    }

    /// <summary>Reads a line. What is no server's is passed over.</summary>
    private void Add(ReadOnlySpan<char> line)
    {
        if (line.StartsWith("# ", StringComparison.Ordinal))
        {
            _columns ??= new Dictionary<string, int>(StringComparer.Ordinal);
            int index = 0;
            foreach (var word in line[2..].Split(' ')) _columns.TryAdd(line[2..][word].ToString(), index++);
            return;
        }

        if (_columns is null || line.IsWhiteSpace()) return;
        string[] fields = line.ToString().Split(' ');
        string pool = Field("be_name"), name = Field("srv_name");
        if (pool.Length == 0 || name.Length == 0) return;
        if (!_pools.TryGetValue(pool, out var servers)) _pools[pool] = servers = new Dictionary<string, HAProxyServerState>(StringComparer.Ordinal);
        if (servers.Count < MostServers) servers.TryAdd(name, new HAProxyServerState((HAProxyAdminState)Number("srv_admin_state"), Number("srv_op_state"), Number("srv_uweight"), Number("srv_check_state"), Number("srv_id"), Number("be_id")));

        string Field(string column) => _columns.TryGetValue(column, out int at) && at < fields.Length ? fields[at] : "";
        int Number(string column) => int.TryParse(Field(column), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;
    }
}

/// <summary>A server's state.</summary>
/// <param name="Admin">What an administrator wants.</param>
/// <param name="Operational">What its checks make of it: 0 stopped, 1 starting, 2 running, 3 stopping.</param>
/// <param name="Weight">Its weight.</param>
/// <param name="CheckState">Flags of its check: 2 that it is configured, 4 that it is on.</param>
/// <param name="Id">Its number in the pool, until the next reload.</param>
/// <param name="PoolId">The pool's number, until the next reload.</param>
internal readonly record struct HAProxyServerState(HAProxyAdminState Admin, int Operational, int Weight, int CheckState, int Id = 0, int PoolId = 0)
{
    /// <summary>What an administrator wants.</summary>
    public BackendServerState Wanted =>
        (Admin & HAProxyAdminState.AnyMaintenance) != 0 ? BackendServerState.Maintenance : (Admin & HAProxyAdminState.AnyDrain) != 0 ? BackendServerState.Drain : BackendServerState.Up;
}

/// <summary>The flags of <c>srv_admin_state</c> (Management Guide, section 9.3, "show servers state").</summary>
[Flags]
internal enum HAProxyAdminState
{
    None = 0,
    ForcedMaintenance = 0x01,
    InheritedMaintenance = 0x02,
    ConfiguredMaintenance = 0x04,
    ForcedDrain = 0x08,
    InheritedDrain = 0x10,
    UnresolvedMaintenance = 0x20,
    ResolvedMaintenance = 0x40,
    AnyMaintenance = ForcedMaintenance | InheritedMaintenance | ConfiguredMaintenance | UnresolvedMaintenance | ResolvedMaintenance,
    AnyDrain = ForcedDrain | InheritedDrain,
}
