using ProdOps.Recovery.Readiness.Items;

namespace ProdOps.Recovery.Readiness;

/// <summary>
/// Judges how ready for production an environment is, by facts alone: it reads nothing, and changes nothing. What is not known is never taken for met, and what is only declared never for all of it.
/// </summary>
internal sealed class ReadinessJudge(TimeProvider time)
{
    /// <summary>All items that apply to the environment, in the order of the catalogue.</summary>
    public IReadOnlyList<ReadinessItem> Judge(ReadinessFacts facts)
    {
        var now = time.GetUtcNow();
        var found = new List<(ReadinessKind Kind, Verdict Verdict)>();
        Add("backup-", () => new BackupItems(facts, now).All);
        Add("recovery-", () => new RecoveryItems(facts, now).All);
        Add("balancer-", () => new BalancerItems(facts, now).All);
        Add("monitor-", () => new MonitoringItems(facts, now).All);
        Add("log-", () => new LoggingItems(facts, now).All);
        var areas = found.GroupBy(static one => one.Kind.Area).ToDictionary(static area => area.Key, static area => area.Sum(static one => one.Kind.Weight));
        return [.. found.Select(one => ToItem(facts.Environment, one.Kind, one.Verdict, 100.0 / areas.Count / areas[one.Kind.Area], now))];

        void Add(string prefix, Func<IEnumerable<(string Item, Func<Verdict?> Judge)>> items)
        {
            // An environment that names what is not there must not keep anything else from being judged.
            if (!TryJudge(() => items().ToList(), out var all, out string why))
                found.AddRange(ReadinessCatalogue.All.Where(kind => kind.Item.StartsWith(prefix, StringComparison.Ordinal)).Select(kind => (kind, Verdict.Unknown(why))));
            foreach (var (item, judge) in all ?? [])
            {
                var verdict = TryJudge(judge, out var judged, out why) ? judged : Verdict.Unknown(why);
                if (verdict is not null) found.Add((ReadinessCatalogue.Find(item), verdict));
            }
        }
    }

    /// <summary>What the items come to.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="items">All of its items.</param>
    public ReadinessSummary Sum(ProdOpsEnvironment environment, IReadOnlyList<ReadinessItem> items)
    {
        var areas = items.GroupBy(static item => item.Area).OrderBy(static area => area.Key).Select(static area => new ReadinessAreaScore(
            area.Key, Round(area.Sum(static item => item.Score * item.Weight) / area.Sum(static item => item.Weight)),
            Count(area, ReadinessStatus.Met), Count(area, ReadinessStatus.Partly), Count(area, ReadinessStatus.Missing), Count(area, ReadinessStatus.Unknown))).ToList();
        var (point, recovery) = (items.FirstOrDefault(static item => item.Name == "backup-recovery-point"), items.FirstOrDefault(static item => item.Name == "recovery-time"));
        return new ReadinessSummary
        {
            Environment = environment.Name,
            Time = time.GetUtcNow(),
            Score = areas.Count == 0 ? 0 : Round(items.GroupBy(static item => item.Area).Average(static area => area.Sum(static item => item.Score * item.Weight) / area.Sum(static item => item.Weight))),
            Areas = areas,
            Met = Count(items, ReadinessStatus.Met),
            Partly = Count(items, ReadinessStatus.Partly),
            Missing = Count(items, ReadinessStatus.Missing),
            Unknown = Count(items, ReadinessStatus.Unknown),
            RecoveryPoint = Promise(point),
            RecoveryPointBasis = point?.Basis ?? ReadinessBasis.None,
            RecoveryTime = Promise(recovery),
            RecoveryTimeBasis = recovery?.Basis ?? ReadinessBasis.None,
            NextSteps = [.. items.Where(static item => item.Gain > 0).OrderByDescending(static item => item.Gain).Take(5)],
        };
    }

    private static string Promise(ReadinessItem? item) => item is null ? "" : (item.Measured, item.Objective) switch
    {
        ("", "") => "not known, and nothing was promised",
        ("", var promised) => $"not known; {promised} were promised",
        var (measured, promised) => promised.Length == 0 ? measured : $"{measured}; {promised} were promised",
    };

    private static ReadinessItem ToItem(ProdOpsEnvironment environment, ReadinessKind kind, Verdict verdict, double points, DateTimeOffset now)
    {
        double share = verdict.IsUnknown || !double.IsFinite(verdict.Score) ? 0 : Math.Clamp(verdict.Score, 0, 1);
        var status = verdict.IsUnknown ? ReadinessStatus.Unknown : share >= 1 ? ReadinessStatus.Met : share > 0 ? ReadinessStatus.Partly : ReadinessStatus.Missing;
        return new ReadinessItem
        {
            Environment = environment.Name,
            Area = kind.Area,
            Name = kind.Item,
            Title = kind.Title,
            Status = status,
            Score = Round(share * 100),
            Weight = kind.Weight,
            Gain = Round((1 - share) * kind.Weight * points),
            Message = verdict.Message,
            Evidence = verdict.Evidence,
            EvidenceTime = verdict.Time,
            EvidenceAge = verdict.Time is { } proved ? now > proved ? now - proved : TimeSpan.Zero : null,
            DecaysAt = Later(verdict, Decay.Fresh),
            ExpiresAt = Later(verdict, Decay.Gone),
            Objective = verdict.Objective,
            Measured = verdict.Measured,
            Basis = verdict.Basis,
            Advice = status == ReadinessStatus.Met ? "" : verdict.Advice,
        };
    }

    private static DateTimeOffset? Later(Verdict verdict, TimeSpan after) => verdict is { Decays: true, Time: { } time } && time <= DateTimeOffset.MaxValue - after ? time + after : null;

    /// <summary>Down to a tenth: 99.96 is not 100.</summary>
    private static double Round(double points) => Math.Floor(points * 10 + 1e-9) / 10;

    private static int Count(IEnumerable<ReadinessItem> items, ReadinessStatus status) => items.Count(item => item.Status == status);

    /// <summary>What was noted may be anything: whatever an item fails with, it is not known then, and the others are judged.</summary>
    private static bool TryJudge<T>(Func<T> judge, out T? judged, out string why)
    {
        try
        {
            (judged, why) = (judge(), "");
            return true;
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            (judged, why) = (default, $"it could not be judged: {error.Message}");
            return false;
        }
    }
}
