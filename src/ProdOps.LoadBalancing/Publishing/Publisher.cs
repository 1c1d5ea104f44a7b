using ProdOps.LoadBalancing.HAProxy.Configuration;
using ProdOps.LoadBalancing.HAProxy;
using ProdOps.LoadBalancing.Nginx;
using ProdOps.LoadBalancing.Rendering;
using ProdOps.Servers.Commands;

namespace ProdOps.LoadBalancing.Publishing;

/// <summary>Publishes configurations: plans, then has each balancer check, keep, swap, reload and prove it, or puts back what was there.</summary>
/// <param name="open">Opens a server's shell.</param>
/// <param name="options">How.</param>
/// <param name="time">The clock.</param>
/// <param name="activity">Is told each step.</param>
internal sealed partial class Publisher(Func<string, CancellationToken, Task<IServerShell>> open, PublishOptions options, TimeProvider time, IActivity activity)
{
    /// <summary>Is told of a publication that failed and was put back.</summary>
    public Func<LoadBalancerPublication, Task> PutBack { get; init; } = static _ => Task.CompletedTask;

    /// <summary>What publishing would change, in the order in which it would: the standby of a pair first. Nothing is changed by planning.</summary>
    /// <param name="sites">The balancers.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="ProdOpsException">A balancer cannot be asked and the others are not to be changed alone, or refuses the configuration.</exception>
    public async Task<IReadOnlyList<PublishPlan>> PlanAsync(IReadOnlyList<BalancerSite> sites, CancellationToken cancellationToken)
    {
        var seen = new Dictionary<(string, LoadBalancerKind), (IServerShell Shell, BalancerFacts Facts)>();
        foreach (var site in sites)
        {
            try
            {
                seen[(site.Server, site.Kind)] = await LookAsync(site, cancellationToken).ConfigureAwait(false);
            }
            catch (ProdOpsException error)
            {
                if (!options.AllowPartial || sites.Count == 1) throw sites.Count == 1 ? error : LoadBalancingErrors.PublishPartial(site.Server, error);
                activity.Error(LoadBalancingErrors.PublishLeftOut(site.Server, error));
            }
        }

        var plans = new List<PublishPlan>();
        foreach (var site in sites.Where(site => seen.ContainsKey((site.Server, site.Kind))))
        {
            var (shell, facts) = seen[(site.Server, site.Kind)];
            var fitted = Fit(site, facts);
            var links = await LinksAsync(fitted, seen.Values.Select(one => (one.Shell, one.Facts)), cancellationToken).ConfigureAwait(false);
            RenderedFile[] rendered = [site.Kind == LoadBalancerKind.HAProxy ? HAProxyRenderer.Render(fitted) : NginxRenderer.Render(fitted), .. KeepalivedRenderer.Render(fitted, links)];
            if (rendered.Length > 1 && !facts.HasKeepalived) throw LoadBalancingErrors.ProgramMissing(site.Server, "keepalived");
            var (files, hash) = RenderedFile.Stamp(rendered);
            if (site.Kind == LoadBalancerKind.Nginx && facts.Files.TryGetValue(site.ConfigurationPath, out var there)) files = [KeepDown(files[0], there.Text), .. files.Skip(1)];
            plans.Add(await PlanAsync(shell, fitted, files, hash, facts, cancellationToken).ConfigureAwait(false));
        }

        return plans;
    }

    /// <summary>A plan for files that are known, such as a former revision's.</summary>
    public async Task<PublishPlan> PlanAsync(IServerShell shell, BalancerSite site, IReadOnlyList<RenderedFile> files, string hash, BalancerFacts facts, CancellationToken cancellationToken)
    {
        activity.Verbose($"{site.Server}: {Program(site.Kind)} {facts.Version}; revision {hash} against {facts.Current ?? "none"}.");
        int? process = site.Kind == LoadBalancerKind.HAProxy ? await CheckProcessAsync(shell, site, cancellationToken).ConfigureAwait(false) : null;
        foreach (var file in files.Where(file => !options.Force && facts.Files.TryGetValue(file.Path, out var there) && !RenderedFile.IsOurs(there.Text) && !there.IsStock && there.Text.Trim().Length > 0))
            throw LoadBalancingErrors.NotOurs(site.Server, file.Path);
        var warnings = await ConfigurationCheck.RunAsync(shell, site.Kind, files, options.AsRoot, cancellationToken).ConfigureAwait(false);
        if (site.Kind == LoadBalancerKind.HAProxy) await CheckFilesAsync(shell, site, files[0], process, cancellationToken).ConfigureAwait(false);
        RenderedFile[] changed = [.. files.Where(file => !facts.Files.TryGetValue(file.Path, out var there) || there.Text != file.Text)];
        bool unchanged = changed.Length == 0 && !facts.IsInterrupted && facts.Current?.EndsWith($"-{hash}", StringComparison.Ordinal) == true && await ServesAsync(shell, site, hash, cancellationToken).ConfigureAwait(false);
        string? main = facts.Files.TryGetValue(files[0].Path, out var former) && !former.IsStock ? former.Text : null;
        var changes = changed.Contains(files[0]) ? ConfigurationChanges.Of(site.Kind, main, files[0].Text).ToList() : [];
        changes.AddRange(changed.Where(file => file != files[0]).Select(file => $"{file.Path} {(facts.Files.ContainsKey(file.Path) ? "changes" : "is new")}"));
        if (changes.Count == 0 && !unchanged) changes.Add("the balancer does not serve by the configuration that it has: it is reloaded");
        return new PublishPlan
        {
            Shell = shell,
            Site = site,
            Files = files,
            Hash = hash,
            Facts = facts,
            KeepsFormer = facts.Files.Count > 0 && (facts.Current is null || !facts.Files.TryGetValue(files[0].Path, out var own) || RenderedFile.RevisionOf(own.Text) != HashOf(facts.Current)),
            Publication = new LoadBalancerPublication
            {
                LoadBalancer = site.Name,
                Server = site.Server,
                Status = unchanged ? LoadBalancerPublicationStatus.Unchanged : LoadBalancerPublicationStatus.Planned,
                Revision = unchanged ? facts.Current! : $"{facts.LastNumber + 1}-{hash}",
                PreviousRevision = facts.Current,
                Files = [.. changed.Select(file => new LoadBalancerFileChange(file.Path, TextDiff.Unified(file.Path, facts.Files.TryGetValue(file.Path, out var there) ? there.Text : null, file.Text)))],
                Changes = unchanged ? [] : changes,
                Warnings = facts.IsInterrupted ? [.. warnings, "an earlier publication was cut off: what was there before it is put back first"] : warnings,
                Time = time.GetUtcNow(),
            },
        };
    }

    /// <summary>Looks at a balancer's server.</summary>
    public async Task<(IServerShell Shell, BalancerFacts Facts)> LookAsync(BalancerSite site, CancellationToken cancellationToken)
    {
        var shell = await open(site.Server, cancellationToken).ConfigureAwait(false);
        var facts = await ReadFactsAsync(shell, site, cancellationToken).ConfigureAwait(false);
        if (!facts.HasProgram) throw LoadBalancingErrors.ProgramMissing(site.Server, Program(site.Kind));
        if (!facts.HasPerl) throw LoadBalancingErrors.ProgramMissing(site.Server, "perl");
        if (site.Kind == LoadBalancerKind.HAProxy && Version.TryParse(string.Join('.', facts.Version.Split('.', '-', '~', '+').Take(2)), out var version) && version < new Version(2, 4))
            throw LoadBalancingErrors.VersionTooOld(site.Server, facts.Version);
        return (shell, facts);
    }

    // Only root can become another user and shut itself into a folder.
    private BalancerSite Fit(BalancerSite site, BalancerFacts facts) => site with { User = options.AsRoot ? facts.User : null, Home = options.AsRoot ? facts.Home : null };

    /// <summary>A process that runs by other files would go on by them, whatever is published.</summary>
    /// <returns>The process; <see langword="null"/> if none runs.</returns>
    private async Task<int?> CheckProcessAsync(IServerShell shell, BalancerSite site, CancellationToken cancellationToken)
    {
        await using var balancer = new HAProxyBalancer(shell, new HAProxyBalancerOptions(), time);
        var setup = await balancer.ReadSetupAsync(cancellationToken).ConfigureAwait(false);
        await using var own = new HAProxyBalancer(shell, new HAProxyBalancerOptions { ConfigurationPath = site.ConfigurationPath }, time);
        int? process = (await own.ReadSetupAsync(cancellationToken).ConfigureAwait(false)).Pid;
        return setup.Pid is not null && process is null ? throw LoadBalancingErrors.OtherConfiguration(site.Server, site.ConfigurationPath, setup.Files) : process;
    }

    /// <summary>What HAProxy's own check does not look at: with more connections than it may open files for, it does not start.</summary>
    private async Task CheckFilesAsync(IServerShell shell, BalancerSite site, RenderedFile file, int? process, CancellationToken cancellationToken)
    {
        var configuration = HAProxyConfiguration.Parse([(file.Path, file.Text)]);
        var open = await OpenFiles.ReadAsync(shell, process, options.AsRoot, cancellationToken).ConfigureAwait(false);
        if (open.Limit is { } limit && open.NeededBy(configuration) is var needed && needed > limit)
            throw LoadBalancingErrors.TooFewOpenFiles(site.Server, needed, limit, Math.Max(0, open.MostConnections(configuration) - HAProxyRenderer.SpareConnections));
    }

    private Task<BalancerFacts> ReadFactsAsync(IServerShell shell, BalancerSite site, CancellationToken cancellationToken)
    {
        string[] files = site.Entries.Any(entry => entry.VirtualAddress is not null) ? [site.ConfigurationPath, KeepalivedRenderer.ConfigurationPath, KeepalivedRenderer.ScriptPath] : [site.ConfigurationPath];
        return BalancerFacts.ReadAsync(shell, options.FolderOf(site.Kind), site.Kind, files, options.AsRoot, cancellationToken);
    }

    /// <summary>How the balancers of a pair are connected to the network of their address: each has to name the others' own addresses.</summary>
    private async Task<Dictionary<(string Server, string Address), NetworkLink>> LinksAsync(BalancerSite site, IEnumerable<(IServerShell Shell, BalancerFacts Facts)> seen, CancellationToken cancellationToken)
    {
        // A server may be a balancer of both kinds.
        var known = seen.DistinctBy(one => one.Shell.Name, StringComparer.OrdinalIgnoreCase).ToDictionary(one => one.Shell.Name, one => (BalancerFacts?)one.Facts, StringComparer.OrdinalIgnoreCase);
        var links = new Dictionary<(string Server, string Address), NetworkLink>();
        foreach (var entry in site.Entries.Where(entry => entry.VirtualAddress is not null))
        {
            foreach (string server in entry.Servers)
            {
                string address = entry.VirtualAddress!;
                if (links.ContainsKey((server, address))) continue;
                // A peer that is not changed now, or cannot be reached, still has to be named.
                if (!known.TryGetValue(server, out var facts)) known[server] = facts = await TryLookAtPeerAsync(site, server, cancellationToken).ConfigureAwait(false);
                links[(server, address)] = facts is not null
                    ? facts.LinkTo(address, entry.VirtualInterface) ?? throw LoadBalancingErrors.NoNetwork(server, entry.Name, address)
                    : PeerOf(entry, server, site, known.GetValueOrDefault(site.Server)!) ?? throw LoadBalancingErrors.PeerUnknown(site.Server, server, entry.Name);
            }
        }

        return links;
    }

    private async Task<BalancerFacts?> TryLookAtPeerAsync(BalancerSite site, string server, CancellationToken cancellationToken)
    {
        try
        {
            return await BalancerFacts.ReadAsync(await open(server, cancellationToken).ConfigureAwait(false), options.FolderOf(site.Kind), site.Kind, [], options.AsRoot, cancellationToken).ConfigureAwait(false);
        }
        catch (ProdOpsException) when (options.AllowPartial)
        {
            return null;
        }
    }

    /// <summary>What a peer that cannot be reached is called there: as keepalived calls it already where it has that one alone, else as the environment has it, if that is of the same network.</summary>
    private static NetworkLink? PeerOf(LoadBalancerDefinition entry, string server, BalancerSite site, BalancerFacts own)
    {
        if (own.LinkTo(entry.VirtualAddress!, entry.VirtualInterface) is not { } link) return null;
        string? former = entry.Servers.Count == 2 && own.Files.TryGetValue(KeepalivedRenderer.ConfigurationPath, out var file) && RenderedFile.IsOurs(file.Text) ? KeepalivedRenderer.OnlyPeerOf(file.Text) : null;
        string? address = former ?? site.Balancers.GetValueOrDefault(server);
        return address is not null && link.Reaches(address) ? link with { Address = address } : null;
    }

    /// <summary>nginx' servers are taken out by a word in its configuration: one that is out stays so.</summary>
    private static RenderedFile KeepDown(RenderedFile file, string before)
    {
        var down = NginxUpstreams.Parse(before).Pools.SelectMany(pool => pool.Servers.Where(server => server.IsDown).Select(server => (Pool: pool.Name, server.Name))).ToList();
        foreach (var (pool, name) in down)
        {
            // Each change moves the places of what follows it.
            var fresh = NginxUpstreams.Parse(file.Text);
            if (fresh.Pools.FirstOrDefault(one => one.Name == pool)?.Servers.FirstOrDefault(one => one.Name == name) is { } server) file = file with { Text = fresh.WithDown(server, down: true) };
        }

        return file;
    }

    private static string HashOf(string revision) => revision[(revision.IndexOf('-', StringComparison.Ordinal) + 1)..];

    private static string Program(LoadBalancerKind kind) => kind == LoadBalancerKind.HAProxy ? "haproxy" : "nginx";
}
