using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace ProdOps.Cmdlets.Completers;

/// <summary>Proposes environment variables by their names; what they hold is not shown.</summary>
internal sealed class VariableNameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Environment.GetEnvironmentVariables().Keys.Cast<string>()
            .Where(name => name.Length > 0 && name.StartsWith(CompletionText.Unquote(wordToComplete), StringComparison.OrdinalIgnoreCase))
            .Order(StringComparer.OrdinalIgnoreCase)
            .Select(name => CompletionText.Value(name));
}

/// <summary>Proposes ways to say which part of the data to read.</summary>
internal sealed class SubsetCompleter() : WayCompleter(
    ("rolling", "5% a run, what was not read for longest first: twenty runs read everything"),
    ("5%", "a random twentieth"),
    ("1/7", "the first of seven equal parts: one for each day of the week"),
    ("10G", "about ten GiB at random"));

/// <summary>Proposes types of records that name servers have.</summary>
internal sealed class RecordTypeCompleter() : WayCompleter(
    ("A", "IPv4 addresses"),
    ("AAAA", "IPv6 addresses"),
    ("CNAME", "what the name is an alias of"),
    ("MX", "servers that take mail"),
    ("TXT", "texts, such as who may send mail"),
    ("NS", "the zone's name servers"),
    ("SRV", "servers of a service, with ports"),
    ("PTR", "the name of an address"),
    ("SOA", "the zone itself, with its serial number"),
    ("CAA", "who may sign certificates"));

/// <summary>Proposes what backups can be grouped by.</summary>
internal sealed class GroupByCompleter() : WayCompleter(
    ("Server", "backups of each server for themselves"),
    ("Paths", "backups of the same set of paths"),
    ("Tags", "backups that carry the same tags"),
    ("None", "all backups together"));

/// <summary>Proposes ways to say how much unused data may stay.</summary>
internal sealed class UnusedLimitCompleter() : WayCompleter(
    ("5%", "a twentieth of the repository"),
    ("10G", "ten GiB"),
    ("0", "nothing: every pack with unused data is written anew"),
    ("unlimited", "all of it: only packs of which nothing is used are removed"));

/// <summary>Proposes values from a fixed list, each with what it means.</summary>
internal abstract class WayCompleter(params (string Value, string Meaning)[] ways) : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        ways.Where(way => way.Value.StartsWith(CompletionText.Unquote(wordToComplete), StringComparison.OrdinalIgnoreCase))
            .Select(way => CompletionText.Value(way.Value, toolTip: way.Meaning));
}
