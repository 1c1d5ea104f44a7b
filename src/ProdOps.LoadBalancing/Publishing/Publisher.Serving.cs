using ProdOps.LoadBalancing.HAProxy;
using ProdOps.LoadBalancing.HAProxy.Replies;
using ProdOps.LoadBalancing.Nginx;
using ProdOps.LoadBalancing.Rendering;
using ProdOps.Servers.Commands;
using static System.FormattableString;

namespace ProdOps.LoadBalancing.Publishing;

/// <summary>Has balancers take a configuration up, and sees whether they serve by it.</summary>
internal sealed partial class Publisher
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    /// <summary>How a balancer served before.</summary>
    /// <param name="Pools">Its pools; empty if it did not run.</param>
    /// <param name="Answering">The entries whose front door answered.</param>
    /// <param name="States">What HAProxy's servers were; <see langword="null"/> if it could not say.</param>
    /// <param name="KeepsAddress">Whether keepalived ran.</param>
    private sealed record Service(IReadOnlyList<BackendPool> Pools, IReadOnlySet<string> Answering, string? States, bool KeepsAddress);

    private async Task<Service> ReadServiceAsync(PublishPlan plan, CancellationToken cancellationToken)
    {
        var answering = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in plan.Site.Entries)
            if (await FrontDoor.AskAsync(plan.Shell, entry, cancellationToken).ConfigureAwait(false) is null) answering.Add(entry.Name);
        IReadOnlyList<BackendPool> pools = [];
        string? states = null;
        if (plan.Site.Kind == LoadBalancerKind.HAProxy)
        {
            try
            {
                await using var balancer = Open(plan, socket: null);
                pools = (await balancer.ReadAsync(cancellationToken).ConfigureAwait(false)).Pools;
                states = await balancer.AskAsync("show servers state", cancellationToken).ConfigureAwait(false);
            }
            catch (ProdOpsException error)
            {
                activity.Verbose($"{plan.Site.Server}: how it serves now cannot be told: {error.Message}");
            }
        }

        bool keeps = plan.Files.Count > 1 && (await plan.Shell.RunAsync(new ServerCommand("systemctl is-active -q keepalived") { Idempotent = true }, cancellationToken).ConfigureAwait(false)).Exit.Succeeded;
        return new Service(pools, answering, states, keeps);
    }

    /// <summary>Reloads, and waits until everything that worked before does so again.</summary>
    private async Task TakeUpAsync(PublishPlan plan, Service before, CancellationToken cancellationToken)
    {
        await ReloadAsync(plan, plan.Files[0].Text, before.States, mayStart: true, cancellationToken).ConfigureAwait(false);
        // One for all that is looked at from here on: it keeps its helper on the server.
        await using var balancer = Open(plan, plan.Site.Socket);
        long began = time.GetTimestamp();
        while (await WrongAsync(plan, balancer, before, cancellationToken).ConfigureAwait(false) is { } wrong)
        {
            if (time.GetElapsedTime(began) > options.Timeout) throw LoadBalancingErrors.NotServing(plan.Site.Server, wrong);
            activity.Verbose($"{plan.Site.Server}: not yet: {wrong}.");
            await Task.Delay(Poll, time, cancellationToken).ConfigureAwait(false);
        }

        activity.Verbose($"{plan.Site.Server}: serves as before.");
        if (plan.Site.Kind == LoadBalancerKind.HAProxy && options.Settle > TimeSpan.Zero) await SettleAsync(plan, balancer, before, cancellationToken).ConfigureAwait(false);
        // Each revision says in all files which it is; keepalived, which has the address, is left alone for that.
        if (plan.Files.Skip(1).Any(file => !before.KeepsAddress || file.Differs(plan.Facts.Files.GetValueOrDefault(file.Path)?.Text))) await KeepalivedAsync(plan, cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> ServesAsync(IServerShell shell, BalancerSite site, string hash, CancellationToken cancellationToken)
    {
        if (site.Kind == LoadBalancerKind.Nginx) return await NginxWorkersAsync(shell, cancellationToken).ConfigureAwait(false) is { Length: > 0 };
        try
        {
            await using var balancer = new HAProxyBalancer(shell, new HAProxyBalancerOptions { Socket = site.Socket, ConfigurationPath = site.ConfigurationPath }, time);
            return await RevisionAsync(balancer, cancellationToken).ConfigureAwait(false) == hash;
        }
        catch (ProdOpsException)
        {
            return false;
        }
    }

    /// <summary>What is not yet as it was before; <see langword="null"/> when all is.</summary>
    private static async Task<string?> WrongAsync(PublishPlan plan, HAProxyBalancer balancer, Service before, CancellationToken cancellationToken)
    {
        var up = plan.Site.Entries.Select(entry => entry.Name).ToHashSet(StringComparer.Ordinal);
        if (plan.Site.Kind == LoadBalancerKind.HAProxy)
        {
            try
            {
                if (await RevisionAsync(balancer, cancellationToken).ConfigureAwait(false) != plan.Hash) return "the process that serves does not run by the new configuration";
                var processes = await balancer.AskMasterAsync("show proc", cancellationToken).ConfigureAwait(false) is { } text ? HAProxyProcesses.Parse(text) : null;
                if (processes is { Failed: > 0 }) return "the master process says that the reload failed";
                var (info, table) = await balancer.ReadFiguresAsync(cancellationToken).ConfigureAwait(false);
                foreach (var entry in plan.Site.Entries.Where(entry => !table.Rows.Any(row => row.IsFrontend && row.Proxy == entry.Name && row.Status == "OPEN"))) return $"the frontend {entry.Name} is not open";
                foreach (var pool in new HAProxyOverview(info, table).Pools(_ => null))
                {
                    if (pool.Up == 0) up.Remove(pool.Name);
                    int wanted = Math.Min(before.Pools.FirstOrDefault(one => one.Name == pool.Name)?.Up ?? 0, pool.Servers);
                    if (pool.Up < wanted) return Invariant($"pool {pool.Name} has {pool.Up} healthy servers, and had {wanted}");
                }
            }
            catch (ProdOpsException error)
            {
                return error.Message;
            }
        }

        foreach (var entry in plan.Site.Entries.Where(entry => before.Answering.Contains(entry.Name) || (plan.Site.Kind == LoadBalancerKind.HAProxy && up.Contains(entry.Name))))
            if (await FrontDoor.AskAsync(plan.Shell, entry, cancellationToken).ConfigureAwait(false) is { } wrong) return $"{entry.Name} does not answer on port {entry.Port} ({wrong})";
        return null;
    }

    /// <summary>Counts for a while: a share of errors that is clearly above that of before is the new configuration's.</summary>
    private async Task SettleAsync(PublishPlan plan, HAProxyBalancer balancer, Service before, CancellationToken cancellationToken)
    {
        await Task.Delay(options.Settle, time, cancellationToken).ConfigureAwait(false);
        var (info, table) = await balancer.ReadFiguresAsync(cancellationToken).ConfigureAwait(false);
        foreach (var pool in new HAProxyOverview(info, table).Pools(_ => null).Where(pool => pool.Total >= 20))
        {
            var former = before.Pools.FirstOrDefault(one => one.Name == pool.Name);
            double share = (double)pool.ServerErrors / pool.Total, was = former is { Total: > 0 } ? (double)former.ServerErrors / former.Total : 0;
            if (share > was + 0.05) throw LoadBalancingErrors.NotServing(plan.Site.Server, Invariant($"{share:P0} of the answers of pool {pool.Name} are errors (5xx), and {was:P0} were before"));
        }
    }

    /// <param name="plan">The plan.</param>
    /// <param name="text">The configuration that is taken up.</param>
    /// <param name="states">What HAProxy's servers are to begin with; <see langword="null"/> for what they are now.</param>
    /// <param name="mayStart">Whether a balancer that does not run is started.</param>
    /// <param name="cancellationToken">Stops.</param>
    private Task ReloadAsync(PublishPlan plan, string text, string? states, bool mayStart, CancellationToken cancellationToken) =>
        plan.Site.Kind == LoadBalancerKind.Nginx ? ReloadNginxAsync(plan, mayStart, cancellationToken) : ReloadHAProxyAsync(plan, text, states, mayStart, cancellationToken);

    private async Task ReloadHAProxyAsync(PublishPlan plan, string text, string? states, bool mayStart, CancellationToken cancellationToken)
    {
        await using var balancer = Open(plan, socket: null);
        var setup = await balancer.ReadSetupAsync(cancellationToken).ConfigureAwait(false);
        if (setup.Pid is not { } pid)
        {
            if (mayStart) await StartAsync(plan, "haproxy", cancellationToken).ConfigureAwait(false);
            return;
        }

        await KeepStatesAsync(plan, balancer, text, states, cancellationToken).ConfigureAwait(false);
        activity.Verbose($"{plan.Site.Server}: HAProxy is reloaded.");
        if (await TryMasterAsync(balancer, cancellationToken).ConfigureAwait(false)) return;
        // Without the master's socket by the signal that it takes for the same (Management Guide, section 4).
        (await plan.Shell.RunAsync(new ServerCommand(Invariant($"kill -USR2 {pid}")) { AsRoot = options.AsRoot }, cancellationToken).ConfigureAwait(false)).EnsureSuccess();
    }

    private static async Task<bool> TryMasterAsync(HAProxyBalancer balancer, CancellationToken cancellationToken)
    {
        try
        {
            return await balancer.ReloadAsync(cancellationToken).ConfigureAwait(false) is not null;
        }
        catch (ProdOpsException error) when (error.ErrorId == "HAProxyUnreachable")
        {
            // It was taken, and the process that should answer is no more; whether it worked is seen by what runs then.
            return true;
        }
    }

    private async Task KeepStatesAsync(PublishPlan plan, HAProxyBalancer balancer, string text, string? states, CancellationToken cancellationToken)
    {
        try
        {
            states ??= await balancer.AskAsync("show servers state", cancellationToken).ConfigureAwait(false);
            await StateFile.TryWriteAsync(plan.Shell, plan.Site.StateFile, System.Text.Encoding.UTF8.GetBytes(HAProxyStates.ForReload(states, text)), cancellationToken).ConfigureAwait(false);
        }
        catch (ProdOpsException error)
        {
            activity.Warning($"{plan.Site.Server}: what servers were told to be (drained, in maintenance) could not be kept over the reload: {error.Message}");
        }
    }

    private async Task StartAsync(PublishPlan plan, string unit, CancellationToken cancellationToken)
    {
        if (!plan.Facts.HasSystemd) throw LoadBalancingErrors.NotRunning(plan.Site.Server, unit);
        var output = await plan.Shell.RunAsync(new ServerCommand($"systemctl enable {unit} >/dev/null 2>&1; systemctl start {unit} || {{ journalctl -u {unit} -n 5 --no-pager -o cat; exit 1; }}") { AsRoot = true, PosixLocale = true }, cancellationToken).ConfigureAwait(false);
        if (!output.Exit.Succeeded) throw LoadBalancingErrors.NotStarted(plan.Site.Server, unit, output.Text + output.ErrorText);
    }

    private async Task KeepalivedAsync(PublishPlan plan, CancellationToken cancellationToken)
    {
        if (!plan.Facts.HasSystemd) throw LoadBalancingErrors.NotRunning(plan.Site.Server, "keepalived");
        await plan.Shell.RunAsync(new ServerCommand("systemctl enable keepalived >/dev/null 2>&1") { AsRoot = true }, cancellationToken).ConfigureAwait(false);
        await RunKeepalivedAsync(plan, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Has keepalived read what is there again, as it did before; one that had not run, or has no configuration any more, is stopped. An address moves by what keepalived has read, so that it does is looked at.
    /// </summary>
    /// <param name="plan">The plan.</param>
    /// <param name="facts">What is there now.</param>
    /// <param name="ran">Whether it ran before; <see langword="null"/> if that is not known.</param>
    /// <param name="cancellationToken">Stops.</param>
    private async Task PutKeepalivedBackAsync(PublishPlan plan, BalancerFacts facts, bool? ran, CancellationToken cancellationToken)
    {
        if (ran == false || !facts.Files.ContainsKey(Rendering.KeepalivedRenderer.ConfigurationPath))
        {
            (await plan.Shell.RunAsync(new ServerCommand("systemctl stop keepalived") { AsRoot = true }, cancellationToken).ConfigureAwait(false)).EnsureSuccess();
            return;
        }

        bool runs = (await plan.Shell.RunAsync(new ServerCommand("systemctl is-active -q keepalived") { Idempotent = true }, cancellationToken).ConfigureAwait(false)).Exit.Succeeded;
        // Nobody knows of a run that was cut off whether keepalived had run before it: one that does not is left.
        if (runs || ran == true) await RunKeepalivedAsync(plan, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Has keepalived read its configuration, and sees that it goes on: what it cannot live by ends it a moment later.</summary>
    private static async Task RunKeepalivedAsync(PublishPlan plan, CancellationToken cancellationToken)
    {
        const string script = """
            if systemctl is-active -q keepalived; then systemctl reload keepalived; else systemctl reset-failed keepalived 2>/dev/null; systemctl start keepalived; fi || exit 1
            for i in 1 2 3 4 5; do sleep 0.3; systemctl is-active -q keepalived || { journalctl -u keepalived -n 5 --no-pager -o cat; exit 1; }; done
            """;
        var output = await plan.Shell.RunAsync(new ServerCommand(script) { AsRoot = true, PosixLocale = true }, cancellationToken).ConfigureAwait(false);
        if (!output.Exit.Succeeded) throw LoadBalancingErrors.NotStarted(plan.Site.Server, "keepalived", output.Text + output.ErrorText);
    }

    private async Task ReloadNginxAsync(PublishPlan plan, bool mayStart, CancellationToken cancellationToken)
    {
        string[] old = await NginxWorkersAsync(plan.Shell, cancellationToken).ConfigureAwait(false);
        if (old.Length == 0)
        {
            if (mayStart) await StartAsync(plan, "nginx", cancellationToken).ConfigureAwait(false);
            return;
        }

        var output = await plan.Shell.RunAsync(new ServerCommand("PATH=$PATH:/usr/sbin:/sbin; nginx -s reload") { AsRoot = options.AsRoot, PosixLocale = true }, cancellationToken).ConfigureAwait(false);
        if (!output.Exit.Succeeded) throw LoadBalancingErrors.NotStarted(plan.Site.Server, "nginx", output.ErrorText);
        // Workers of a configuration that nginx could not take up stay; those of the new one are others.
        long began = time.GetTimestamp();
        while ((await NginxWorkersAsync(plan.Shell, cancellationToken).ConfigureAwait(false)).Except(old).FirstOrDefault() is null)
        {
            if (time.GetElapsedTime(began) > options.Timeout) throw LoadBalancingErrors.NotServing(plan.Site.Server, "nginx did not take the new configuration up; its error log says why");
            await Task.Delay(Poll, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<string[]> NginxWorkersAsync(IServerShell shell, CancellationToken cancellationToken) =>
        [.. (await shell.RunAsync(new ServerCommand($"{NginxScripts.Functions}workers \"$(master)\"") { AsRoot = options.AsRoot, Idempotent = true, PosixLocale = true }, cancellationToken).ConfigureAwait(false)).Lines];

    private HAProxyBalancer Open(PublishPlan plan, string? socket) =>
        new(plan.Shell, new HAProxyBalancerOptions { Socket = socket, ConfigurationPath = plan.Site.ConfigurationPath, Entries = plan.Site.Entries }, time);

    private static async Task<string?> RevisionAsync(HAProxyBalancer balancer, CancellationToken cancellationToken) =>
        HAProxyInfo.Parse(await balancer.AskAsync("show info", cancellationToken).ConfigureAwait(false))?["description"] is { } text && text.StartsWith("prodops-", StringComparison.Ordinal) ? text["prodops-".Length..] : null;
}
