using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using ProdOps.Cmdlets.Logging;
using ProdOps.Logging.Collecting;

namespace ProdOps.Cmdlets.Completers;

/// <summary>The base of completers that look what is in the store. None of them ever fails.</summary>
internal abstract class LogStoreCompleter : SessionCompleter
{
    private protected sealed override IEnumerable<(string Text, string ToolTip)> Propose(SessionState? session, BoundValues bound)
    {
        if (session is null) return [];
        var environment = StoreAccess.EnvironmentOf(session, bound.Text("Environment"));
        using var store = StoreAccess.Open(StoreAccess.FolderOf(session, bound.Text("Store"), environment), environment, SilentActivity.Instance);
        return Sorted([.. store.GetStreams().GroupBy(NameOf, OtherOf, StringComparer.OrdinalIgnoreCase).Select(static group => (group.Key, Few(group)))]);
    }

    private protected abstract string NameOf(LogStream stream);

    private protected abstract string OtherOf(LogStream stream);
}

/// <summary>Proposes the servers that the store has logs of, with their sources.</summary>
internal sealed class LogServerCompleter : LogStoreCompleter
{
    private protected override string NameOf(LogStream stream) => stream.Server;

    private protected override string OtherOf(LogStream stream) => stream.Source;
}

/// <summary>Proposes the sources that the store has logs of, with their servers.</summary>
internal sealed class LogSourceCompleter : LogStoreCompleter
{
    private protected override string NameOf(LogStream stream) => stream.Source;

    private protected override string OtherOf(LogStream stream) => stream.Server;
}

/// <summary>Proposes time zones.</summary>
internal sealed class TimeZoneCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        TimeZoneInfo.GetSystemTimeZones().Where(zone => zone.Id.StartsWith(CompletionText.Unquote(wordToComplete), StringComparison.OrdinalIgnoreCase))
            .Select(zone => CompletionText.Value(zone.Id, toolTip: zone.DisplayName));
}

/// <summary>Proposes fields: those that every entry has, and those of the built-in formats.</summary>
internal sealed class LogFieldCompleter() : WayCompleter(
    ("Server", "the server that an entry is of"),
    ("Source", "the source on the server"),
    ("Level", "how severe an entry is"),
    ("Status", "the status of an HTTP response"),
    ("Method", "the method of an HTTP request"),
    ("Path", "the path of an HTTP request"),
    ("ClientIp", "where a request came from"),
    ("Bytes", "how long a response was"),
    ("RequestTime", "how long a request took"),
    ("Program", "the program that wrote to syslog"),
    ("Backend", "HAProxy's backend"),
    ("BackendServer", "HAProxy's server"),
    ("TotalTime", "how long HAProxy had a request"));
