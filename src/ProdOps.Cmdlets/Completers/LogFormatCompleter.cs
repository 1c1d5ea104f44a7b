using System.Management.Automation;
using ProdOps.Cmdlets.Logging;
using ProdOps.Logging.Formats;

namespace ProdOps.Cmdlets.Completers;

/// <summary>Proposes formats: the built-in ones and the environment's own.</summary>
internal sealed class LogFormatCompleter : SessionCompleter
{
    private protected override IEnumerable<(string Text, string ToolTip)> Propose(SessionState? session, BoundValues bound)
    {
        var environment = session is null ? null : StoreAccess.EnvironmentOf(session, bound.Text("Environment"));
        return FormatCatalog.Of(environment?.Logging?.Filters ?? []).Names.Order(StringComparer.Ordinal).Select(static name => (name, ""));
    }
}
