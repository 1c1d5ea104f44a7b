using System.Management.Automation;
using ProdOps.Logging.Collecting;

namespace ProdOps.Cmdlets.Logging;

/// <summary>Lists the logs that servers have, and how far they are collected.</summary>
[Cmdlet(VerbsCommon.Get, "LogSource")]
[OutputType(typeof(LogSource))]
public sealed class GetLogSource : CollectingCmdlet
{
    /// <inheritdoc/>
    protected override Task EndAsync(CancellationToken cancellationToken) => ForEachSourceServerAsync(
        async (_, shell, sink, sources, token) =>
        {
            var found = await new SourceLook(shell, sink.Sink, Options, Activity).RunAsync(sources, token);
            foreach (var source in found) await WriteObjectAsync(source);
            return found.Count;
        },
        cancellationToken);
}
