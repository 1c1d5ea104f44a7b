using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Language;
using ProdOps.Cmdlets.Monitoring;
using ProdOps.Monitoring.History;
using ProdOps.Monitoring.Running;
using ProdOps.Monitoring.States;
using ProdOps.Servers.Inventory;

namespace ProdOps.Cmdlets.Completers;

/// <summary>What a monitor knows, for completers.</summary>
internal static class MonitorStates
{
    /// <summary>What the events of the store that a line means add up to.</summary>
    /// <exception cref="ProdOpsException">There is none.</exception>
    public static MonitorState Of(SessionState session, BoundValues bound)
    {
        var environment = HealthStoreAccess.EnvironmentOf(session, bound.Text("Environment"));
        using var store = HealthStoreAccess.FolderOf(session, bound.Text("Store"), environment).Open(TimeProvider.System, SilentActivity.Instance, readOnly: true);
        return new EventHistory(store.Events, new EventText(static _ => ""), SilentActivity.Instance).State(store.Monitor, CancellationToken.None);
    }
}

/// <summary>The base of completers that propose something of the checks that can be forgotten: those of which nothing is known any more, or with -Force all.</summary>
internal abstract class ForgettableCompleter : SessionCompleter
{
    private protected sealed override IEnumerable<(string Text, string ToolTip)> Propose(SessionState? session, BoundValues bound)
    {
        if (session is null) return [];
        bool isAny = bound.Text("Force") == bool.TrueString;
        var checks = MonitorStates.Of(session, bound).Checks.Where(check => isAny || check.Value.Missing).Select(static check => check.Key);
        return Sorted(checks.Where(key => Fits(bound, key)).Select(key => (Text: TextOf(key), Key: key)).Where(static one => one.Text is not null).GroupBy(static one => one.Text!, StringComparer.Ordinal)
            .Select(static group => (group.Key, Few(group.Select(static one => one.Key.ToString())))));
    }

    /// <summary>What is proposed of a check, if anything.</summary>
    private protected abstract string? TextOf(CheckKey key);

    /// <summary>Whether a check fits what stands before in the line.</summary>
    private protected virtual bool Fits(BoundValues bound, CheckKey key) => true;

    private protected static bool IsOf(BoundValues bound, CheckKey key) => bound.Text("Server", "ComputerName", "Cn") is not { } server || server.Contains(':', StringComparison.Ordinal) || NamePattern.IsMatch(server, key.Server);
}

/// <summary>Proposes servers that have checks that can be forgotten.</summary>
internal sealed class ForgettableServerCompleter : ForgettableCompleter
{
    private protected override string TextOf(CheckKey key) => key.Server;
}

/// <summary>Proposes the checks that can be forgotten.</summary>
internal sealed class ForgettableCheckCompleter : ForgettableCompleter
{
    private protected override string TextOf(CheckKey key) => key.Rule;

    private protected override bool Fits(BoundValues bound, CheckKey key) => IsOf(bound, key);
}

/// <summary>Proposes the instances of checks that can be forgotten.</summary>
internal sealed class ForgettableInstanceCompleter : ForgettableCompleter
{
    private protected override string? TextOf(CheckKey key) => key.Instance;

    private protected override bool Fits(BoundValues bound, CheckKey key) => IsOf(bound, key) && NamePattern.IsMatch(bound.Text("Name", "Check") ?? "*", key.Rule);
}

/// <summary>Proposes the incidents that are open, with what they are about.</summary>
internal sealed class OpenIncidentCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            if (CompletionSession.Find() is not { } session) return [];
            return
            [
                .. OpenIncidents.Of(MonitorStates.Of(session, new BoundValues(fakeBoundParameters)), static _ => "").Select(static told => (Number: told.Incident.ToString(CultureInfo.InvariantCulture), What: $"{told.State}: {told.Server} {told.Check} {told.Instance}".TrimEnd()))
                    .Where(proposal => proposal.Number.StartsWith(wordToComplete ?? "", StringComparison.Ordinal)).Select(static proposal => CompletionText.Value(proposal.Number, $"{proposal.Number}  {proposal.What}", proposal.What)),
            ];
        }
        catch (Exception)
        {
            // No completion is better than an error in the middle of a line.
            return [];
        }
    }
}
