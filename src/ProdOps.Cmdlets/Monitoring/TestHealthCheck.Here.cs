using System.Globalization;
using System.Management.Automation;
using ProdOps.Cmdlets.Completers;
using ProdOps.Monitoring.Checks;
using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Cmdlets.Monitoring;

/// <content>Checks that are named with the command.</content>
public sealed partial class TestHealthCheck
{
    private const string UriSet = "Uri", TcpSet = "Tcp", PingSet = "Ping", DnsSet = "Dns", SshSet = "Ssh", PluginSet = "Plugin", ScriptSet = "Script", KindSet = "Kind", ScriptBlockSet = "ScriptBlock";

    /// <summary>A web address.</summary>
    [Parameter(Mandatory = true, ParameterSetName = UriSet, HelpMessage = "A web address: its status, body, time and certificate.")]
    [Alias("Url")]
    [ValidateNotNull]
    public Uri? Uri { get; set; }

    /// <summary>A port.</summary>
    [Parameter(Mandatory = true, ParameterSetName = TcpSet, HelpMessage = "A port that must take connections: host:port, or a port of -Server.")]
    [ValidateNotNullOrEmpty]
    public string Tcp { get; set; } = "";

    /// <summary>A host.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PingSet, HelpMessage = "A host that must answer an echo request.")]
    [ValidateNotNullOrEmpty]
    public string Ping { get; set; } = "";

    /// <summary>A name.</summary>
    [Parameter(Mandatory = true, ParameterSetName = DnsSet, HelpMessage = "A name that must resolve; -Address names a name server.")]
    [ValidateNotNullOrEmpty]
    public string Dns { get; set; } = "";

    /// <summary>An SSH server.</summary>
    [Parameter(Mandatory = true, ParameterSetName = SshSet, HelpMessage = "A host, or host:port, whose SSH server must greet.")]
    [ValidateNotNullOrEmpty]
    public string Ssh { get; set; } = "";

    /// <summary>A plugin of Nagios.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PluginSet, HelpMessage = "The command line of a plugin with the interface of Nagios: /usr/lib/nagios/plugins/check_load -w 5 -c 10.")]
    [ValidateNotNullOrEmpty]
    public string Plugin { get; set; } = "";

    /// <summary>A command.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ScriptSet, HelpMessage = "A command line for a POSIX shell that must end with 0; the first line that it prints is the message.")]
    [ValidateNotNullOrEmpty]
    public string Script { get; set; } = "";

    /// <summary>A block of this session.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ScriptBlockSet, HelpMessage = "A script block of this session, with $_ the server's name: an exception or $false is critical, a number is the value, a HealthCheckResult is taken as it is.")]
    [ValidateNotNull]
    public ScriptBlock? ScriptBlock { get; set; }

    /// <summary>Any kind of check.</summary>
    [Parameter(Mandatory = true, ParameterSetName = KindSet, HelpMessage = "Any kind of check, with -Target what it looks at.")]
    public HealthCheckKind Kind { get; set; }

    /// <summary>What a check of a kind looks at.</summary>
    [Parameter(ParameterSetName = KindSet, HelpMessage = "What it looks at: a database, host:port, an SNMP object's id, a Prometheus query, a pool of HAProxy, a backup set, search words for logs, a recovery plan.")]
    [AllowEmptyString]
    public string Target { get; set; } = "";

    /// <summary>What must come.</summary>
    [Parameter(ParameterSetName = UriSet, HelpMessage = "What must be in the answer.")]
    [Parameter(ParameterSetName = TcpSet, HelpMessage = "What must be in what the port says first.")]
    [Parameter(ParameterSetName = DnsSet, HelpMessage = "Values that must be in the answer, with commas between.")]
    [Parameter(ParameterSetName = KindSet, HelpMessage = "What the query or command must come to.")]
    [ValidateNotNullOrEmpty]
    public string? Expect { get; set; }

    /// <summary>What is sent.</summary>
    [Parameter(ParameterSetName = UriSet, HelpMessage = "The request's body.")]
    [Parameter(ParameterSetName = TcpSet, HelpMessage = "A text to send.")]
    [Parameter(ParameterSetName = KindSet, HelpMessage = "A query or command to send: of a database, of Redis.")]
    [ValidateNotNullOrEmpty]
    public string? Send { get; set; }

    /// <summary>The status that is good.</summary>
    [Parameter(ParameterSetName = UriSet, HelpMessage = "The status that is good, or the lowest and the highest. Default: 200, 299.")]
    [ValidateCount(1, 2)]
    public int[] Status { get; set; } = [200, 299];

    /// <summary>The type of record.</summary>
    [Parameter(ParameterSetName = DnsSet, HelpMessage = "The type of record: A, AAAA, CNAME, MX, TXT, NS, SRV, PTR, SOA, CAA. Default: A.")]
    [ArgumentCompleter(typeof(RecordTypeCompleter))]
    [ValidateNotNullOrEmpty]
    public string RecordType { get; set; } = "A";

    /// <summary>Where to connect to instead.</summary>
    [Parameter(ParameterSetName = UriSet, HelpMessage = "A server or address to connect to in the place of the one that the address names.")]
    [Parameter(ParameterSetName = DnsSet, HelpMessage = "The name server to ask: host or host:port. Default: the one that this machine asks.")]
    [Parameter(ParameterSetName = KindSet, HelpMessage = "A database's host or socket, an SNMP agent, Prometheus' URL, HAProxy's socket or page of statistics.")]
    [ValidateNotNullOrEmpty]
    public string? Address { get; set; }

    /// <summary>How far back to look.</summary>
    [Parameter(ParameterSetName = KindSet, HelpMessage = "How far back it looks: logs, and {window} in a Prometheus query.")]
    [Common.Duration]
    [ValidateNotNull]
    public TimeSpan? Window { get; set; }

    /// <summary>How old it may be.</summary>
    [Parameter(ParameterSetName = KindSet, HelpMessage = "How old the newest backup or drill may be, e.g. 26h. Default: what the set promises, 90 days of a drill.")]
    [Common.Duration]
    [ValidateNotNull]
    public TimeSpan? MaxAge { get; set; }

    /// <summary>The user of what is checked, and the password.</summary>
    [Parameter(ParameterSetName = UriSet, HelpMessage = "The user and password for the address.")]
    [Parameter(ParameterSetName = KindSet, HelpMessage = "The user and password of the database, of Redis, of SNMP version 3.")]
    [Credential]
    [ValidateNotNull]
    public PSCredential? ServiceCredential { get; set; }

    /// <summary>Authorities to believe.</summary>
    [Parameter(ParameterSetName = UriSet, HelpMessage = "A PEM file with the authorities to believe. Default: those of the system.")]
    [Parameter(ParameterSetName = KindSet, HelpMessage = "A PEM file with the authorities to believe. Default: those of the system.")]
    [ValidateNotNullOrEmpty]
    public string? CACertificate { get; set; }

    /// <summary>Run it as root.</summary>
    [Parameter(ParameterSetName = PluginSet, HelpMessage = "Run it as root by sudo.")]
    [Parameter(ParameterSetName = ScriptSet, HelpMessage = "Run it as root by sudo.")]
    [Parameter(ParameterSetName = KindSet, HelpMessage = "Run its command as root by sudo.")]
    public SwitchParameter AsRoot { get; set; }

    /// <summary>From where on the value is a warning.</summary>
    [Parameter(ParameterSetName = UriSet, HelpMessage = ThresholdHelp)]
    [Parameter(ParameterSetName = TcpSet, HelpMessage = ThresholdHelp)]
    [Parameter(ParameterSetName = PingSet, HelpMessage = ThresholdHelp)]
    [Parameter(ParameterSetName = DnsSet, HelpMessage = ThresholdHelp)]
    [Parameter(ParameterSetName = SshSet, HelpMessage = ThresholdHelp)]
    [Parameter(ParameterSetName = PluginSet, HelpMessage = ThresholdHelp)]
    [Parameter(ParameterSetName = KindSet, HelpMessage = ThresholdHelp)]
    [Parameter(ParameterSetName = ScriptBlockSet, HelpMessage = ThresholdHelp)]
    [ValidateNotNullOrEmpty]
    public string? Warning { get; set; }

    /// <summary>From where on the value is critical.</summary>
    [Parameter(ParameterSetName = UriSet, HelpMessage = ThresholdHelp)]
    [Parameter(ParameterSetName = TcpSet, HelpMessage = ThresholdHelp)]
    [Parameter(ParameterSetName = PingSet, HelpMessage = ThresholdHelp)]
    [Parameter(ParameterSetName = DnsSet, HelpMessage = ThresholdHelp)]
    [Parameter(ParameterSetName = SshSet, HelpMessage = ThresholdHelp)]
    [Parameter(ParameterSetName = PluginSet, HelpMessage = ThresholdHelp)]
    [Parameter(ParameterSetName = KindSet, HelpMessage = ThresholdHelp)]
    [Parameter(ParameterSetName = ScriptBlockSet, HelpMessage = ThresholdHelp)]
    [ValidateNotNullOrEmpty]
    public string? Critical { get; set; }

    /// <summary>How long it may take, in seconds.</summary>
    [Parameter(HelpMessage = "How many seconds a check may take; a script block takes as long as it takes. Default: the check's own, else 10.")]
    [ValidateRange(1, 3600)]
    public int? TimeoutSec { get; set; }

    private const string ThresholdHelp = "From where on the value is bad: '> 85%', '>= 500ms', '< 10GB', '> 3'.";

    /// <summary>What the parameters say, of each server that is named; without one, of the host that it looks at.</summary>
    private async Task<IReadOnlyList<(HealthCheckDefinition Definition, Server Server)>> NamedHereAsync(CancellationToken cancellationToken)
    {
        var definition = await DefineAsync();
        var servers = Server is null && !MyInvocation.ExpectingInput ? CheckServers.Of(definition, _environment) : await GetServersAsync(cancellationToken);
        return [.. servers.Select(server => (Server is null ? definition : definition with { Server = [server.Name] }, server))];
    }

    private async Task<HealthCheckDefinition> DefineAsync()
    {
        var (kind, target) = ParameterSetName switch
        {
            UriSet => (HealthCheckKind.Http, Uri!.OriginalString),
            TcpSet => (HealthCheckKind.Tcp, Tcp),
            PingSet => (HealthCheckKind.Ping, Ping),
            DnsSet => (HealthCheckKind.Dns, Dns),
            SshSet => (HealthCheckKind.Ssh, Ssh),
            PluginSet => (HealthCheckKind.Plugin, Plugin),
            ScriptSet or ScriptBlockSet => (HealthCheckKind.Script, Script),
            _ => (Kind, Target),
        };
        return new HealthCheckDefinition
        {
            Name = kind.ToString().ToLowerInvariant(),
            Kind = kind,
            Target = target,
            Expect = Expect,
            Send = Send,
            Method = Send is not null && kind == HealthCheckKind.Http ? "POST" : "GET",
            Status = Status,
            RecordType = RecordType,
            Address = Address,
            Window = Window,
            MaxAge = MaxAge,
            User = ServiceCredential?.UserName,
            Password = ServiceCredential is null ? null : CommandChecks.Given,
            CaCertificate = CACertificate is null ? null : await InvokeAsync(() => GetUnresolvedProviderPathFromPSPath(CACertificate)),
            AsRoot = AsRoot,
            Warning = Warning is null ? null : ThresholdText.Parse(Warning),
            Critical = Critical is null ? null : ThresholdText.Parse(Critical),
            Timeout = TimeoutSec is { } seconds ? TimeSpan.FromSeconds(seconds) : new HealthCheckDefinition { Name = "" }.Timeout,
        };
    }

    /// <summary>Runs the script block for a server, on the pipeline thread, and makes results of what it does.</summary>
    private async Task<IReadOnlyList<HealthCheckResult>> RunBlockAsync(HealthCheckDefinition definition, Server server, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        long begun = TimeProvider.System.GetTimestamp();
        var blank = new HealthCheckResult { Server = server.Name, Check = "script", State = HealthState.OK, Time = TimeProvider.System.GetUtcNow() };
        var results = (await InvokeAsync(() => Invoke(server.Name, blank))).Select(result => result with { Duration = TimeProvider.System.GetElapsedTime(begun) });
        return _checks!.Judge(definition with { Name = "script" }, server, [.. results]);
    }

    private IReadOnlyList<HealthCheckResult> Invoke(string server, HealthCheckResult blank)
    {
        object?[] values;
        try
        {
            values = [.. ScriptBlock!.InvokeWithContext(null, [new PSVariable("_", server)]).Select(value => value?.BaseObject)];
        }
        catch (RuntimeException error) when (error is not PipelineStoppedException)
        {
            return [blank with { State = HealthState.Critical, Message = error.ErrorRecord.ToString() }];
        }

        if (values.OfType<HealthCheckResult>().ToList() is { Count: > 0 } own) return [.. own.Select(result => result with { Server = result.Server.Length > 0 ? result.Server : server, Check = result.Check.Length > 0 ? result.Check : blank.Check })];
        string message = values.FirstOrDefault(value => value is string) as string ?? "";
        return values.LastOrDefault(value => value is not (null or string)) switch
        {
            bool fact => [blank with { State = fact ? HealthState.OK : HealthState.Critical, Message = message.Length > 0 ? message : fact ? "true" : "false" }],
            TimeSpan time => [blank with { Value = time.TotalSeconds, Unit = "s", Message = message.Length > 0 ? message : HealthThreshold.Format(time.TotalSeconds, "s") }],
            { } number when LanguagePrimitives.TryConvertTo(number, CultureInfo.InvariantCulture, out double value) => [blank with { Value = value, Message = message.Length > 0 ? message : HealthThreshold.Format(value, "") }],
            _ => [blank with { Message = message.Length > 0 ? message : "ended without an error" }],
        };
    }
}
