using ProdOps.Backup.Repositories;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Retention;

/// <summary>
/// Decides by a policy which snapshots stay. The guards only ever add to what the rules keep: what restic would keep stays, and what the rules would keep if
/// the suspicious snapshots were not there stays too. So a guard that errs costs room and no backup.
/// </summary>
internal sealed class RetentionPlanner(RetentionPolicy policy, SnapshotGrouping grouping, RetentionGuard guards, DateTimeOffset now, TimeZoneInfo zone)
{
    /// <summary>A decision for each snapshot, group by group, newest first.</summary>
    public IReadOnlyList<PlannedRetention> Plan(IEnumerable<RetentionCandidate> candidates)
    {
        if (policy.IsEmpty) throw BackupErrors.RetentionPolicyEmpty();
        var plan = new List<PlannedRetention>();
        foreach (var (group, members) in grouping.Split(candidates))
        {
            var decided = Decide(group, members);
            if (!decided.Any(decision => decision.Keep)) throw BackupErrors.RetentionRemovesAll(group.ToString());
            plan.AddRange(decided);
        }

        return plan;
    }

    private List<PlannedRetention> Decide(RetentionGroup group, List<RetentionCandidate> members)
    {
        var suspicious = new SnapshotSuspicion(guards, now).Find(members);
        // Where nothing is beyond suspicion (a repository that was copied, its files' times with it lost) there is nothing to be protected.
        if (suspicious.Count == members.Count) suspicious.Clear();
        var good = members.Where(member => !suspicious.ContainsKey(member.Snapshot.Id)).ToList();
        var byAll = Apply(members);
        var byGood = suspicious.Count == 0 ? byAll : Apply(good);
        var newest = guards.HasFlag(RetentionGuard.Newest) ? good[0] : null;
        return [.. members.Select(member =>
        {
            var reasons = byAll[member.Snapshot.Id];
            var remarks = new List<string>();
            if (suspicious.TryGetValue(member.Snapshot.Id, out string? suspicion)) remarks.Add($"counts for no rule: {suspicion}");
            else if (reasons.Count == 0 && byGood[member.Snapshot.Id] is { Count: > 0 } without) remarks.Add($"{string.Join(", ", without)}: suspicious ones do not count");
            bool keep = reasons.Count > 0 || (suspicion is null && remarks.Count > 0);
            if (!keep && member == newest)
            {
                remarks.Add("newest of its group");
                keep = true;
            }

            return new PlannedRetention(member, group, keep, reasons, remarks);
        })];
    }

    private Dictionary<ObjectId, IReadOnlyList<string>> Apply(List<RetentionCandidate> members)
    {
        var reasons = PolicyRules.Apply([.. members.Select(member => member.Snapshot)], policy, UnixTime.From(now), zone);
        return members.Zip(reasons).ToDictionary(pair => pair.First.Snapshot.Id, pair => pair.Second);
    }
}

/// <summary>What becomes of a snapshot, and why.</summary>
internal sealed record PlannedRetention(
    RetentionCandidate Candidate, RetentionGroup Group, bool Keep, IReadOnlyList<string> Reasons, IReadOnlyList<string> Remarks)
{
    public RetentionDecision ToModel(string location, bool removed = false) => new()
    {
        Snapshot = BackupModel.ToSnapshot(Candidate.Snapshot, location),
        Action = Keep ? RetentionAction.Keep : RetentionAction.Remove,
        Reasons = Reasons,
        Remarks = Remarks,
        Group = Group,
        Removed = removed,
        Repository = location,
    };
}
