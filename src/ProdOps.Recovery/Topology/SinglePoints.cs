namespace ProdOps.Recovery.Topology;

/// <summary>Finds what takes an environment's services, data or backups down alone. It asks nobody: what was measured it is given.</summary>
internal sealed class SinglePoints
{
    /// <summary>As many things are tried two by two; of more there are too many pairs to wait for.</summary>
    public const int MaximumForPairs = 300;

    private readonly TopologyModel _model;
    private readonly TopologyMeasurements _measured;
    private readonly FailureFinder _finder;
    private readonly FailureAdvice _advice;

    /// <param name="model">The environment's graph.</param>
    /// <param name="measured">What was measured.</param>
    public SinglePoints(TopologyModel model, TopologyMeasurements measured)
    {
        (_model, _measured) = (model, measured);
        _finder = new FailureFinder(model.Graph, [.. model.Services, .. model.Data.Select(data => data.Node)]);
        _advice = new FailureAdvice(model, _finder, measured);
    }

    /// <summary>What is found, the worst first.</summary>
    public IReadOnlyList<SinglePointOfFailure> Find() =>
    [
        .. Order(_finder.Alone().SelectMany(Tell)
            .Concat(new CapacityRules(_model, _measured).Find())
            .Concat(new BackupRules(_model, _measured).Find())
            .Concat(new SecretRules(_model).Find())
            .Concat(new WatchRules(_model, _measured).Find())),
    ];

    /// <summary>What two things take down together that neither does alone.</summary>
    /// <exception cref="ProdOpsException">There are too many.</exception>
    public IReadOnlyList<SinglePointOfFailure> FindPairs(CancellationToken cancellationToken)
    {
        int count = _finder.Candidates().Count;
        if (count > MaximumForPairs) throw RecoveryErrors.TooManyForPairs(count, MaximumForPairs);
        return [.. Order(_finder.Pairs(cancellationToken).SelectMany(Tell))];
    }

    private static IEnumerable<SinglePointOfFailure> Order(IEnumerable<SinglePointOfFailure> points) => points
        .OrderBy(point => point.Kind).ThenByDescending(point => point.Affected.Count)
        .ThenBy(point => point.ComponentKind).ThenBy(point => point.Component, StringComparer.OrdinalIgnoreCase);

    private IEnumerable<SinglePointOfFailure> Tell(Failure failure)
    {
        var services = failure.Down.Where(node => node.Kind == TopologyNodeKind.Service).ToList();
        if (services.Count > 0) yield return Point(failure, services, SinglePointKind.Service);
        var data = failure.Down.Where(node => node.Kind == TopologyNodeKind.Data).ToList();
        if (data.Count > 0) yield return Point(failure, data, SinglePointKind.Data);
        var waiting = failure.UntilSwitched.Where(node => node.Kind == TopologyNodeKind.Service).ToList();
        if (waiting.Count > 0) yield return Point(failure, waiting, SinglePointKind.Failover);
    }

    private SinglePointOfFailure Point(Failure failure, IReadOnlyList<TopologyNode> entries, SinglePointKind kind)
    {
        var path = _finder.Path(entries[0], failure.Nodes);
        string component = string.Join(" + ", failure.Nodes.Select(node => node.Name)), names = Few(entries.Select(node => node.Name));
        string fails = failure.Nodes.Count > 1 ? "fail together" : "fails", be = entries.Count == 1 ? "is" : "are";
        var (estimate, basis) = kind == SinglePointKind.Failover ? _advice.SwitchTime(path) : (null, EstimateBasis.None);
        return new SinglePointOfFailure
        {
            Component = component,
            ComponentKind = KindOf(failure.Nodes[0]),
            Kind = kind,
            Affected = [.. entries.Select(node => node.Name)],
            Message = kind switch
            {
                SinglePointKind.Data => $"{names} {be} lost when {component} {fails}: every copy is there",
                SinglePointKind.Failover => $"{names} {be} down when {component} {fails}, until somebody lets another take over",
                _ => $"{names} {be} down when {component} {fails}",
            },
            Path = path?.Words() ?? [],
            Evidence = [.. (path?.Nodes ?? []).Concat(failure.Nodes).Select(node => node.Source).Concat(_advice.Tests(path)).OfType<object>().Distinct()],
            IsAssumed = path is { IsAssumed: true },
            Estimate = estimate,
            EstimateBasis = basis,
            Advice = _advice.For(failure, entries, path, kind),
        };
    }

    internal static string Few(IEnumerable<string> names)
    {
        string[] all = [.. names];
        return all.Length <= 3 ? string.Join(all.Length == 2 ? " and " : ", ", all) : $"{all[0]}, {all[1]} and {all.Length - 2} more";
    }

    internal static SinglePointComponent KindOf(TopologyNode node) => node.Kind switch
    {
        TopologyNodeKind.Hypervisor => SinglePointComponent.Hypervisor,
        TopologyNodeKind.Rack => SinglePointComponent.Rack,
        TopologyNodeKind.Network => SinglePointComponent.Network,
        TopologyNodeKind.Site => SinglePointComponent.Site,
        TopologyNodeKind.Storage => SinglePointComponent.Storage,
        TopologyNodeKind.Repository => SinglePointComponent.Repository,
        TopologyNodeKind.Secret => SinglePointComponent.Secret,
        _ => SinglePointComponent.Server,
    };
}
