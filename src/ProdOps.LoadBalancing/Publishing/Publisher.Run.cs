using System.Security.Cryptography;
using System.Text;
using ProdOps.LoadBalancing.Rendering;

namespace ProdOps.LoadBalancing.Publishing;

internal sealed partial class Publisher
{
    /// <summary>Carries a plan out.</summary>
    /// <returns>How it ended: published.</returns>
    /// <exception cref="ProdOpsException">Nothing was changed, or what was there before is there again; the message says which and why.</exception>
    public async Task<LoadBalancerPublication> RunAsync(PublishPlan plan, CancellationToken cancellationToken)
    {
        if (plan.IsNothing) return plan.Publication;
        long began = time.GetTimestamp();
        var (shell, site) = (plan.Shell, plan.Site);
        var store = new BalancerStore(shell, options.FolderOf(site.Kind), options.AsRoot);
        await using var held = await BalancerLock.TakeAsync(shell, store.LockFile, $"{options.By} since {time.GetUtcNow():yyyy-MM-dd HH:mm:ss}Z", options.AsRoot, time, cancellationToken).ConfigureAwait(false);
        // What was planned is looked at again now that nobody else changes it.
        var facts = await ReadFactsAsync(shell, site, cancellationToken).ConfigureAwait(false);
        if (facts.IsInterrupted)
        {
            activity.Warning($"{site.Server}: an earlier publication was cut off. What was there before it is put back first.");
            await PutBackAsync(store, held, plan, before: null, CancellationToken.None).ConfigureAwait(false);
            facts = await ReadFactsAsync(shell, site, cancellationToken).ConfigureAwait(false);
            plan = await PlanAsync(shell, site, plan.Files, plan.Hash, facts, cancellationToken).ConfigureAwait(false);
            if (plan.IsNothing) return plan.Publication;
        }

        var now = plan.Files.Select(file => (file.Path, Text: plan.Facts.Files.TryGetValue(file.Path, out var there) ? there.Text : null)).ToArray();
        int number = facts.LastNumber + 1;
        if (plan.KeepsFormer) await KeepFormerAsync(store, held, plan, number++, cancellationToken).ConfigureAwait(false);
        string revision = $"{number}-{plan.Hash}";
        var before = await ReadServiceAsync(plan, cancellationToken).ConfigureAwait(false);
        await store.BeginAsync(held.Token, now, cancellationToken).ConfigureAwait(false);
        try
        {
            activity.Verbose($"{site.Server}: revision {revision} is put in place.");
            await store.WriteAsync(held.Token, [.. plan.Files.Where(file => plan.Facts.Files.GetValueOrDefault(file.Path)?.Text != file.Text)], cancellationToken).ConfigureAwait(false);
            await TakeUpAsync(plan, before, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is ProdOpsException or OperationCanceledException)
        {
            await GiveUpAsync(store, held, plan, before, plan.Publication with { Status = LoadBalancerPublicationStatus.PutBack, Revision = revision, Duration = time.GetElapsedTime(began), Time = time.GetUtcNow() }, error).ConfigureAwait(false);
            throw;
        }

        // From here on it serves: being stopped must not leave it half noted.
        var manifest = new RevisionManifest
        {
            Id = revision,
            Entries = site.Name,
            Time = time.GetUtcNow(),
            By = options.By,
            Changes = plan.Publication.Changes,
            Files = [.. plan.Files.Select(file => new RevisionFile(file.Path, BalancerStore.Mode(file)))],
        };
        await store.KeepAsync(held.Token, manifest, plan.Files, isCurrent: true, CancellationToken.None).ConfigureAwait(false);
        await store.EndAsync(held.Token, CancellationToken.None).ConfigureAwait(false);
        return plan.Publication with { Status = LoadBalancerPublicationStatus.Published, Revision = revision, Duration = time.GetElapsedTime(began), Time = manifest.Time };
    }

    /// <summary>Puts back what was there, whatever the wish to stop, and says so if even that fails.</summary>
    private async Task GiveUpAsync(BalancerStore store, BalancerLock held, PublishPlan plan, Service before, LoadBalancerPublication failed, Exception error)
    {
        activity.Verbose($"{plan.Site.Server}: {error.Message} What was there before is put back.");
        try
        {
            await PutBackAsync(store, held, plan, before, CancellationToken.None).ConfigureAwait(false);
        }
        catch (ProdOpsException worse)
        {
            throw LoadBalancingErrors.NotPutBack(plan.Site.Server, error, worse);
        }

        // Whoever stops it has not seen it fail.
        if (error is not ProdOpsException known) return;
        await PutBack(failed).ConfigureAwait(false);
        throw LoadBalancingErrors.PutBack(plan.Site.Server, known);
    }

    private async Task PutBackAsync(BalancerStore store, BalancerLock held, PublishPlan plan, Service? before, CancellationToken cancellationToken)
    {
        await store.RestoreAsync(held.Token, cancellationToken).ConfigureAwait(false);
        var facts = await ReadFactsAsync(plan.Shell, plan.Site, cancellationToken).ConfigureAwait(false);
        await ReloadAsync(plan, facts.Files.GetValueOrDefault(plan.Site.ConfigurationPath)?.Text ?? "", before?.States, mayStart: false, cancellationToken).ConfigureAwait(false);
        if (facts.HasSystemd && plan.Files.Count > 1) await PutKeepalivedBackAsync(plan, facts, before?.KeepsAddress, cancellationToken).ConfigureAwait(false);
        await store.EndAsync(held.Token, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Keeps files that are no revision: those of the admin's own that are replaced, and ours that were changed by hand.</summary>
    private async Task KeepFormerAsync(BalancerStore store, BalancerLock held, PublishPlan plan, int number, CancellationToken cancellationToken)
    {
        RenderedFile[] files = [.. plan.Files.Where(file => plan.Facts.Files.ContainsKey(file.Path)).Select(file => new RenderedFile(file.Path, plan.Facts.Files[file.Path].Text, plan.Facts.Files[file.Path].Mode.EndsWith('5')))];
        if (files.Length == 0) return;
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(files.Select(file => $"{file.Path}\0{file.Text}\0")))))[..8];
        await store.KeepAsync(held.Token, new RevisionManifest
        {
            Id = $"{number}-{hash}",
            Entries = plan.Site.Name,
            Time = time.GetUtcNow(),
            Changes = [plan.Facts.Current is null ? "what was there before ProdOps" : $"what was made of {plan.Facts.Current} by hand"],
            Files = [.. files.Select(file => new RevisionFile(file.Path, BalancerStore.Mode(file)))],
        }, files, isCurrent: false, cancellationToken).ConfigureAwait(false);
    }
}
