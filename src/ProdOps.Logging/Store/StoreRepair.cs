using ProdOps.Logging.Collecting;

namespace ProdOps.Logging.Store;

/// <summary>Looks at every byte of a store, and mends what can be mended.</summary>
internal sealed class StoreRepair(LogStore store, IActivity activity)
{
    // What a packer that was killed leaves behind; one that still runs holds the stream's lock.
    private const string TemporarySuffix = ".tmp";

    /// <summary>Looks at the segments of a stream; with nobody appending.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="mend">Whether to change anything.</param>
    /// <param name="cancellationToken">Stops between segments.</param>
    public Task<List<LogStoreRepair>> RunAsync(LogStream stream, bool mend, CancellationToken cancellationToken) => store.ChangeAsync(stream, () =>
    {
        string folder = StoreNames.FolderOf(store.Folder, stream);
        if (mend)
        {
            foreach (string path in Directory.EnumerateFiles(folder, "*" + TemporarySuffix)) File.Delete(path);
        }

        var results = new List<LogStoreRepair>();
        foreach (string path in StoreFolder.Segments(folder))
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                results.Add(Look(stream, path, mend));
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                activity.Error(LoggingErrors.StoreNotWritten(path, error));
            }
        }

        return results;
    }, cancellationToken);

    private LogStoreRepair Look(LogStream stream, string path, bool mend)
    {
        var result = new LogStoreRepair { Server = stream.Server, Source = stream.Source, Path = path };
        SegmentSurvey survey;
        try
        {
            survey = SegmentSurvey.Take(path, store.Formats);
        }
        catch (ProdOpsException error)
        {
            return result with { State = LogSegmentState.Unreadable, LostBytes = new FileInfo(path).Length, Detail = error.Message };
        }

        if (survey.Damage.Count > 0)
        {
            if (mend) Salvage(path, survey);
            return result with
            {
                State = mend ? LogSegmentState.Salvaged : LogSegmentState.Damaged, LostBytes = survey.DamagedBytes, LostLines = survey.LostLines,
                Detail = $"{string.Join("; ", survey.Damage.Take(5))}{(survey.Damage.Count > 5 ? $"; and {survey.Damage.Count - 5} more" : "")}{(mend ? $". The damaged file is kept as '{Path.GetFileName(path)}{StoreNames.DamagedSuffix}'" : "")}",
            };
        }

        if (survey.TornBytes > 0)
        {
            if (mend) Cut(path);
            return result with { State = mend ? LogSegmentState.Cut : LogSegmentState.Torn, LostBytes = survey.TornBytes, Detail = $"{survey.TornBytes} bytes at the end were never acknowledged" };
        }

        if (survey.HasWholeIndex) return result with { State = LogSegmentState.Good };
        if (mend)
        {
            using var view = SegmentView.Open(path, store.Formats);
            SegmentIndexer.Write(view);
        }

        return result with { State = mend ? LogSegmentState.Reindexed : LogSegmentState.IndexDamaged, Detail = "the index is missing or damaged" };
    }

    private void Cut(string path)
    {
        if (ActiveSegment.TryOpen(path, store.Formats, activity) is { } active) active.Close();
        else ActiveSegment.SetAside(path, activity);
    }

    /// <summary>Writes what can be read to a new file and puts it in the place of the damaged one, which is kept.</summary>
    private void Salvage(string path, SegmentSurvey survey)
    {
        string temporary = path + TemporarySuffix;
        using (var source = SegmentFile.Open(path))
        using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            file.Write(SegmentFile.HeaderFrame(source.Header with { Generation = store.Options.NewGeneration(), Sealed = false }));
            foreach (var batch in survey.Good)
            {
                file.Write(SegmentFile.BatchFrame(batch.Header));
                foreach (byte[] frame in batch.Frames(source)) file.Write(frame);
            }

            file.Flush(flushToDisk: true);
        }

        File.Delete(StoreNames.IndexOf(path));
        File.Move(path, path + StoreNames.DamagedSuffix, overwrite: false);
        SegmentIndexer.Replace(temporary, path);
        using var view = SegmentView.Open(path, store.Formats);
        SegmentIndexer.Write(view);
    }
}
