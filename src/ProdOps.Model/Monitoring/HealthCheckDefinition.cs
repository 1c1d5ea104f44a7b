namespace ProdOps;

/// <summary>A check as an environment's file defines it. What it is of says <see cref="Kind"/>, what it looks at <see cref="Target"/>.</summary>
public sealed record HealthCheckDefinition
{
    /// <summary>What the check is called; its results and the rule about them carry the name.</summary>
    public required string Name { get; init; }

    /// <summary>What kind of check it is.</summary>
    public HealthCheckKind Kind { get; init; }

    /// <summary>
    /// What it looks at: an URL (Http), <c>host:port</c> or a port (Tcp), a host or empty for the server itself (Ping, Ssh), a name to resolve (Dns), a command line (Plugin, Script), a
    /// database or empty (PostgreSql, MariaDb), <c>host:port</c> or empty, with <c>rediss://</c> before it, or with <see cref="CaCertificate"/>, by TLS (Redis), an object's id (Snmp), a query, in which <c>{window}</c> stands for
    /// <see cref="Window"/> (Prometheus), a pool or empty (HAProxy), a backup set (Backup), search words (Log), recovery plans by name or wildcard (Drill).
    /// <c>{server}</c> in it, and in <see cref="Address"/>, stands for the address of the server whose check it is.
    /// </summary>
    public string Target { get; init; } = "";

    /// <summary>The servers whose check it is: names, wildcards, <c>role:App</c>, <c>group:blue</c>. None: of the host that it looks at.</summary>
    public IReadOnlyList<string> Server { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Where it runs: empty for where its kind runs by itself (Plugin, Script, PostgreSql, MariaDb and HAProxy on the server, all others here); <c>localhost</c> for this machine; or the name of a server.</summary>
    public string RunOn { get; init; } = "";

    /// <summary>True to run its command as root by sudo.</summary>
    public bool AsRoot { get; init; }

    /// <summary>How often.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long it may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>From where on its value is a warning.</summary>
    public HealthThreshold? Warning { get; init; }

    /// <summary>From where on its value is critical.</summary>
    public HealthThreshold? Critical { get; init; }

    /// <summary>How long it must be bad before it counts; <see langword="null"/>: 20 seconds.</summary>
    public TimeSpan? For { get; init; }

    /// <summary>How many results in a row must be bad; <see langword="null"/>: 3.</summary>
    public int? Attempts { get; init; }

    /// <summary>What an admin does about it, in a sentence or two.</summary>
    public string Advice { get; init; } = "";

    /// <summary>What must be in the answer (Http, Tcp, Dns: an address), or what a query must come to (PostgreSql, MariaDb, Redis).</summary>
    public string? Expect { get; init; }

    /// <summary>An expression that the answer must match (Http).</summary>
    public string? Matches { get; init; }

    /// <summary>What is sent: a request's body (Http), a text (Tcp), a query or command (PostgreSql, MariaDb, Redis).</summary>
    public string? Send { get; init; }

    /// <summary>The method of a request (Http).</summary>
    public string Method { get; init; } = "GET";

    /// <summary>Headers of a request (Http), each as <c>Name: value</c>.</summary>
    public IReadOnlyList<string> Headers { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The status that is good, or the lowest and the highest, e.g. 200 and 299 (Http).</summary>
    public IReadOnlyList<int> Status { get; init => field = Indexable.Of(value); } = [200, 299];

    /// <summary>
    /// A server or address to connect to in the place of the one that <see cref="Target"/> names; the host, or the socket's path, of a database; a name server; an SNMP agent; the address of
    /// Prometheus; the path of HAProxy's admin socket or the address of its page of statistics.
    /// </summary>
    public string? Address { get; init; }

    /// <summary>The port, where the target does not say it.</summary>
    public int? Port { get; init; }

    /// <summary>The user to log in as (Http basic, PostgreSql, MariaDb, Redis, Snmp version 3).</summary>
    public string? User { get; init; }

    /// <summary>Where the user's password comes from; of Snmp version 2c the community.</summary>
    public SecretReference? Password { get; init; }

    /// <summary>How the user proves who it is (Snmp version 3).</summary>
    public SnmpAuthentication Authentication { get; init; }

    /// <summary>How what is asked and answered is encrypted (Snmp version 3).</summary>
    public SnmpPrivacy Privacy { get; init; }

    /// <summary>Where the password for encryption comes from (Snmp version 3); <see langword="null"/>: it is the user's.</summary>
    public SecretReference? PrivacyPassword { get; init; }

    /// <summary>The full path of a PEM file with the authorities to believe; <see langword="null"/> for those of the system.</summary>
    public string? CaCertificate { get; init; }

    /// <summary>The type of record that is asked for (Dns): A, AAAA, CNAME, MX, TXT, …</summary>
    public string RecordType { get; init; } = "A";

    /// <summary>How far back it looks (Log, Prometheus).</summary>
    public TimeSpan? Window { get; init; }

    /// <summary>How old what it looks at may be (Backup, Drill, RestoreTest).</summary>
    public TimeSpan? MaxAge { get; init; }

    /// <summary>The name.</summary>
    /// <returns><see cref="Name"/>.</returns>
    public override string ToString() => Name;
}

/// <summary>What kind of thing a check looks at.</summary>
public enum HealthCheckKind
{
    /// <summary>A web address: status, body, time, certificate.</summary>
    Http,

    /// <summary>A port that must take connections.</summary>
    Tcp,

    /// <summary>A host that must answer an echo request.</summary>
    Ping,

    /// <summary>A name that must resolve.</summary>
    Dns,

    /// <summary>An SSH server that must greet.</summary>
    Ssh,

    /// <summary>A plugin with the interface of Nagios: exit code, first line, performance data.</summary>
    Plugin,

    /// <summary>A command that must end with 0.</summary>
    Script,

    /// <summary>A PostgreSQL database: connects, connections in use, longest transaction, replication lag.</summary>
    PostgreSql,

    /// <summary>A MariaDB or MySQL database.</summary>
    MariaDb,

    /// <summary>A Redis server.</summary>
    Redis,

    /// <summary>A value by SNMP.</summary>
    Snmp,

    /// <summary>A query of Prometheus or VictoriaMetrics.</summary>
    Prometheus,

    /// <summary>The pools of an HAProxy.</summary>
    HAProxy,

    /// <summary>The age of the newest backup of a set.</summary>
    Backup,

    /// <summary>How many lines of logs match.</summary>
    Log,

    /// <summary>How long ago a recovery plan was drilled, or carried out, as it is.</summary>
    Drill,

    /// <summary>How long ago a restore of a backup set was tested.</summary>
    RestoreTest,
}
