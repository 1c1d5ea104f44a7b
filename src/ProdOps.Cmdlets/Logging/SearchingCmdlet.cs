using System.ComponentModel;
using System.Management.Automation;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Completers;
using ProdOps.Logging;
using ProdOps.Logging.Searching;
using ProdOps.Servers.Clocks;

namespace ProdOps.Cmdlets.Logging;

/// <summary>The base of the cmdlets that look for log entries: what they look for.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class SearchingCmdlet : LoggingCmdlet
{
    /// <summary>What a line must hold: any one of these.</summary>
    [Parameter(Position = 0, HelpMessage = "Texts; an entry that holds one of them is found. Upper and lower case are alike. With -Regex they are regular expressions.")]
    [ValidateNotNullOrEmpty]
    public string[] Pattern { get; set; } = [];

    /// <summary>The patterns are regular expressions.</summary>
    [Parameter(HelpMessage = "The patterns are regular expressions.")]
    public SwitchParameter Regex { get; set; }

    /// <summary>Upper and lower case differ.</summary>
    [Parameter(HelpMessage = "Upper and lower case differ.")]
    public SwitchParameter CaseSensitive { get; set; }

    /// <summary>Only entries that hold none of the patterns.</summary>
    [Parameter(HelpMessage = "Only entries that hold none of the patterns.")]
    public SwitchParameter Not { get; set; }

    /// <summary>A condition on fields.</summary>
    [Parameter(HelpMessage = "A condition on fields, e.g. { $_.Status -ge 500 -and $_.Path -like '/api/*' }. It is carried out where the lines are.")]
    [ValidateNotNull]
    public ScriptBlock? Where { get; set; }

    /// <summary>Only entries as severe as this, or worse.</summary>
    [Parameter(HelpMessage = "Only entries as severe as this, or worse.")]
    public LogLevel? Level { get; set; }

    /// <summary>Only entries of these servers.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "Only entries of these servers: names, wildcards, role:App, group:blue.")]
    [Alias("ComputerName", "Cn")]
    [ArgumentCompleter(typeof(LogServerCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Server { get; set; } = [];

    /// <summary>Only entries of these sources.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "Only entries of these sources: names or wildcards, e.g. nginx-access, syslog, *error*.")]
    [ArgumentCompleter(typeof(LogSourceCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Source { get; set; } = [];

    /// <summary>Only entries of so long a time until now.</summary>
    [Parameter(HelpMessage = "Only entries of so long a time until now: 15m, 1h, 7d.")]
    [Duration]
    [ValidateNotNull]
    public TimeSpan? Last { get; set; }

    /// <summary>Only entries of this moment or later.</summary>
    [Parameter(HelpMessage = "Only entries of this moment or later; a time alone is of today.")]
    public DateTimeOffset? After { get; set; }

    /// <summary>Only entries before this moment.</summary>
    [Parameter(HelpMessage = "Only entries before this moment; a time alone is of today.")]
    public DateTimeOffset? Before { get; set; }

    /// <summary>Only entries around this moment.</summary>
    [Parameter(HelpMessage = "Only entries around this moment: -Window before it and after it.")]
    public DateTimeOffset? Around { get; set; }

    /// <summary>How far around.</summary>
    [Parameter(HelpMessage = "How far -Around reaches, before and after. Default: 5 minutes.")]
    [Duration]
    public TimeSpan Window { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Order, and cut by time, as if all servers' clocks were right.</summary>
    [Parameter(HelpMessage = "Order, and cut by time, by the servers' times less what their clocks were ahead when the lines were collected.")]
    public SwitchParameter CorrectClock { get; set; }

    private readonly List<(string[] Servers, string[] Sources)> _inputs = [];

    /// <summary>The servers of all inputs; none: all.</summary>
    private protected string[] Servers => _inputs.Exists(static input => input.Servers.Length == 0) ? [] : [.. _inputs.SelectMany(static input => input.Servers).Distinct(StringComparer.OrdinalIgnoreCase)];

    /// <summary>The sources of all inputs; none: all.</summary>
    private protected string[] Sources => _inputs.Exists(static input => input.Sources.Length == 0) ? [] : [.. _inputs.SelectMany(static input => input.Sources).Distinct(StringComparer.OrdinalIgnoreCase)];

    /// <summary>Takes note of an input: its server and source are gone when the next one comes.</summary>
    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        if (_inputs.Count == 0 || !(_inputs[^1].Servers.SequenceEqual(Server) && _inputs[^1].Sources.SequenceEqual(Source))) _inputs.Add((Server, Source));
        return Task.CompletedTask;
    }

    /// <summary>What the parameters say of all inputs, ready for the engine.</summary>
    private protected async Task<LogQuery> CreateQueryOfAllAsync(ProdOpsEnvironment? environment)
    {
        var query = await CreateQueryAsync(environment);
        if (_inputs.Count < 2) return query;
        return query with { Servers = [], Sources = [], Streams = [.. _inputs.Select(input => new StreamNames(ServerNames.Resolve(input.Servers, environment), input.Sources))] };
    }

    /// <summary>What the parameters say of the present input, ready for the engine.</summary>
    private protected async Task<LogQuery> CreateQueryAsync(ProdOpsEnvironment? environment)
    {
        if (Last is not null && (After is not null || Around is not null)) throw LoggingErrors.WindowsTogether(After is not null ? "After" : "Around");
        if (Around is not null && (After is not null || Before is not null)) throw LoggingErrors.WindowsTogether("After or -Before");
        var now = TimeProvider.System.GetUtcNow();
        return new LogQuery
        {
            Patterns = Pattern,
            IsRegex = Regex,
            CaseSensitive = CaseSensitive,
            Not = Not,
            Level = Level,
            Servers = ServerNames.Resolve(Server, environment),
            Sources = Source,
            After = Around is { } around ? Moments.Subtract(around, Window) : Last is { } last ? Moments.Subtract(now, last) : After,
            // The end of the window is part of what a user calls "around".
            Before = Around is { } middle ? Moments.Add(Moments.Add(middle, Window), TimeSpan.FromTicks(1)) : Before,
            Where = Where is null ? null : await InvokeAsync(() => WhereTranslator.Translate(Where, SessionState)),
            CorrectClock = CorrectClock,
        };
    }

    /// <summary>What answers queries: the store that the parameters name, or the environment's engine.</summary>
    /// <exception cref="ProdOpsException">There is none.</exception>
    private protected Task<OpenSearch> OpenSearchAsync(ProdOpsEnvironment? environment) => LogSinks.OpenSearchAsync(this, Store, environment, Activity);
}
