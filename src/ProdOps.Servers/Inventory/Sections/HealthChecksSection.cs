using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Servers.Inventory.Sections;

/// <summary><c>Monitoring.Checks</c>: what is checked. A check has one of the keys that say what it looks at, and those others that its kind can use.</summary>
internal static class HealthChecksSection
{
    private static readonly string[] RecordTypes = ["A", "AAAA", "CAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT"];

    public static readonly Key<string> Name = new("Name", HealthKinds.Label, "What the check is called; its results and the rule about them carry the name.") { IsRequired = true };
    public static readonly Key<IReadOnlyList<Located<string>>> Server = new("Server", Kinds.ServerNames, "The servers whose check it is, each for itself: `{server}` in what is looked at, and in `Address`, stands for the address of the one.") { Default = "the host that it looks at" };
    public static readonly Key<string> RunOn = new("RunOn", Kinds.Text, "Where it runs: the name of a server, or `localhost` for this machine.") { Default = "`Plugin`, `Script`, the clients of databases and `HAProxy` on the server, all others here" };
    public static readonly Key<string> Address = new("Address", Kinds.Text, "A host or address to connect to in the place of the one that the check names; of a `Dns` check the name server, of a database's its host or the path of its socket, of a `Prometheus` check its URL, of an `HAProxy` check the path of its admin socket or the URL of its page of statistics with `;csv`.");
    private static readonly Key<string> Http = new("Http", HealthKinds.OfServer(AddressKinds.Web), "A web address: its status, body, time and certificate.");
    private static readonly Key<string> Tcp = new("Tcp", HealthKinds.OfServer(AddressKinds.Port), "A port that must take connections.");
    private static readonly Key<string> Ping = new("Ping", AddressKinds.OrTrue("`$true` for the server itself, or a host", HealthKinds.OfServer(Kinds.Host)), "A host that must answer an echo request.");
    private static readonly Key<string> Dns = new("Dns", Kinds.Host, "A name that must resolve.");
    private static readonly Key<string> Ssh = new("Ssh", AddressKinds.OrTrue("`$true` for the server itself, or `host:port`", HealthKinds.OfServer(AddressKinds.HostAndPort)), "An SSH server that must greet.");
    private static readonly Key<string> Plugin = new("Plugin", Kinds.Text, "The command line of a plugin with the interface of Nagios.");
    private static readonly Key<string> Script = new("Script", Kinds.Text, "A command line for a POSIX shell that must end with 0.");
    private static readonly Key<string> PostgreSql = new("PostgreSql", AddressKinds.OrTrue("`$true`, or the name of a database", Kinds.Text), "A database of PostgreSQL: connections, the longest transaction, replication, a query.");
    private static readonly Key<string> MariaDb = new("MariaDb", AddressKinds.OrTrue("`$true`, or the name of a database", Kinds.Text), "A database of MariaDB or MySQL, likewise.");
    private static readonly Key<string> Redis = new("Redis", AddressKinds.OrTrue("`$true` for the server's own, or `host:port`, by TLS `rediss://host:port`", HealthKinds.OfServer(AddressKinds.Redis)), "A Redis server.");
    private static readonly Key<string> Snmp = new("Snmp", Kinds.Text, "A value by SNMP: its object's id.");
    private static readonly Key<string> Prometheus = new("Prometheus", HealthKinds.AnyText, "A query of Prometheus or VictoriaMetrics.");
    private static readonly Key<string> HAProxy = new("HAProxy", AddressKinds.OrTrue("`$true` for all pools, or a pool", Kinds.Text), "The pools of an HAProxy and the servers in them.");
    private static readonly Key<string> Backup = new("Backup", Kinds.Text, "A backup set of `Backups`: how old its newest snapshot is.");
    private static readonly Key<string> RestoreTest = new("RestoreTest", Kinds.Text, "A backup set of `Backups`: how long ago a restore of it was tested by `Test-Backup -Restore`, or done, from this machine; `MaxAge` is `'90d'` unless it says otherwise.");
    private static readonly Key<string> Log = new("Log", Kinds.Text, "How many log entries match: `'level:error source:nginx* status:>=500 timed out'`, conditions on fields and a text, all of which must hold.");
    private static readonly Key<string> Drill = new("Drill", Kinds.Text, "A recovery plan, or a wildcard for several: how long ago it was drilled or carried out as it is. Older than `MaxAge`, or never, is a warning; twice as old, too slow for its `RecoveryTime`, or failed the last time is critical.");
    private static readonly Key<bool?> AsRoot = new("AsRoot", Kinds.Boolean, "Run its command as root by sudo.");
    private static readonly Key<TimeSpan?> Interval = new("Interval", HealthKinds.Lasting(TimeSpan.FromSeconds(1)), "How often.") { Default = "`'30s'`" };
    private static readonly Key<TimeSpan?> Timeout = new("Timeout", HealthKinds.Lasting(TimeSpan.FromMilliseconds(1)), "How long it may take.") { Default = "`'10s'`" };
    private static readonly Key<HealthThreshold> Warning = new("Warning", HealthKinds.Threshold, "From where on its value is a warning.");
    private static readonly Key<HealthThreshold> Critical = new("Critical", HealthKinds.Threshold, "From where on its value is critical.");
    private static readonly Key<TimeSpan?> For = new("For", Kinds.Duration, "How long it must be bad before it counts.") { Default = "`'20s'`" };
    private static readonly Key<int?> Attempts = new("Attempts", Kinds.Integer(1, 100), "How many results in a row must be bad.") { Default = "`3`" };
    private static readonly Key<string> Advice = new("Advice", Kinds.Text, "What an admin does about it, in a sentence or two.");
    private static readonly Key<string> Expect = new("Expect", HealthKinds.Answer, "What must be in the answer; of a query what it must come to.");
    private static readonly Key<string> Matches = new("Matches", HealthKinds.Expression, "An expression that the answer must match.");
    private static readonly Key<string> Send = new("Send", HealthKinds.AnyText, "What is sent: the body of a request, a text, a query.");
    private static readonly Key<string> Method = new("Method", Kinds.Name, "The method of the request.") { Default = "`'GET'`" };
    private static readonly Key<IReadOnlyList<string>> Headers = new("Headers", HealthKinds.Headers, "Headers of the request; none that hold a secret.");
    private static readonly Key<IReadOnlyList<int>> Status = new("Status", HealthKinds.Status, "The status that is good, or the lowest and the highest.") { Default = "`200, 299`" };
    private static readonly Key<int?> Port = new("Port", Kinds.Integer(1, 65535), "The port, where what is looked at does not say it.") { Default = "the usual one" };
    private static readonly Key<string> User = new("User", Kinds.Text, "The user to log in as.");
    private static readonly Key<SecretReference> Password = new("Password", SecretKeys.Kind, "The user's password; of SNMP version 2c the community.");
    private static readonly Key<string> CaCertificate = new("CaCertificate", Kinds.FullPath, "A PEM file with the authorities to believe. A `Redis` that has one is spoken to by TLS.") { Default = "those of the system" };
    private static readonly Key<SnmpAuthentication?> Authentication = new("Authentication", Kinds.Choice<SnmpAuthentication>(), "How the user of SNMP version 3 proves who it is.") { Default = "`'Sha256'`" };
    private static readonly Key<SnmpPrivacy?> Privacy = new("Privacy", Kinds.Choice<SnmpPrivacy>(), "How what is asked by SNMP version 3 is encrypted.") { Default = "`'Aes'`" };
    private static readonly Key<SecretReference> PrivacyPassword = new("PrivacyPassword", SecretKeys.Kind, "The password for the encryption of SNMP version 3.") { Default = "that of `User`" };
    private static readonly Key<string> RecordType = new("RecordType", new("`'A'`, `'AAAA'`, `'CNAME'`, `'MX'`, `'TXT'`, …", static (node, context) =>
        Kinds.ReadText(node, context, "a type of record in quotes") is not { } text ? null
        : RecordTypes.Contains(text, StringComparer.OrdinalIgnoreCase) ? text.ToUpperInvariant() : Kinds.Invalid(node, context, text, $"Write one of {string.Join(", ", RecordTypes)}.")), "The type of record that is asked for.") { Default = "`'A'`" };
    private static readonly Key<TimeSpan?> Window = new("Window", HealthKinds.Lasting(TimeSpan.FromSeconds(1)), "How far back it looks.");
    private static readonly Key<TimeSpan?> MaxAge = new("MaxAge", HealthKinds.Lasting(TimeSpan.FromSeconds(1)), "How old the newest may be; of a `Drill` 90 days where nothing is said.");

    private static readonly Key[] OfDatabases = [Send, Expect, Address, Port, User, Password, AsRoot, RunOn];

    /// <summary>What a check can look at, and the keys that are for such a check besides those for all.</summary>
    public static IReadOnlyList<HealthCheckSort> Sorts { get; } =
    [
        new(HealthCheckKind.Http, Http, [Expect, Matches, Send, Method, Headers, Status, Address, User, Password, CaCertificate]),
        new(HealthCheckKind.Tcp, Tcp, [Expect, Send, Address]),
        new(HealthCheckKind.Ping, Ping, [Address]),
        new(HealthCheckKind.Dns, Dns, [Expect, RecordType, Address, Port]),
        new(HealthCheckKind.Ssh, Ssh, [Address, Port]),
        new(HealthCheckKind.Plugin, Plugin, [AsRoot, RunOn]),
        new(HealthCheckKind.Script, Script, [AsRoot, RunOn]),
        new(HealthCheckKind.PostgreSql, PostgreSql, OfDatabases),
        new(HealthCheckKind.MariaDb, MariaDb, OfDatabases),
        new(HealthCheckKind.Redis, Redis, [Send, Expect, Address, Port, User, Password, CaCertificate]),
        new(HealthCheckKind.Snmp, Snmp, [Expect, Address, Port, User, Password, Authentication, Privacy, PrivacyPassword]),
        new(HealthCheckKind.Prometheus, Prometheus, [Window, Address, User, Password, CaCertificate]),
        new(HealthCheckKind.HAProxy, HAProxy, [Address, User, Password, CaCertificate, AsRoot, RunOn]),
        new(HealthCheckKind.Backup, Backup, [MaxAge]),
        new(HealthCheckKind.RestoreTest, RestoreTest, [MaxAge]),
        new(HealthCheckKind.Log, Log, [Window]),
        new(HealthCheckKind.Drill, Drill, [MaxAge]),
    ];

    private static readonly Key[] OfAll = [Name, Server, Interval, Timeout, Warning, Critical, For, Attempts, Advice];

    public static TableSchema Schema { get; } = new("Monitoring.Checks",
        [Name, .. Sorts.Select(sort => sort.Key), .. OfAll[1..], .. Sorts.SelectMany(sort => sort.Uses).Distinct()]);

    /// <summary>What a check that is made once, for something that was just done, can look at.</summary>
    public static IReadOnlyList<HealthCheckSort> OnceSorts { get; } = [.. Sorts.Where(sort => sort.Kind is not (HealthCheckKind.Snmp or HealthCheckKind.Prometheus or HealthCheckKind.Backup or HealthCheckKind.Log or HealthCheckKind.Drill or HealthCheckKind.RestoreTest))];

    /// <summary>The keys of such a check: nobody calls it by a name, and it is not repeated.</summary>
    public static TableSchema Once { get; } = new("Verify", [.. OnceSorts.Select(sort => sort.Key), Timeout, Warning, Critical, .. OnceSorts.SelectMany(sort => sort.Uses).Distinct()]);

    public static ValueKind<IReadOnlyList<HealthCheckEntry>> Kind { get; } = TableKinds.List(Schema, static values => new HealthCheckEntry(values, Bind(values)));

    internal static HealthCheckDefinition Bind(TableValues values)
    {
        var sort = Sorts.FirstOrDefault(sort => values.Get(sort.Key) is not null);
        var check = new HealthCheckDefinition
        {
            Name = values.Get(Name) ?? "",
            Kind = sort?.Kind ?? default,
            Target = sort is null ? "" : values.Get(sort.Key)!,
            Server = [.. (values.Get(Server) ?? []).Select(item => item.Value)],
            RunOn = values.Get(RunOn) ?? "",
            AsRoot = values.Get(AsRoot) ?? false,
            Warning = values.Get(Warning),
            Critical = values.Get(Critical),
            For = values.Get(For),
            Attempts = values.Get(Attempts),
            Advice = values.Get(Advice) ?? "",
            Expect = values.Get(Expect),
            Matches = values.Get(Matches),
            Send = values.Get(Send),
            Headers = values.Get(Headers) ?? [],
            Address = values.Get(Address),
            Port = values.Get(Port),
            User = values.Get(User),
            Password = values.Get(Password),
            CaCertificate = values.Get(CaCertificate),
            Authentication = values.Get(Authentication) ?? default,
            Privacy = values.Get(Privacy) ?? default,
            PrivacyPassword = values.Get(PrivacyPassword),
            Window = values.Get(Window),
            MaxAge = values.Get(MaxAge),
        };
        return check with
        {
            Interval = values.Get(Interval) ?? check.Interval,
            Timeout = values.Get(Timeout) ?? check.Timeout,
            Method = values.Get(Method) ?? check.Method,
            Status = values.Get(Status) ?? check.Status,
            RecordType = values.Get(RecordType) ?? check.RecordType,
        };
    }
}

/// <summary>A sort of check.</summary>
/// <param name="Kind">What kind of thing it looks at.</param>
/// <param name="Key">The key that says at which.</param>
/// <param name="Uses">The keys that are of use to it, besides those that all checks have.</param>
internal sealed record HealthCheckSort(HealthCheckKind Kind, Key<string> Key, IReadOnlyList<Key> Uses);

/// <summary>A check as the file has it.</summary>
/// <param name="Values">What the file says, with positions.</param>
/// <param name="Check">The same as an object.</param>
internal sealed record HealthCheckEntry(TableValues Values, HealthCheckDefinition Check);
