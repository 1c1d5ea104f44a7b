using System.Globalization;
using ProdOps.Backup.Restoring;
using ProdOps.Recovery.Execution.Steps;
using ProdOps.Recovery.Plans;
using ProdOps.Recovery.Topology;
using ProdOps.Servers.Commands;

namespace ProdOps.Recovery.Execution;

/// <summary>All that can be known before the first change. It collects what is wrong and changes nothing.</summary>
internal sealed class Preflight(RecoveryPlan plan, Server target, IReadOnlyList<PlannedStep> steps, ProdOpsEnvironment environment, IRecoveryAccess access, IActivity activity, TimeProvider time)
{
    private const string Facts = """
        id -u; uname -m
        (. /etc/os-release 2>/dev/null; printf '%s %s\n' "$ID" "$VERSION_ID"; printf '%s\n' "$ID_LIKE")
        df -Pk / | awk 'NR == 2 { print $4 }'
        awk '/^MemTotal:/ { print $2 }' /proc/meminfo
        cat /var/lib/prodops/server 2>/dev/null || echo

        """;

    private readonly List<string> _problems = [];
    private readonly HashSet<string> _warned = new(StringComparer.OrdinalIgnoreCase);
    private readonly SnapshotProof _proof = new();
    private readonly HashSet<Server> _reached = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Server, List<(string Path, long Size)>> _writes = new(ReferenceEqualityComparer.Instance);

    /// <summary>Takes a target that holds what belongs to another server, or seems to be too small.</summary>
    public bool Force { get; init; }

    /// <summary>Whether the target is a spare host: that it is nobody else's was seen to.</summary>
    public bool IsDrill { get; init; }

    /// <summary>Steps that a person has said to be done.</summary>
    public IReadOnlyList<string> Confirmed { get; init; } = [];

    /// <summary>Whether a person can be asked.</summary>
    public bool CanAsk { get; init; } = true;

    public async Task<IReadOnlyList<string>> RunAsync(CancellationToken cancellationToken)
    {
        if (!Force && !IsDrill && environment.Servers.FirstOrDefault(server => !IsPlans(server) && IsSame(server, target)) is { } other) _problems.Add(RecoveryErrors.TargetOfOther(target.Name, plan.Server, $"the environment has it as '{other.Name}'").Message);
        var wanted = steps.Where(step => !step.IsSkipped).ToArray();
        foreach (var group in wanted.GroupBy(step => step.Server)) await CheckAsync($"{group.Key.Name}", () => CheckServerAsync(group.Key, group.Any(NeedsRoot), cancellationToken), cancellationToken).ConfigureAwait(false);
        foreach (var step in wanted)
        {
            if (step.Step.Kind == RecoveryStepKind.Manual && !CanAsk && !Confirmed.Contains(step.Step.Name, StringComparer.OrdinalIgnoreCase)) _problems.Add(RecoveryErrors.ManualUnconfirmed(step.Step.Name).Message);
            foreach (var secret in SecretsOf(step.Step)) await CheckAsync(step.Step.Name, async () => (await access.SourceOf(secret).ResolveAsync(cancellationToken).ConfigureAwait(false)).Dispose(), cancellationToken).ConfigureAwait(false);
            if (step.Step.Kind is RecoveryStepKind.Restore or RecoveryStepKind.Database) await CheckAsync(step.Step.Name, () => CheckSnapshotAsync(step, cancellationToken), cancellationToken).ConfigureAwait(false);
            if (step.Step.Kind is RecoveryStepKind.LoadBalancer or RecoveryStepKind.Address) await CheckAsync(step.Step.Name, () => CheckBalancersAsync(step, cancellationToken), cancellationToken).ConfigureAwait(false);
            if (step.Step.Kind == RecoveryStepKind.Publish) await CheckAsync(step.Step.Name, () => Task.FromResult(Publications.SiteOf(environment, step.Step.LoadBalancer, step.Step.On.Length > 0 ? step.Step.On : step.Owner.Server)), cancellationToken).ConfigureAwait(false);
        }

        if (!Force) foreach (var step in steps.Where(step => step.HasNoBackup)) await CheckNoBackupAsync(step, cancellationToken).ConfigureAwait(false);
        foreach (var (server, writes) in _writes) await CheckAsync(server.Name, () => CheckRoomAsync(server, writes, cancellationToken), cancellationToken).ConfigureAwait(false);
        return [.. _problems.Distinct()];
    }

    public static IEnumerable<SecretReference> SecretsOf(RecoveryStep step) =>
        [.. step.Secrets.Values, .. step.Files.Select(file => file.Secret).OfType<SecretReference>(), .. step.Users.Select(user => user.PasswordHash).OfType<SecretReference>(), .. step.Verify.Select(check => check.Password).OfType<SecretReference>()];

    private static bool NeedsRoot(PlannedStep step) => step.Step.AsRoot && step.Step.Kind is not (RecoveryStepKind.LoadBalancer or RecoveryStepKind.Address or RecoveryStepKind.Wait or RecoveryStepKind.Manual or RecoveryStepKind.Verify);

    private bool IsPlans(Server server) => server.Name.Equals(plan.Server, StringComparison.OrdinalIgnoreCase);

    private static bool IsSame(Server one, Server other) => one.Name.Equals(other.Name, StringComparison.OrdinalIgnoreCase)
        || (one.Address is { } address && address.Equals(other.Address ?? other.Name, StringComparison.OrdinalIgnoreCase) && one.Ssh.Port == other.Ssh.Port);

    private async Task CheckServerAsync(Server server, bool asRoot, CancellationToken cancellationToken)
    {
        var shell = await access.OpenShellAsync(server, cancellationToken).ConfigureAwait(false);
        string[] facts = [.. (await shell.RunAsync(new ServerCommand(Facts) { AsRoot = asRoot, PosixLocale = true, Idempotent = true }, cancellationToken).ConfigureAwait(false)).EnsureSuccess().Lines];
        _reached.Add(server);
        if (facts.Length < 6) return;
        bool isTarget = ReferenceEquals(server, target);
        string name = isTarget ? plan.Server : server.Name;
        if (!Force && (isTarget || !server.IsLocal) && facts.Length > 6 && facts[6].Trim() is { Length: > 0 } holds && !holds.Equals(name, StringComparison.OrdinalIgnoreCase))
            _problems.Add(RecoveryErrors.TargetOfOther(server.Name, name, $"it was built as '{ProdOps.Servers.ServersErrors.Printable(holds)}'").Message);
        if (!isTarget) return;
        string system = facts[2].Trim(), id = system.Split(' ')[0];
        var requires = plan.Requires;
        if (requires.System.Count > 0 && !requires.System.Any(wanted => wanted.Equals(system, StringComparison.OrdinalIgnoreCase) || wanted.Equals(id, StringComparison.OrdinalIgnoreCase)))
            _problems.Add($"{server.Name}: its system is {ProdOps.Servers.ServersErrors.Printable(system)}, and the plan is for {string.Join(" or ", requires.System)}.");
        if (requires.Architecture is { } architecture && architecture != facts[1]) _problems.Add($"{server.Name}: its processor is {ProdOps.Servers.ServersErrors.Printable(facts[1])}, and the plan is for {architecture}.");
        Room(server, "free on /", facts[4], requires.FreeSpace);
        Room(server, "of memory", facts[5], requires.Memory);
    }

    private void Room(Server server, string what, string kilobytes, long? wanted)
    {
        if (wanted is { } least && long.TryParse(kilobytes, NumberStyles.None, CultureInfo.InvariantCulture, out long there) && there * 1024 < least)
            _problems.Add($"{server.Name}: {ByteSize.Format(there * 1024)} {what}, and the plan needs {ByteSize.Format(least)}.");
    }

    private async Task CheckSnapshotAsync(PlannedStep planned, CancellationToken cancellationToken)
    {
        var step = planned.Step;
        var work = (BackupWork)StepWork.Of(new StepContext(planned.Owner, step, planned.Server, environment, access, activity, time));
        var (_, snapshot) = await work.FindAsync(cancellationToken).ConfigureAwait(false);
        var findings = await work.ProveAsync(_proof, cancellationToken).ConfigureAwait(false);
        activity.Verbose($"'{step.Name}' restores {ByteSize.Format(findings.Bytes)} from snapshot {snapshot.Id.ToShortString()} of {snapshot.Time.ToDateTimeOffset():u}.");
        if (findings.Losses.Count > 0) _problems.Add($"{step.Name}: {RecoveryErrors.SnapshotNotWhole(snapshot.Id.ToShortString(), step.Set, findings.Losses).Message}");
        else if (_reached.Contains(planned.Server)) await AddWritesAsync(planned, work, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Who begins anew by mistake would find that out when the data is missed: refused where there is a backup, and where nobody can say that there is none.</summary>
    private async Task CheckNoBackupAsync(PlannedStep planned, CancellationToken cancellationToken)
    {
        var without = new List<(string Repository, ProdOpsException Why)>();
        try
        {
            var context = new StepContext(planned.Owner, planned.Step, planned.Server, environment, access, activity, time) { OnNotFound = (name, error) => without.Add((name, error)) };
            var (repository, snapshot) = await ((BackupWork)StepWork.Of(context)).FindAsync(cancellationToken).ConfigureAwait(false);
            _problems.Add(RecoveryErrors.BackupThere(planned.Step.Name, planned.Step.Set, snapshot.Id.ToShortString(), snapshot.Time.ToDateTimeOffset(), repository.Location).Message);
        }
        catch (ProdOpsException error) when (!cancellationToken.IsCancellationRequested)
        {
            activity.Verbose($"'{planned.Step.Name}' has no backup to restore from: {error.Message}");
            foreach (var (name, why) in without) TellUnasked(name, why);
        }
    }

    /// <summary>A place that cannot be asked yet may be built by this very plan. What has been answered by a repository, such as that the password is wrong, is none that is still to be built.</summary>
    private void TellUnasked(string name, ProdOpsException why)
    {
        if (why.ErrorId is "RepositoryNotFound" or "BucketNotFound" or "SnapshotNotFound") return;
        var repository = environment.Repositories.FirstOrDefault(one => one.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        string? host = repository is null ? null : RepositoryHosts.Of(environment, repository);
        bool isBuilt = host is not null && steps.Any(step => host.Equals(step.Owner.Server, StringComparison.OrdinalIgnoreCase) || host.Equals(step.Server.Name, StringComparison.OrdinalIgnoreCase));
        if (!isBuilt || why.ErrorId == "WrongPassword" || why.Kind == ErrorKind.InvalidData) _problems.Add(RecoveryErrors.BackupsUnknown(name, why.Message).Message);
        else if (_warned.Add(name)) activity.Warning($"Whether the repository '{name}' has backups is not known ({why.Message.TrimEnd('.')}). It is on '{host}', which this plan builds: it is taken for new.");
    }

    /// <summary>How much will be written; where that cannot be told before the steps above are done, none of it is counted.</summary>
    private async Task AddWritesAsync(PlannedStep planned, BackupWork work, CancellationToken cancellationToken)
    {
        try
        {
            var writes = await work.WritesAsync(cancellationToken).ConfigureAwait(false);
            if (!_writes.TryGetValue(planned.Server, out var all)) _writes[planned.Server] = all = [];
            all.AddRange(writes);
        }
        catch (ProdOpsException error) when (!cancellationToken.IsCancellationRequested)
        {
            activity.Verbose($"How much '{planned.Step.Name}' will write cannot be told before the steps above are done: {error.Message}");
        }
    }

    private async Task CheckRoomAsync(Server server, IReadOnlyList<(string Path, long Size)> writes, CancellationToken cancellationToken)
    {
        var room = await TargetRoom.AskAsync(await access.OpenShellAsync(server, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        var mounts = steps.Where(step => ReferenceEquals(step.Server, server) && !step.IsSkipped).SelectMany(step => step.Step.Verify).Where(check => check.Kind == HealthCheckKind.Script).Select(check => check.Target).ToHashSet(StringComparer.Ordinal);
        foreach (var (mountPoint, needed, free) in room.Lacking(writes, folder => mounts.Contains(MountPoints.IsThere(folder))))
        {
            string problem = $"{server.Name}: {ByteSize.Format(free)} free on {ProdOps.Servers.ServersErrors.Printable(mountPoint)}, and {ByteSize.Format(needed)} are restored there.";
            // A file system that packs its files may have room all the same.
            if (Force) activity.Warning(problem);
            else _problems.Add(problem);
        }
    }

    /// <summary>One balancer that can be reached is enough, and what is built by this very plan is not there yet.</summary>
    private async Task CheckBalancersAsync(PlannedStep planned, CancellationToken cancellationToken)
    {
        var entry = environment.LoadBalancers.First(entry => entry.Name.Equals(planned.Step.LoadBalancer, StringComparison.OrdinalIgnoreCase));
        ProdOpsException? first = null;
        foreach (string name in entry.Servers)
        {
            if (name.Equals(plan.Server, StringComparison.OrdinalIgnoreCase) || environment.Servers.FirstOrDefault(server => server.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is not { } server) return;
            try
            {
                await access.OpenShellAsync(server, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (ProdOpsException error) when (!cancellationToken.IsCancellationRequested)
            {
                first ??= error;
            }
        }

        if (first is not null) throw first;
    }

    private async Task CheckAsync(string what, Func<Task> check, CancellationToken cancellationToken)
    {
        try
        {
            await check().ConfigureAwait(false);
        }
        catch (ProdOpsException error) when (!cancellationToken.IsCancellationRequested)
        {
            _problems.Add($"{what}: {error.Message}");
        }
    }
}
