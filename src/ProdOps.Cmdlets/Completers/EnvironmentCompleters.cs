using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using ProdOps.Cmdlets.Servers;
using ProdOps.Servers.Inventory;

namespace ProdOps.Cmdlets.Completers;

/// <summary>
/// The base of completers that look into the environment. A file is read once and again only when it has changed; one with errors proposes what could
/// be read of it; none of them ever fails.
/// </summary>
internal abstract class EnvironmentCompleter : SessionCompleter
{
    private protected sealed override IEnumerable<(string Text, string ToolTip)> Propose(SessionState? session, BoundValues bound) =>
        session is not null && SessionEnvironment.Of(session, bound.Text("Environment")).Find() is { } path ? Propose(EnvironmentCache.Read(path).Environment) : [];

    protected abstract IEnumerable<(string Text, string ToolTip)> Propose(ProdOpsEnvironment environment);

    protected static IEnumerable<(string Text, string ToolTip)> Members(ProdOpsEnvironment environment, Func<Server, IEnumerable<string>> names, string prefix) =>
        environment.Servers.SelectMany(server => names(server).Select(name => (Name: name, Server: server.Name)))
            .GroupBy(pair => pair.Name, pair => pair.Server, StringComparer.OrdinalIgnoreCase)
            .OrderBy(members => members.Key, StringComparer.OrdinalIgnoreCase)
            .Select(members => (prefix + members.Key, FewOf(members)));

    private static string FewOf(IEnumerable<string> names)
    {
        string[] all = [.. names];
        return all.Length <= 5 ? string.Join(", ", all) : $"{string.Join(", ", all[..5])} and {all.Length - 5} more";
    }
}

/// <summary>Proposes servers, with address and roles, then roles and groups.</summary>
internal sealed class ServerNameCompleter : EnvironmentCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<(string Text, string ToolTip)> Propose(ProdOpsEnvironment environment) =>
        environment.Servers.Select(server => (server.Name, Describe(server)))
            .Concat(Members(environment, server => server.Roles, "role:"))
            .Concat(Members(environment, server => server.Groups, "group:"));

    private static string Describe(Server server) =>
        string.Join(", ", new[] { server.IsLocal ? "this machine" : server.Address ?? server.Name }.Concat(server.Roles));
}

/// <summary>Proposes the roles that servers have, with who has them.</summary>
internal sealed class RoleCompleter : EnvironmentCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<(string Text, string ToolTip)> Propose(ProdOpsEnvironment environment) => Members(environment, server => server.Roles, "");
}

/// <summary>Proposes the groups that servers are in, with who is in them.</summary>
internal sealed class GroupCompleter : EnvironmentCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<(string Text, string ToolTip)> Propose(ProdOpsEnvironment environment) => Members(environment, server => server.Groups, "");
}

/// <summary>Proposes the checks that the environment defines, with what they look at.</summary>
internal sealed class DefinedCheckCompleter : EnvironmentCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<(string Text, string ToolTip)> Propose(ProdOpsEnvironment environment) =>
        environment.Monitoring.Checks.Select(check => (check.Name, $"{check.Kind} {check.Target}".TrimEnd()));
}

/// <summary>Proposes folders and data files.</summary>
internal sealed class EnvironmentFileCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        CompletionCompleters.CompleteFilename(wordToComplete ?? "")
            .Where(result => result.ResultType == CompletionResultType.ProviderContainer || result.ListItemText.EndsWith(".psd1", StringComparison.OrdinalIgnoreCase));
}
