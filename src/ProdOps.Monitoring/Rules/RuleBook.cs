using ProdOps.Monitoring.Checks;
using ProdOps.Servers.Inventory;

namespace ProdOps.Monitoring.Rules;

/// <summary>
/// The rules of an environment: the default ones, a rule for each check of the file, and the file's own, which change those of the same name. A rule for some servers only stands beside the
/// one that it changes, and so does a rule for some instances only; of both, the later holds where it applies.
/// </summary>
internal static class RuleBook
{
    /// <summary>The rules, in the order in which later ones take the place of earlier ones.</summary>
    /// <param name="environment">The environment; <see langword="null"/> for the default rules.</param>
    /// <exception cref="ProdOpsException">A rule cannot be used; the message names it and says why.</exception>
    public static RuleSet Of(ProdOpsEnvironment? environment) => new(All(environment));

    /// <summary>Those of all rules that hold on any server: none in whose place a later one is everywhere.</summary>
    public static IReadOnlyList<HealthRule> Holding(IReadOnlyList<HealthRule> rules)
    {
        return [.. rules.Where((rule, index) => !rules.Skip(index + 1).Any(later => later.Name == rule.Name && Covers(later, rule)))];

        static bool Covers(HealthRule later, HealthRule earlier) => IsForAllOf(later, earlier) &&
            (later.Servers.Count + later.Roles.Count == 0 || (earlier.Servers.Count > 0 && earlier.Roles.Count == 0 && earlier.Servers.All(server => later.Servers.Contains(server, StringComparer.OrdinalIgnoreCase))));

        static bool IsForAllOf(HealthRule later, HealthRule earlier) => later.Instances.Count == 0 || (earlier.Instances.Count > 0 && earlier.Instances.All(later.Instances.Contains));
    }

    /// <summary>The same as a list, not checked.</summary>
    public static IReadOnlyList<HealthRule> All(ProdOpsEnvironment? environment)
    {
        if (environment is null) return DefaultRules.All;
        var draft = new Draft(environment.Monitoring.Checks);
        var (checks, own) = (environment.Monitoring.Checks, environment.Monitoring.Rules);
        // What rules with wildcards say of checks, the rules of those checks begin with; and what the file says of such a check's rule by its name changes that.
        foreach (var rule in own.Where(rule => !draft.IsOfCheck(rule))) draft.Change(rule);
        var patterns = draft.Rules.ToList();
        foreach (var check in checks)
            foreach (var pattern in patterns.Where(rule => IsPatternFor(rule, check))) draft.Add(UsableRuleOf(check, pattern, environment), draft.IsGeneral(pattern));
        foreach (var rule in own.Where(draft.IsOfCheck)) draft.Change(rule);
        return [.. draft.Rules.Select(rule => rule.DependsOn.Count + rule.All.Count + rule.Any.Count == 0 ? rule : rule with { DependsOn = Called(rule.DependsOn), All = Called(rule.All), Any = Called(rule.Any) })];

        // Names of rules may be written in another case.
        string[] Called(IReadOnlyList<string> names) => [.. names.Select(name => draft.Rules.Find(rule => rule.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.Name ?? name)];
    }

    /// <summary>Why no rule can be made of what a check says of itself, e.g. since its thresholds contradict each other; <see langword="null"/> where one can.</summary>
    public static ProdOpsException? ProblemOf(HealthCheckDefinition check, ProdOpsEnvironment? environment)
    {
        var draft = new Draft(environment?.Monitoring.Checks ?? []);
        foreach (var rule in environment?.Monitoring.Rules ?? []) if (!draft.IsOfCheck(rule)) draft.Change(rule);
        return draft.Rules.Where(rule => IsPatternFor(rule, check)).Select(pattern => RuleSet.Problem(RuleOf(check, pattern, environment))).FirstOrDefault(static problem => problem is not null);
    }

    private static bool IsPatternFor(HealthRule rule, HealthCheckDefinition check) => rule.Check is { } pattern && NamePattern.HasWildcards(pattern) && NamePattern.IsMatch(pattern, check.Name);

    /// <summary>A check that makes no sense is told of and takes no other with it: what is said of it goes by what holds for checks like it.</summary>
    private static HealthRule UsableRuleOf(HealthCheckDefinition check, HealthRule pattern, ProdOpsEnvironment environment)
    {
        var rule = RuleOf(check, pattern, environment);
        return RuleSet.Problem(rule) is null ? rule : RuleOf(check with { Warning = null, Critical = null }, pattern, environment);
    }

    /// <summary>What a check says of itself, over what holds for checks like it.</summary>
    private static HealthRule RuleOf(HealthCheckDefinition check, HealthRule pattern, ProdOpsEnvironment? environment) => pattern with
    {
        Name = check.Name,
        Check = check.Name,
        Origin = HealthRuleOrigin.Check,
        // A rule that is for all servers is for those that have the check.
        Servers = pattern.Servers.Count + pattern.Roles.Count > 0 ? pattern.Servers : [.. CheckServers.Of(check, environment).Select(server => server.Name)],
        Warning = check.Warning ?? pattern.Warning,
        Critical = check.Critical ?? pattern.Critical,
        ClearWarning = check.Warning is null ? pattern.ClearWarning : null,
        ClearCritical = check.Critical is null ? pattern.ClearCritical : null,
        For = check.For ?? pattern.For,
        CriticalFor = check.For is null ? pattern.CriticalFor : null,
        Attempts = check.Attempts ?? pattern.Attempts,
        Interval = check.Interval,
        Advice = check.Advice.Length > 0 ? check.Advice : pattern.Advice,
    };

    /// <summary>A rule of the file with what it leaves open taken from the one that it changes.</summary>
    private static HealthRule Complete(HealthRuleDefinition rule, HealthRule? same, HealthCheckDefinition? check)
    {
        var changed = same is not null && LooksAtTheSame(rule, same) ? same : new HealthRule { Name = same?.Name ?? rule.Name };
        return new HealthRule
        {
            Name = changed.Name,
            Metric = rule.Metric ?? changed.Metric,
            Check = rule.Check ?? changed.Check,
            All = rule.All ?? changed.All,
            Any = rule.Any ?? changed.Any,
            Instances = rule.Instances ?? changed.Instances,
            ExceptInstances = rule.ExceptInstances ?? changed.ExceptInstances,
            Servers = rule.Servers.Count + rule.Roles.Count > 0 ? rule.Servers : changed.Servers,
            Roles = rule.Roles,
            Function = rule.Function ?? changed.Function,
            Window = rule.Window ?? changed.Window,
            Coverage = rule.Coverage ?? changed.Coverage,
            Percentile = rule.Percentile ?? changed.Percentile,
            Limit = rule.Limit ?? changed.Limit,
            Warning = rule.Warning ?? changed.Warning,
            Critical = rule.Critical ?? changed.Critical,
            ClearWarning = rule.ClearWarning ?? (rule.Warning is null ? changed.ClearWarning : null),
            ClearCritical = rule.ClearCritical ?? (rule.Critical is null ? changed.ClearCritical : null),
            For = rule.For ?? changed.For,
            CriticalFor = rule.CriticalFor ?? (rule.For is null ? changed.CriticalFor : null),
            RecoverFor = rule.RecoverFor ?? changed.RecoverFor,
            Attempts = rule.Attempts ?? changed.Attempts,
            RecoverAttempts = rule.RecoverAttempts ?? changed.RecoverAttempts,
            // Nothing is stale before its check is due again.
            Interval = rule.Interval ?? check?.Interval ?? changed.Interval,
            RetryInterval = rule.RetryInterval ?? changed.RetryInterval,
            DependsOn = rule.DependsOn ?? changed.DependsOn,
            Advice = rule.Advice ?? changed.Advice,
            Enabled = rule.Enabled ?? changed.Enabled,
            Origin = HealthRuleOrigin.Environment,
        };
    }

    private static bool LooksAtTheSame(HealthRuleDefinition rule, HealthRule other) =>
        (rule.Metric is null && rule.Check is null && rule.All is null && rule.Any is null)
        || (rule.Metric is not null && rule.Metric.Equals(other.Metric, StringComparison.OrdinalIgnoreCase))
        || (rule.Check is not null && rule.Check.Equals(other.Check, StringComparison.OrdinalIgnoreCase));

    /// <summary>Rules as they come to be.</summary>
    private sealed class Draft(IReadOnlyList<HealthCheckDefinition> checks)
    {
        // Those that are not for some servers or instances only: they can be changed.
        private readonly HashSet<HealthRule> _general = new(DefaultRules.All, ReferenceEqualityComparer.Instance);

        public List<HealthRule> Rules { get; } = [.. DefaultRules.All];

        public bool IsOfCheck(HealthRuleDefinition rule) => checks.Any(check => check.Name.Equals(rule.Name, StringComparison.OrdinalIgnoreCase));

        public bool IsGeneral(HealthRule rule) => _general.Contains(rule);

        public void Change(HealthRuleDefinition rule)
        {
            var changed = Rules.LastOrDefault(other => other.Name.Equals(rule.Name, StringComparison.OrdinalIgnoreCase) && IsGeneral(other));
            var check = checks.FirstOrDefault(check => check.Name.Equals(rule.Check, StringComparison.OrdinalIgnoreCase));
            bool isForSome = rule.Servers.Count + rule.Roles.Count > 0 || (rule.Instances is { Count: > 0 } && changed is { Instances.Count: 0 });
            Add(Complete(rule, changed, check), !isForSome);
        }

        public void Add(HealthRule rule, bool isGeneral)
        {
            Rules.Add(rule);
            if (isGeneral) _general.Add(rule);
        }
    }
}
