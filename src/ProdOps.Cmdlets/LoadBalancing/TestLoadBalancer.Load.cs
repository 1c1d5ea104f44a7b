using System.Management.Automation;
using System.Runtime.ExceptionServices;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Servers;
using ProdOps.LoadBalancing;
using ProdOps.LoadBalancing.Load;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Connections;
using static System.FormattableString;

namespace ProdOps.Cmdlets.LoadBalancing;

/// <summary>The load itself: how much of what, and what is done meanwhile.</summary>
public sealed partial class TestLoadBalancer
{
    private ExceptionDispatchInfo? _failure;

    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>How many requests.</summary>
    [Parameter(ParameterSetName = NameSet, HelpMessage = "How many requests to send. Default: as many as -Rate has in -DurationSec.")]
    [Parameter(ParameterSetName = UrlSet, HelpMessage = "How many requests to send. Default: as many as -Rate has in -DurationSec.")]
    [ValidateRange(1L, 1_000_000_000L)]
    public long Requests { get; set; }

    /// <summary>Requests a second.</summary>
    [Parameter(ParameterSetName = NameSet, HelpMessage = "How many requests to send a second, whether or not those before were answered; 0 for as fast as they are answered. Default: 100.")]
    [Parameter(ParameterSetName = UrlSet, HelpMessage = "How many requests to send a second, whether or not those before were answered; 0 for as fast as they are answered. Default: 100.")]
    [ValidateRange(0, 100_000)]
    public double Rate { get; set; } = 100;

    /// <summary>How many connections.</summary>
    [Parameter(ParameterSetName = NameSet, HelpMessage = "How many connections there are at most, which is how many requests can be under way. Default: 20.")]
    [Parameter(ParameterSetName = UrlSet, HelpMessage = "How many connections there are at most, which is how many requests can be under way. Default: 20.")]
    [ValidateRange(1, 10_000)]
    public int Concurrency { get; set; } = 20;

    /// <summary>For how long.</summary>
    [Parameter(ParameterSetName = NameSet, HelpMessage = "For how many seconds to send requests. Default: 10; with -Requests or -ScriptBlock, as long as they take.")]
    [Parameter(ParameterSetName = UrlSet, HelpMessage = "For how many seconds to send requests. Default: 10; with -Requests or -ScriptBlock, as long as they take.")]
    [ValidateRange(1, 86_400)]
    public int DurationSec { get; set; }

    /// <summary>What is asked.</summary>
    [Parameter(ParameterSetName = NameSet, HelpMessage = "The method of the requests. POST and PUT have a body. Default: GET.")]
    [Parameter(ParameterSetName = UrlSet, HelpMessage = "The method of the requests. POST and PUT have a body. Default: GET.")]
    [ValidateSet("GET", "HEAD", "POST", "PUT")]
    public string Method { get; set; } = "GET";

    /// <summary>How large a body is.</summary>
    [Parameter(ParameterSetName = NameSet, HelpMessage = "How many bytes the body of a POST or PUT has. It begins with the request's id. Default: 23, the id alone.")]
    [Parameter(ParameterSetName = UrlSet, HelpMessage = "How many bytes the body of a POST or PUT has. It begins with the request's id. Default: 23, the id alone.")]
    [ValidateRange(0, 16 * 1024 * 1024)]
    public int BodySize { get; set; } = RequestIdLength;

    /// <summary>A connection for each request.</summary>
    [Parameter(ParameterSetName = NameSet, HelpMessage = "Opens a connection for each request instead of keeping them.")]
    [Parameter(ParameterSetName = UrlSet, HelpMessage = "Opens a connection for each request instead of keeping them.")]
    public SwitchParameter Close { get; set; }

    /// <summary>What each answer must hold.</summary>
    [Parameter(ParameterSetName = NameSet, HelpMessage = "A text that the beginning of each answer's body must hold, or it is counted as wrong.")]
    [Parameter(ParameterSetName = UrlSet, HelpMessage = "A text that the beginning of each answer's body must hold, or it is counted as wrong.")]
    [ValidateNotNullOrEmpty]
    public string? Contains { get; set; }

    /// <summary>How long an answer may take.</summary>
    [Parameter(ParameterSetName = NameSet, HelpMessage = "How many seconds an answer may take from when its request was due, connecting included. Default: 5.")]
    [Parameter(ParameterSetName = UrlSet, HelpMessage = "How many seconds an answer may take from when its request was due, connecting included. Default: 5.")]
    [ValidateRange(0.01, 3600)]
    public double TimeoutSec { get; set; } = 5;

    /// <summary>The header that says who answered.</summary>
    [Parameter(ParameterSetName = NameSet, HelpMessage = "The header of answers that names the server. Default: X-Served-By, X-Backend-Server or X-Server.")]
    [Parameter(ParameterSetName = UrlSet, HelpMessage = "The header of answers that names the server. Default: X-Served-By, X-Backend-Server or X-Server.")]
    [ValidatePattern("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")]
    public string[] ServerHeader { get; set; } = ["X-Served-By", "X-Backend-Server", "X-Server"];

    /// <summary>The cookie that says who answered.</summary>
    [Parameter(ParameterSetName = NameSet, HelpMessage = "The cookie of answers that names the server. Default: none.")]
    [Parameter(ParameterSetName = UrlSet, HelpMessage = "The cookie of answers that names the server. Default: none.")]
    [ValidatePattern("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")]
    public string? ServerCookie { get; set; }

    /// <summary>The authorities to believe.</summary>
    [Parameter(HelpMessage = "The PEM file of the authorities to believe. Default: the system's.")]
    [ValidateNotNullOrEmpty]
    public string? CACertificate { get; set; }

    /// <summary>Where servers write the ids of requests.</summary>
    [Parameter(ParameterSetName = NameSet, HelpMessage = "Logs on the servers that hold the X-Request-Id of each request, wildcards allowed: which requests were lost and which came twice is counted there, by sudo.")]
    [Parameter(ParameterSetName = UrlSet, HelpMessage = "Logs on the servers that hold the X-Request-Id of each request, wildcards allowed: which requests were lost and which came twice is counted there, by sudo.")]
    [ValidateNotNullOrEmpty]
    public string[]? IdLog { get; set; }

    /// <summary>What is done meanwhile.</summary>
    [Parameter(ParameterSetName = NameSet, HelpMessage = "What to do while requests are sent, Publish-LoadBalancer for one: they begin before it and end after it. What it emits comes before the result.")]
    [Parameter(ParameterSetName = UrlSet, HelpMessage = "What to do while requests are sent, Publish-LoadBalancer for one: they begin before it and end after it. What it emits comes before the result.")]
    [ValidateNotNull]
    public ScriptBlock? ScriptBlock { get; set; }

    // The engine's own constant cannot be a default here: PowerShell reads attributes and initialisers before the engine is loaded.
    private const int RequestIdLength = 23;

    private async Task TestUrlAsync(Uri url, LoadBalancerDefinition? entry, string environment, CancellationToken cancellationToken)
    {
        var options = await LoadOptionsAsync(url, entry);
        if (IdLog is not null && entry is null && Server is null) throw LoadBalancingErrors.IdLogWithoutServer();
        var result = await RunLoadAsync(options, cancellationToken) with { LoadBalancer = entry?.Name };
        if (IdLog is not null) result = await CountIdsAsync(result, await PoolAsync(entry, cancellationToken), cancellationToken);
        if (entry is not null) await EvidenceKeeper.KeepAsync(Activity, folder => folder.LoadTests, result.Start, environment, result, cancellationToken);
        await WriteObjectAsync(result);
        _failure?.Throw();
    }

    private async Task TestEntryAsync(LoadBalancerDefinition entry, ProdOpsEnvironment environment, CancellationToken cancellationToken)
    {
        var urls = FrontDoor.Of(entry, environment, Path);
        if (ScriptBlock is not null && urls.Count > 1) throw LoadBalancingErrors.LoadTestSeveralAddresses(entry.Name, urls.Select(url => url.Authority));
        foreach (var url in urls) await TestUrlAsync(url, entry, environment.Name, cancellationToken);
    }

    private async Task<IReadOnlyList<Server>> PoolAsync(LoadBalancerDefinition? entry, CancellationToken cancellationToken) => entry is null
        ? await GetServersAsync(cancellationToken)
        : await ServerAccess.ResolveAsync(entry.Pool.Select(name => new ServerReference(name)), LoadEnvironment(await InvokeAsync(() => SessionEnvironment.Of(SessionState, Environment))), error => throw error);

    private async Task<LoadOptions> LoadOptionsAsync(Uri url, LoadBalancerDefinition? entry)
    {
        string? ca = CACertificate is null ? null : await InvokeAsync(() => GetUnresolvedProviderPathFromPSPath(CACertificate));
        if (!url.IsAbsoluteUri || url.Scheme is not ("http" or "https")) throw LoadBalancingErrors.LoadTestUrlInvalid($"{url}");
        bool isBounded = Requests > 0 || ScriptBlock is not null;
        return new LoadOptions
        {
            Url = url,
            HostName = entry?.CheckHost,
            Method = Method.ToUpperInvariant(),
            BodySize = BodySize,
            Rate = Rate == 0 ? null : Rate,
            Connections = Concurrency,
            Requests = Requests > 0 ? Requests : long.MaxValue,
            Duration = TimeSpan.FromSeconds(DurationSec > 0 ? DurationSec : isBounded ? 86_400 : 10),
            Timeout = TimeSpan.FromSeconds(TimeoutSec),
            Close = Close,
            Contains = Contains,
            ServerHeaders = ServerHeader,
            ServerCookie = ServerCookie ?? entry?.StickyCookie,
            Tls = url.Scheme == "https" ? new CertificateTrust(ca, LoadBalancingErrors.CaCertificateUnreadable).Options : null,
        };
    }

    /// <summary>Sends the requests, and does meanwhile what is to be done. What that fails with is thrown when the result has been written.</summary>
    private async Task<LoadTestResult> RunLoadAsync(LoadOptions options, CancellationToken cancellationToken)
    {
        var generator = new LoadGenerator(options, TimeProvider.System);
        using var end = new CancellationTokenSource();
        var running = generator.RunAsync(end.Token, cancellationToken);
        try
        {
            if (ScriptBlock is not null)
            {
                await BegunAsync(generator, running, cancellationToken);
                await RunScriptAsync(ScriptBlock);
                if (Requests == 0 && DurationSec == 0) await end.CancelAsync();
            }

            while (await Task.WhenAny(running, Task.Delay(ProgressInterval, cancellationToken)) != running) TellProgress(generator, options);
            return await running;
        }
        finally
        {
            await end.CancelAsync();
            await ((Task)running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Waits until the first requests have ended, so that all that is done is done under load.</summary>
    private static async Task BegunAsync(LoadGenerator generator, Task running, CancellationToken cancellationToken)
    {
        while (!running.IsCompleted && generator.Statistics.Good + generator.Statistics.Failed == 0) await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, cancellationToken);
    }

    private Task RunScriptAsync(ScriptBlock block) => InvokeAsync(() =>
    {
        try
        {
            // As they come: a rolling update under load takes its time.
            foreach (var value in InvokeCommand.InvokeScript(useLocalScope: true, block, null)) WriteObject(value);
        }
        catch (RuntimeException error) when (error is not PipelineStoppedException)
        {
            _failure = ExceptionDispatchInfo.Capture(error);
        }

        return true;
    });

    private void TellProgress(LoadGenerator generator, LoadOptions options)
    {
        var seen = generator.Statistics;
        double? fraction = options.Requests == long.MaxValue ? null : (double)seen.Requests / options.Requests;
        Activity.Progress(new ActivityProgress($"Testing {options.Url.Host}", Invariant($"{seen.Requests:N0} requests, {seen.Failed:N0} failed"), fraction, null, false));
    }

    private async Task<LoadTestResult> CountIdsAsync(LoadTestResult result, IReadOnlyList<Server> servers, CancellationToken cancellationToken)
    {
        var shells = new List<IServerShell>();
        foreach (var server in servers) shells.Add(await OpenAsync(server, cancellationToken));
        var tally = new IdTally(result.Run, result.Requests);
        await tally.CountAsync(shells, IdLog!, result.Failed, TimeProvider.System, cancellationToken);
        return result with { Lost = tally.Lost, Replayed = tally.Replayed };
    }
}
