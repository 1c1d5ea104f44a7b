namespace ProdOps;

/// <summary>
/// One entry of an environment's <c>LoadBalancers</c>: what clients connect to, the balancers that answer, and the servers behind them.
/// Several entries may share their balancers; then a balancer's configuration holds all of them.
/// </summary>
public sealed record LoadBalancerDefinition
{
    /// <summary>The entry's name. The pool and the frontend are called after it where ProdOps writes the configuration.</summary>
    public required string Name { get; init; }

    /// <summary>What balances.</summary>
    public LoadBalancerKind Kind { get; init; }

    /// <summary>The balancers: names of servers, the first is the preferred one.</summary>
    public IReadOnlyList<string> Servers { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The servers behind it: names of servers, <c>role:App</c> and <c>group:blue</c> made out.</summary>
    public IReadOnlyList<string> Pool { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The port that the servers of the pool listen on.</summary>
    public int PoolPort { get; init; } = 80;

    /// <summary>The pool's name in the balancer's configuration; the entry's name where ProdOps writes it.</summary>
    public string Backend { get; init; } = "";

    /// <summary>
    /// True when ProdOps writes the balancer's configuration (Publish-LoadBalancer); false when it was written by hand: then it is read and operated, and never overwritten.
    /// </summary>
    public bool IsManaged { get; init; } = true;

    /// <summary>HTTP, or any protocol over TCP.</summary>
    public LoadBalancerMode Mode { get; init; }

    /// <summary>The port that clients connect to.</summary>
    public int Port { get; init; } = 80;

    /// <summary>The port that clients connect to by TLS; <see langword="null"/> without <see cref="Certificate"/>.</summary>
    public int? TlsPort { get; init; }

    /// <summary>The full path of the PEM file on the balancers with certificate, chain and key.</summary>
    public string? Certificate { get; init; }

    /// <summary>True to send clients without TLS to the TLS port.</summary>
    public bool RedirectToTls { get; init; }

    /// <summary>The address that clients connect to and that moves between the balancers by keepalived; <see langword="null"/> for each balancer's own.</summary>
    public string? VirtualAddress { get; init; }

    /// <summary>The network interface of <see cref="VirtualAddress"/>; <see langword="null"/> for the one that leads to it.</summary>
    public string? VirtualInterface { get; init; }

    /// <summary>The number of the virtual router (VRID), 1 to 255: the same on both balancers and of no other pair in the network; <see langword="null"/> for the address's last byte.</summary>
    public int? VirtualRouter { get; init; }

    /// <summary>The address that a cloud moves between the balancers; <see langword="null"/> without one.</summary>
    public FloatingAddressDefinition? FloatingAddress { get; init; }

    /// <summary>How a server is chosen.</summary>
    public BalanceAlgorithm Balance { get; init; }

    /// <summary>The path that a healthy server answers with 2xx or 3xx; <see langword="null"/> to check only that the port takes connections.</summary>
    public string? Check { get; init; }

    /// <summary>The Host header of checks; <see langword="null"/> for the entry's name.</summary>
    public string? CheckHost { get; init; }

    /// <summary>How often each server is checked.</summary>
    public TimeSpan CheckInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How many checks in a row must fail until a server is out.</summary>
    public int Fall { get; init; } = 2;

    /// <summary>How many checks in a row must pass until it is back.</summary>
    public int Rise { get; init; } = 2;

    /// <summary>The cookie that keeps a client at its server; <see langword="null"/> without stickiness.</summary>
    public string? StickyCookie { get; init; }

    /// <summary>How many requests a client address may send in ten seconds; <see langword="null"/> for any number.</summary>
    public int? RateLimit { get; init; }

    /// <summary>True to compress text.</summary>
    public bool Compression { get; init; }

    /// <summary>How many connections a balancer takes at once for this entry.</summary>
    public int MaxConnections { get; init; } = 10_000;

    /// <summary>How many requests a server gets at once, the others wait in the queue; <see langword="null"/> for any number.</summary>
    public int? ServerMaxConnections { get; init; }

    /// <summary>How long connecting to a server may take.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a client may say nothing.</summary>
    public TimeSpan ClientTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a server may take to answer.</summary>
    public TimeSpan ServerTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a request waits in the queue.</summary>
    public TimeSpan QueueTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How many servers of the pool must stay in service when others are taken out, 1 at least.</summary>
    public int MinimumHealthy { get; init; } = 1;

    /// <summary>The full path of the balancer's configuration there.</summary>
    public string? ConfigurationPath { get; init; }

    /// <summary>The full path of HAProxy's admin socket there; <see langword="null"/> for what its configuration says.</summary>
    public string? Socket { get; init; }

    /// <summary>Lines of HAProxy's or nginx' own for the frontend, as they are.</summary>
    public IReadOnlyList<string> FrontendLines { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Lines of HAProxy's or nginx' own for the pool, as they are.</summary>
    public IReadOnlyList<string> BackendLines { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Data that all servers of the pool must have alike.</summary>
    public IReadOnlyList<SharedDataDefinition> SharedData { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The name.</summary>
    /// <returns><see cref="Name"/>.</returns>
    public override string ToString() => Name;
}

/// <summary>What balances.</summary>
public enum LoadBalancerKind
{
    /// <summary>HAProxy, 2.4 and later.</summary>
    HAProxy,

    /// <summary>nginx in its open-source edition: it has no runtime interface, so a server is taken out by a reload.</summary>
    Nginx,
}

/// <summary>What is balanced.</summary>
public enum LoadBalancerMode
{
    /// <summary>Requests of HTTP.</summary>
    Http,

    /// <summary>Connections of TCP.</summary>
    Tcp,
}

/// <summary>How a server is chosen.</summary>
public enum BalanceAlgorithm
{
    /// <summary>One after the other, by weight.</summary>
    RoundRobin,

    /// <summary>The one with the fewest connections, by weight.</summary>
    LeastConnections,

    /// <summary>By the client's address, so that a client stays where it is while no server comes or goes.</summary>
    Source,

    /// <summary>The better one of two drawn at random.</summary>
    Random,
}

/// <summary>An address that a cloud moves between balancers.</summary>
public sealed record FloatingAddressDefinition
{
    /// <summary>Whose interface moves it.</summary>
    public FloatingAddressProvider Provider { get; init; }

    /// <summary>The address.</summary>
    public required string Address { get; init; }

    /// <summary>Where the token for the provider's interface comes from.</summary>
    public SecretReference? Token { get; init; }

    /// <summary>The provider's number of each balancer's machine, by the balancer's name.</summary>
    public IReadOnlyDictionary<string, string> Machines { get; init; } = new Dictionary<string, string>();

    /// <summary>Where the interface is; <see langword="null"/> for the provider's own.</summary>
    public string? Url { get; init; }
}

/// <summary>A cloud that can move an address.</summary>
public enum FloatingAddressProvider
{
    /// <summary>DigitalOcean's reserved IP addresses.</summary>
    DigitalOcean,
}

/// <summary>Data that all servers of a pool must have alike.</summary>
public sealed record SharedDataDefinition
{
    /// <summary>The full path of it on each server.</summary>
    public required string Path { get; init; }

    /// <summary>How it gets there.</summary>
    public SharedDataMethod Method { get; init; }

    /// <summary>The server that it is copied from; <see langword="null"/> for the pool's first. Of <see cref="SharedDataMethod.Rsync"/> alone.</summary>
    public string? From { get; init; }
}

/// <summary>How shared data gets to each server.</summary>
public enum SharedDataMethod
{
    /// <summary>Each has a copy.</summary>
    Rsync,

    /// <summary>All mount one export.</summary>
    Nfs,

    /// <summary>All read an object store.</summary>
    S3,
}
