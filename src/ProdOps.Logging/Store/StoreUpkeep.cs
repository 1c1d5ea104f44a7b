using ProdOps.Logging.Collecting;

namespace ProdOps.Logging.Store;

/// <summary>Keeps a store small and quick: packs segments that nobody appends to any more, and removes what retention lets go.</summary>
internal sealed class StoreUpkeep(LogStore store, IActivity activity)
{
    /// <summary>What a long-running collector does now and then: removes what the environment's retention lets go, and packs what is finished.</summary>
    /// <param name="rules">What is kept; <see langword="null"/> for everything.</param>
    /// <param name="budget">How long packing may take.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task RunAsync(RetentionRules? rules, TimeSpan budget, CancellationToken cancellationToken)
    {
        if (rules is not null)
        {
            foreach (var decision in Plan([.. store.GetStreams()], rules))
            {
                try
                {
                    if (await RemoveAsync(decision.Segment, cancellationToken).ConfigureAwait(false)) activity.Verbose($"'{decision.Segment.Path}' was removed: {decision.Reason}.");
                }
                catch (ProdOpsException error)
                {
                    // One source that is damaged or busy must not fill the disk with all the others.
                    activity.Error(error);
                }
            }
        }

        await PackAsync(budget, includeNewest: false, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Which segments go. A source whose holds cannot be read is an error, and nothing of it goes.</summary>
    public List<RetentionDecision> Plan(IReadOnlyList<LogStream> streams, RetentionRules rules)
    {
        var segments = new List<SegmentFacts>();
        var holds = new Dictionary<LogStream, IReadOnlyList<HoldEntry>>();
        foreach (var stream in streams)
        {
            try
            {
                holds[stream] = StoreContents.Holds(store, stream);
                segments.AddRange(StoreContents.Read(store, stream, activity));
            }
            catch (ProdOpsException error)
            {
                activity.Error(error);
            }
        }

        return RetentionPlan.Make(segments, rules.OfStream, stream => holds[stream], rules.TotalSize, store.Options.Time.GetUtcNow());
    }

    /// <summary>Packs finished segments of all sources for good.</summary>
    /// <inheritdoc cref="PackAsync(IReadOnlyList{LogStream}, TimeSpan, bool, CancellationToken)"/>
    public Task<(int Segments, long Bytes)> PackAsync(TimeSpan budget, bool includeNewest, CancellationToken cancellationToken) =>
        PackAsync([.. store.GetStreams()], budget, includeNewest, cancellationToken);

    /// <summary>Packs finished segments for good, until there are none or the time is over.</summary>
    /// <param name="streams">Of which sources.</param>
    /// <param name="budget">How long it may take; the segment under way is finished.</param>
    /// <param name="includeNewest">Also those that are still appended to: the next batch begins another.</param>
    /// <param name="cancellationToken">Stops between frames; the segment under way stays as it was.</param>
    /// <returns>How many segments were packed, and by how many bytes they became shorter.</returns>
    public async Task<(int Segments, long Bytes)> PackAsync(IReadOnlyList<LogStream> streams, TimeSpan budget, bool includeNewest, CancellationToken cancellationToken)
    {
        long began = store.Options.Time.GetTimestamp();
        int packed = 0;
        long saved = 0;
        using var encoder = new FrameEncoder(store.Options.SealedLevel, store.Options.Degree);
        var packer = new SegmentPacker(store.Options, store.Formats);
        foreach (var stream in streams)
        {
            var paths = store.GetSegments(stream);
            foreach (string path in includeNewest ? paths : paths.SkipLast(1))
            {
                if (store.Options.Time.GetElapsedTime(began) > budget) return (packed, saved);
                try
                {
                    if (IsSealed(path)) continue;
                    saved += await store.ChangeAsync(stream, () => packer.Pack(path, encoder, seal: true, cancellationToken), cancellationToken).ConfigureAwait(false);
                    packed++;
                }
                catch (FileNotFoundException)
                {
                    // Retention was quicker.
                }
                catch (ProdOpsException error)
                {
                    activity.Error(error);
                }
                catch (Exception error) when (error is IOException or UnauthorizedAccessException)
                {
                    // A full disk: what is there stays as it is.
                    activity.Warning($"'{path}' could not be packed: {error.Message}");
                    return (packed, saved);
                }
            }
        }

        return (packed, saved);
    }

    /// <summary>Removes a segment. The checkpoint of the stream's newest one moves to an empty one.</summary>
    /// <returns>False if it stays: since it was looked at, lines have come to it, or it is held. The plan may have waited for a confirmation.</returns>
    public Task<bool> RemoveAsync(SegmentFacts segment, CancellationToken cancellationToken) => store.ChangeAsync(segment.Stream, () =>
    {
        string folder = Path.GetDirectoryName(segment.Path)!;
        try
        {
            if (File.Exists(segment.Path) && (HasGrown(segment) || StoreContents.Holds(store, segment.Stream).Any(hold => RetentionPlan.IsHeld(segment, hold)))) return false;
            if (StoreFolder.NewestSegment(folder) == segment.Path) ActiveSegment.CarryOver(segment.Path, store.Formats, store.Options, activity);
            File.Delete(segment.Path);
            File.Delete(StoreNames.IndexOf(segment.Path));
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw LoggingErrors.StoreNotWritten(folder, error);
        }
    }, cancellationToken);

    /// <summary>Whether a segment has lines that it did not have. One that was packed meanwhile has the same.</summary>
    private bool HasGrown(SegmentFacts segment)
    {
        using var now = SegmentView.Open(segment.Path, store.Formats);
        return now.RawLength > segment.RawLength;
    }

    private static bool IsSealed(string path)
    {
        using var file = SegmentFile.Open(path);
        return file.Header.Sealed;
    }
}
