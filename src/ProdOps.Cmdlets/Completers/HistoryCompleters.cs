using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Language;
using ProdOps.Cmdlets.Monitoring;
using ProdOps.Monitoring.History;
using ProdOps.Monitoring.Running;

namespace ProdOps.Cmdlets.Completers;

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
            var bound = new BoundValues(fakeBoundParameters);
            var environment = HealthStoreAccess.EnvironmentOf(session, bound.Text("Environment"));
            var unitOf = RuleUnits.Of(environment);
            using var store = HealthStoreAccess.FolderOf(session, bound.Text("Store"), environment).Open(TimeProvider.System, SilentActivity.Instance, readOnly: true);
            var state = new EventHistory(store.Events, new EventText(unitOf), SilentActivity.Instance).State(store.Monitor, CancellationToken.None);
            return
            [
                .. OpenIncidents.Of(state, unitOf).Select(static told => (Number: told.Incident.ToString(CultureInfo.InvariantCulture), What: $"{told.State}: {told.Server} {told.Check} {told.Instance}".TrimEnd()))
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
