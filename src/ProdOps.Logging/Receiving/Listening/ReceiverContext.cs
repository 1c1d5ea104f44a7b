using System.Net;
using ProdOps.Logging.Receiving.Storing;

namespace ProdOps.Logging.Receiving.Listening;

/// <summary>What all listeners of a receiver share.</summary>
internal sealed class ReceiverContext(LogReceiverOptions options, GroupCommit commit, IActivity activity, TimeProvider time)
{
    public LogReceiverOptions Options { get; } = options;

    public GroupCommit Commit { get; } = commit;

    public IActivity Activity { get; } = activity;

    public TimeProvider Time { get; } = time;

    public StreamTable Streams { get; } = new(commit, options.Servers, options.Naming, options.MaximumStreams, activity);

    public ConnectionTable Connections { get; } = new(options.MaximumConnections, options.MaximumConnectionsPerPeer);

    /// <summary>Whether a sender may send.</summary>
    public bool IsAllowed(IPAddress address)
    {
        if (Options.AllowFrom.Count == 0) return true;
        foreach (var range in Options.AllowFrom)
        {
            if (range.Contains(address)) return true;
        }

        return false;
    }
}
