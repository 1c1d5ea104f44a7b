using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Servers.Inventory.Sections;

/// <summary><c>LoadBalancers</c>: what clients connect to, and the servers behind it. Whether its parts fit together, <see cref="LoadBalancerRules"/> checks when all files are read.</summary>
internal static class LoadBalancersSection
{
    private static readonly LoadBalancerDefinition Defaults = new() { Name = "" };
    private static readonly ValueKind<TimeSpan?> Timeout = BalancerKinds.Lasting(TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(24));

    public static readonly Key<LoadBalancerKind?> BalancerKind = new("Kind", Kinds.Choice<LoadBalancerKind>(), "What balances.") { Default = "`'HAProxy'`" };
    public static readonly Key<IReadOnlyList<Located<string>>> Servers = new("Servers", Kinds.ServerNames, "The balancers; the first is the preferred one.") { IsRequired = true };
    public static readonly Key<IReadOnlyList<Located<string>>> Pool = new("Pool", Kinds.ServerNames, "The servers behind it.") { Default = "an error, unless `Managed = $false`" };
    public static readonly Key<int?> PoolPort = new("PoolPort", BalancerKinds.Port, "The port that they listen on.") { Default = "`80`" };
    public static readonly Key<int?> Port = new("Port", BalancerKinds.Port, "The port that clients connect to.") { Default = "`80`" };
    public static readonly Key<int?> TlsPort = new("TlsPort", BalancerKinds.Port, "The port that clients connect to by TLS.") { Default = "`443` with `Certificate`" };
    public static readonly Key<string> Certificate = new("Certificate", BalancerKinds.ServerPath, "The PEM file on the balancers with the certificate, its chain and its key. Update-LoadBalancerCertificate writes it.");
    public static readonly Key<bool?> RedirectToTls = new("RedirectToTls", Kinds.Boolean, "Send clients without TLS to `TlsPort`.") { Default = "`$false`" };
    public static readonly Key<string> VirtualAddress = new("VirtualAddress", BalancerKinds.Address, "The address that clients connect to and that moves between the balancers by keepalived.") { Default = "each balancer's own" };
    public static readonly Key<string> VirtualInterface = new("VirtualInterface", BalancerKinds.Interface, "The network interface of `VirtualAddress`.") { Default = "the one that leads to it" };
    public static readonly Key<int?> VirtualRouter = new("VirtualRouter", Kinds.Integer(1, 255), "The number of the virtual router: of no other pair in the network.") { Default = "the last byte of `VirtualAddress`" };
    public static readonly Key<FloatingAddressEntry> FloatingAddress = new("FloatingAddress", FloatingAddressKeys.Kind, "The address that a cloud moves between the balancers, where the network has no VRRP.");
    public static readonly Key<LoadBalancerMode?> Mode = new("Mode", Kinds.Choice<LoadBalancerMode>(), "What is balanced: requests of HTTP, or connections of TCP.") { Default = "`'Http'`" };
    public static readonly Key<string> Backend = new("Backend", BalancerKinds.PoolName, "The pool's name in a configuration that was written by hand.") { Default = "the entry's name" };
    public static readonly Key<bool?> Managed = new("Managed", Kinds.Boolean, "`$false` for a configuration that was written by hand: it is read and operated, and never overwritten.") { Default = "`$true`: Publish-LoadBalancer writes it" };
    public static readonly Key<string> Check = new("Check", BalancerKinds.RequestPath, "The path that a healthy server answers with 2xx or 3xx.") { Default = "the port must take connections" };
    public static readonly Key<string> CheckHost = new("CheckHost", BalancerKinds.HostHeader, "The Host header of checks.") { Default = "the entry's name" };
    public static readonly Key<TimeSpan?> CheckInterval = new("CheckInterval", BalancerKinds.Lasting(TimeSpan.FromMilliseconds(50), TimeSpan.FromHours(1)), "How often each server is checked. HAProxy repeats a check that came out otherwise after a tenth of it.") { Default = "`'500ms'`" };
    public static readonly Key<int?> Fall = new("Fall", Kinds.Integer(1, 100), "How many checks in a row must fail until a server is out.") { Default = "`2`" };
    public static readonly Key<int?> Rise = new("Rise", Kinds.Integer(1, 100), "How many checks in a row must pass until it is back.") { Default = "`2`" };
    public static readonly Key<string> StickyCookie = new("StickyCookie", BalancerKinds.CookieName, "The cookie that keeps a client at its server.") { Default = "any server gets any request" };
    public static readonly Key<int?> RateLimit = new("RateLimit", Kinds.Integer(1, 1_000_000), "How many requests a client's address may send in ten seconds; more are answered with 429.") { Default = "any number" };
    public static readonly Key<bool?> Compression = new("Compression", Kinds.Boolean, "Compress text.") { Default = "`$false`" };
    public static readonly Key<int?> MaxConnections = new("MaxConnections", Kinds.Integer(1, 1_000_000), "How many connections a balancer takes at once for this entry.") { Default = "`10000`" };
    public static readonly Key<int?> ServerMaxConnections = new("ServerMaxConnections", Kinds.Integer(1, 1_000_000), "How many requests a server gets at once; others wait in the queue.") { Default = "any number" };
    public static readonly Key<TimeSpan?> QueueTimeout = new("QueueTimeout", Timeout, "How long a request waits in the queue.") { Default = "`'10s'`" };
    public static readonly Key<string> Socket = new("Socket", BalancerKinds.ServerPath, "The path of HAProxy's admin socket.") { Default = "what its configuration says" };
    public static readonly Key<string> Configuration = new("Configuration", BalancerKinds.ServerPath, "The path of the balancer's configuration.") { Default = "`/etc/haproxy/haproxy.cfg`, `/etc/nginx/conf.d/prodops.conf`" };
    public static readonly Key<IReadOnlyList<Located<string>>> FrontendLines = new("FrontendLines", BalancerKinds.Lines, "Lines in the balancer's own language for what clients connect to (HAProxy's `frontend`, nginx' `server`), taken as they are.");
    public static readonly Key<IReadOnlyList<Located<string>>> PoolLines = new("PoolLines", BalancerKinds.Lines, "Lines in the balancer's own language for the pool (HAProxy's `backend`, nginx' `upstream`), taken as they are.");
    public static readonly Key<int?> MinimumHealthy = new("MinimumHealthy", Kinds.Integer(1, 10_000), "How many servers of the pool must stay in service when others are taken out.") { Default = "`1`" };
    public static readonly Key<IReadOnlyList<SharedDataEntry>> SharedData = new("SharedData", SharedDataKeys.Kind, "Data that all servers of the pool must have alike.");
    private static readonly Key<BalanceAlgorithm?> Balance = new("Balance", Kinds.Choice<BalanceAlgorithm>(), "How a server is chosen.") { Default = "`'RoundRobin'`" };
    private static readonly Key<TimeSpan?> ConnectTimeout = new("ConnectTimeout", Timeout, "How long connecting to a server may take. A check may take no longer than CheckInterval for it, if that is less.") { Default = "`'3s'`" };
    private static readonly Key<TimeSpan?> ClientTimeout = new("ClientTimeout", Timeout, "How long a client may say nothing.") { Default = "`'60s'`" };
    private static readonly Key<TimeSpan?> ServerTimeout = new("ServerTimeout", Timeout, "How long a server may take to answer.") { Default = "`'60s'`" };

    /// <summary>Keys that nginx' open-source edition has nothing for.</summary>
    public static IReadOnlyList<Key> NotOfNginx { get; } = [Check, CheckHost, CheckInterval, Rise, MaxConnections, QueueTimeout, Socket];

    /// <summary>Keys that mean something for HTTP only.</summary>
    public static IReadOnlyList<Key> OfHttp { get; } = [CheckHost, RedirectToTls, RateLimit, Compression];

    public static TableSchema Schema { get; } = new("LoadBalancers",
    [
        BalancerKind, Servers, VirtualAddress, VirtualInterface, VirtualRouter, FloatingAddress, Port, TlsPort, Certificate, RedirectToTls, Mode,
        Pool, PoolPort, MinimumHealthy, Balance, Check, CheckHost, CheckInterval, Fall, Rise, StickyCookie, RateLimit, Compression, MaxConnections, ServerMaxConnections,
        ConnectTimeout, ClientTimeout, ServerTimeout, QueueTimeout, FrontendLines, PoolLines, Managed, Backend, Configuration, Socket, SharedData,
    ]);

    public static ValueKind<IReadOnlyList<Named<LoadBalancerEntry>>> Kind { get; } = TableKinds.ByName(Schema, static values => new LoadBalancerEntry(values, Bind(values)));

    private static LoadBalancerDefinition Bind(TableValues values) => new()
    {
        Name = "",
        Kind = values.Get(BalancerKind) ?? Defaults.Kind,
        PoolPort = values.Get(PoolPort) ?? Defaults.PoolPort,
        Backend = values.Get(Backend) ?? "",
        IsManaged = values.Get(Managed) ?? Defaults.IsManaged,
        Mode = values.Get(Mode) ?? Defaults.Mode,
        Port = values.Get(Port) ?? Defaults.Port,
        TlsPort = values.Get(TlsPort) ?? (values.Get(Certificate) is null ? null : 443),
        Certificate = values.Get(Certificate),
        RedirectToTls = values.Get(RedirectToTls) ?? false,
        VirtualAddress = values.Get(VirtualAddress),
        VirtualInterface = values.Get(VirtualInterface),
        VirtualRouter = values.Get(VirtualRouter),
        FloatingAddress = values.Get(FloatingAddress)?.Address,
        Balance = values.Get(Balance) ?? Defaults.Balance,
        Check = values.Get(Check),
        CheckHost = values.Get(CheckHost),
        CheckInterval = values.Get(CheckInterval) ?? Defaults.CheckInterval,
        Fall = values.Get(Fall) ?? Defaults.Fall,
        Rise = values.Get(Rise) ?? Defaults.Rise,
        StickyCookie = values.Get(StickyCookie),
        RateLimit = values.Get(RateLimit),
        Compression = values.Get(Compression) ?? false,
        MaxConnections = values.Get(MaxConnections) ?? Defaults.MaxConnections,
        ServerMaxConnections = values.Get(ServerMaxConnections),
        ConnectTimeout = values.Get(ConnectTimeout) ?? Defaults.ConnectTimeout,
        ClientTimeout = values.Get(ClientTimeout) ?? Defaults.ClientTimeout,
        ServerTimeout = values.Get(ServerTimeout) ?? Defaults.ServerTimeout,
        QueueTimeout = values.Get(QueueTimeout) ?? Defaults.QueueTimeout,
        MinimumHealthy = values.Get(MinimumHealthy) ?? Defaults.MinimumHealthy,
        ConfigurationPath = values.Get(Configuration),
        Socket = values.Get(Socket),
        FrontendLines = Texts(values.Get(FrontendLines)),
        BackendLines = Texts(values.Get(PoolLines)),
    };

    private static string[] Texts(IReadOnlyList<Located<string>>? items) => [.. (items ?? []).Select(item => item.Value)];
}

/// <summary>A load balancer as the file has it.</summary>
/// <param name="Values">What the file says, with positions.</param>
/// <param name="Definition">The same as an object, still without its name, its servers and shared data.</param>
internal sealed record LoadBalancerEntry(TableValues Values, LoadBalancerDefinition Definition);
