using System.Management.Automation;
using System.Runtime.InteropServices;
using System.Security;
using System.Text;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Logging;
using ProdOps.Cmdlets.Monitoring;
using ProdOps.Cmdlets.Servers;
using ProdOps.Monitoring;
using ProdOps.Monitoring.Engines;
using ProdOps.Monitoring.History;
using ProdOps.Monitoring.Running;
using ProdOps.Recovery;
using ProdOps.Recovery.Consoles;
using ProdOps.Recovery.Consoles.Actions;
using ProdOps.Recovery.Readiness.Gathering;
using ProdOps.Recovery.Reports;
using ProdOps.Servers.Secrets;

namespace ProdOps.Cmdlets.Recovery;

/// <summary>Shows the environment's report in a browser and keeps it current, searches its logs and zooms into its metrics, until it is stopped.</summary>
[Cmdlet(VerbsLifecycle.Start, "ProdOpsConsole", SupportsShouldProcess = true)]
[OutputType(typeof(ProdOpsConsole))]
public sealed class StartProdOpsConsole : ReadinessCmdlet
{
    private const int ShortestToken = 16;

    private static readonly TimeSpan LeastInterval = TimeSpan.FromSeconds(1), AskAgain = TimeSpan.FromMinutes(5);

    private readonly Seldom<IReadOnlyList<BackupState>> _backups = new(AskAgain, TimeProvider.System);
    private readonly Seldom<IReadOnlyList<ServerClock>> _clocks = new(AskAgain, TimeProvider.System);

    /// <summary>The port.</summary>
    [Parameter(Position = 0, HelpMessage = "The port of this machine's loopback addresses to listen at. Default: any that is free.")]
    [ValidateRange(0, 65535)]
    public int Port { get; set; }

    /// <summary>Who has it is let in.</summary>
    [Parameter(HelpMessage = "What lets in, of 16 characters or more. Default: a new one each time, in the address that is emitted.")]
    [ValidateNotNull]
    public SecureString? Token { get; set; }

    /// <summary>How often it is looked anew.</summary>
    [Parameter(HelpMessage = "How old what is shown may be, e.g. 1m, while somebody looks at it. Default: 10s.")]
    [Duration(MostDays = DurationAttribute.Waitable)]
    public TimeSpan RefreshInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How far back it goes.</summary>
    [Parameter(HelpMessage = "How far the report's charts, events and logs go back, e.g. 7d. Availability is of 30 days in any case. Default: 24h.")]
    [Duration]
    public TimeSpan Last { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How many lines of logs.</summary>
    [Parameter(HelpMessage = "How many lines of logs are in the report at most, the newest that are a warning or worse; 0 for none. Default: 200.")]
    [ValidateRange(0, 20_000)]
    public int LogLines { get; set; } = 200;

    /// <summary>Let the console do something.</summary>
    [Parameter(HelpMessage = "Lets who has the token acknowledge incidents, and pause and resume notifications. Default: it only shows.")]
    public SwitchParameter AllowChange { get; set; }

    /// <summary>How long to run.</summary>
    [Parameter(HelpMessage = "How long to run, e.g. 8h. Default: until it is stopped.")]
    [Duration(MostDays = DurationAttribute.Waitable)]
    public TimeSpan For { get; set; }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        var environment = await RequireEnvironmentAsync();
        string token = Token is null ? ConsoleGate.NewToken() : await ReadAsync(Token, cancellationToken);
        // From now on no text shows it but the address that is emitted.
        SecretRedactor.Shared.Learn(Encoding.UTF8.GetBytes(token));
        if (!await ShouldProcessAsync($"this machine's port {(Port == 0 ? "that is free" : Port)}", $"Show '{environment.Name}' to who has the token{(AllowChange ? ", and let them acknowledge incidents and pause and resume notifications" : "")}")) return;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var sources = new ConsoleSources
        {
            Report = GatherAsync,
            Interval = RefreshInterval > LeastInterval ? RefreshInterval : LeastInterval,
            Time = TimeProvider.System,
            Zone = TimeZoneInfo.Local,
            Logs = async activity => await LogSinks.OpenSearchAsync(this, null, await RequireEnvironmentAsync(), activity),
            Condition = WhereTranslator.TranslateText,
            Metrics = OpenMetricsAsync,
            ServerNames = async () => [.. (await RequireEnvironmentAsync()).Servers.Select(static one => one.Name)],
            ServersOf = async names => names.Count == 0 ? names : ServerNames.Resolve(names, await RequireEnvironmentAsync(), MonitoringErrors.HistoryServerNotFound),
            Actions = !AllowChange ? null : new ActionSources { Folder = FindFolderAsync, By = HealthStoreAccess.UserName, Activity = Activity },
        };
        using var site = new ConsoleSite(sources, token, stop.Token);
        using var server = ConsoleServer.Listen(Port, site.AnswerAsync, TimeProvider.System, Activity);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            stop.Cancel();
        });
        if (For > TimeSpan.Zero) stop.CancelAfter(For);
        var running = server.RunAsync(stop.Token);
        try
        {
            await WriteObjectAsync(new ProdOpsConsole { Environment = environment.Name, Url = ConsoleGate.Address(server.Port, token), Port = server.Port, Started = TimeProvider.System.GetUtcNow() });
            await running;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Its time is over.
        }
        finally
        {
            await stop.CancelAsync();
            await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task<string> ReadAsync(SecureString token, CancellationToken cancellationToken)
    {
        using var given = await SecretSource.FromSecureString(token).ResolveAsync(cancellationToken);
        string text = Encoding.UTF8.GetString(given.Bytes.Span);
        return text.Length >= ShortestToken ? text : throw RecoveryErrors.ConsoleTokenShort(ShortestToken);
    }

    /// <summary>The report as it is now, of the environment's file as it is now.</summary>
    private async Task<Report> GatherAsync(CancellationToken cancellationToken)
    {
        var readiness = await SourcesAsync(await RequireEnvironmentAsync());
        return await new ReportGatherer(ReportInputs.Of(Sparing(readiness), Last, LogLines)).GatherAsync(cancellationToken);
    }

    /// <summary>The environment's engine, or the monitor's store as it is now.</summary>
    private async Task<OpenMetrics> OpenMetricsAsync()
    {
        var environment = await RequireEnvironmentAsync();
        if (environment.Monitoring.Engine is not null)
        {
            var connections = new EngineHttp(EngineOptions.Of(environment.Monitoring, null, new SessionVault(this)));
            return new OpenMetrics(new EngineSource(new EngineQueries(connections, Activity), TimeProvider.System), connections);
        }

        var store = (await FindFolderAsync()).Open(TimeProvider.System, Activity, readOnly: true);
        return new OpenMetrics(new StoreSource(store), store);
    }

    private async Task<MonitoringFolder> FindFolderAsync()
    {
        var environment = await RequireEnvironmentAsync();
        return await InvokeAsync(() => HealthStoreAccess.FolderOf(SessionState, null, environment));
    }

    /// <summary>Repositories and servers are not asked each time that somebody looks.</summary>
    private ReadinessSources Sparing(ReadinessSources sources) => sources with
    {
        Backups = sources.Backups is { } backups ? token => _backups.GetAsync(backups, token) : null,
        Clocks = sources.Clocks is { } clocks ? token => _clocks.GetAsync(clocks, token) : null,
    };
}
