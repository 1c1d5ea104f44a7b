using System.Runtime.CompilerServices;

namespace ProdOps.Recovery.Timelines;

/// <summary>Merges streams, each in the order of time, into one: of each it holds one event.</summary>
internal static class TimelineMerge
{
    public static async IAsyncEnumerable<TimelineEvent> MergeAsync(IReadOnlyList<IAsyncEnumerable<TimelineEvent>> streams, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var next = new PriorityQueue<IAsyncEnumerator<TimelineEvent>, (DateTimeOffset, int)>();
        var all = streams.Select(stream => stream.GetAsyncEnumerator(cancellationToken)).ToList();
        try
        {
            for (int i = 0; i < all.Count; i++) await PutAsync(i).ConfigureAwait(false);
            while (next.TryDequeue(out var first, out var key))
            {
                yield return first.Current;
                await PutAsync(key.Item2).ConfigureAwait(false);
            }
        }
        finally
        {
            foreach (var one in all) await one.DisposeAsync().ConfigureAwait(false);
        }

        // Of the same moment the earlier stream goes first.
        async Task PutAsync(int i)
        {
            if (await all[i].MoveNextAsync().ConfigureAwait(false)) next.Enqueue(all[i], (all[i].Current.Time, i));
        }
    }
}
