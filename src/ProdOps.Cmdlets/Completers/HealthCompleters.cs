using System.Management.Automation;
using ProdOps.Cmdlets.Servers;
using ProdOps.Monitoring.Rules;
using ProdOps.Monitoring.States;
using ProdOps.Monitoring.Status;

namespace ProdOps.Cmdlets.Completers;

/// <summary>The base of completers that propose something with an environment and without one; none of them ever fails.</summary>
internal abstract class HealthCompleter : SessionCompleter
{
    private protected sealed override IEnumerable<(string Text, string ToolTip)> Propose(SessionState? session, BoundValues bound) =>
        Sorted(Propose(session is null ? null : SessionEnvironment.Of(session, bound.Text("Environment")).TryLoad()));

    protected abstract IEnumerable<(string Text, string ToolTip)> Propose(ProdOpsEnvironment? environment);
}

/// <summary>Proposes rules, with what they look at and from where on it is bad.</summary>
internal sealed class HealthRuleCompleter : HealthCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<(string Text, string ToolTip)> Propose(ProdOpsEnvironment? environment) => RuleBook.Holding(RuleBook.All(environment)).Select(rule => (rule.Name, FormatHelper.RuleText(rule)));
}

/// <summary>Proposes checks, with what they look at.</summary>
internal sealed class HealthCheckCompleter : HealthCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<(string Text, string ToolTip)> Propose(ProdOpsEnvironment? environment) =>
    [
        (CheckKey.Reachability, "whether a server can be reached"), (ServiceChecks.Check, "whether a server's services run"),
        .. (environment?.Monitoring.Checks ?? []).Select(check => (check.Name, $"{check.Kind} {check.Target}".TrimEnd())),
    ];
}

/// <summary>Proposes the environment's channels, with their kind.</summary>
internal sealed class ChannelCompleter : HealthCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<(string Text, string ToolTip)> Propose(ProdOpsEnvironment? environment) =>
        (environment?.Monitoring.Channels ?? []).Select(channel => (channel.Name, channel.Kind == NotificationChannelKind.Webhook ? $"{channel.Kind}, {channel.Template}" : channel.Kind.ToString()));
}

/// <summary>Proposes the environment's routes, with their channels.</summary>
internal sealed class RouteCompleter : HealthCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<(string Text, string ToolTip)> Propose(ProdOpsEnvironment? environment) => (environment?.Monitoring.Notify ?? []).Select(route => (route.Name, string.Join(", ", route.Channels)));
}
