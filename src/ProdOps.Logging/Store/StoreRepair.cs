using ProdOps.Logging.Collecting;
using ProdOps.Logging.Formats;

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
            catch (ProdOpsException error)
            {
                // The next may be mended all the same.
                activity.Error(error);
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
            return Unreadable(result, error, mend);
        }

        if (survey.Damage.Count > 0)
        {
            string damage = $"{string.Join("; ", survey.Damage.Take(5))}{(survey.Damage.Count > 5 ? $"; and {survey.Damage.Count - 5} more" : "")}";
            return result with
            {
                State = mend ? LogSegmentState.Salvaged : LogSegmentState.Damaged, LostBytes = survey.DamagedBytes, LostLines = survey.LostLines,
                Detail = mend ? $"{damage}. The damaged file is kept as '{Path.GetFileName(Salvage(stream, path, survey))}'" : damage,
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

    /// <summary>Nothing can be added to a source whose newest file is no segment: it is taken out of the way. One of a later version is not ours to judge.</summary>
    private LogStoreRepair Unreadable(LogStoreRepair result, ProdOpsException error, bool mend)
    {
        string detail = error.Message;
        long length = new FileInfo(result.Path).Length;
        bool isLater;
        using (var file = SegmentFile.TryOpenDamaged(result.Path)) isLater = file is null;
        if (mend && !isLater) detail = $"{detail} It is kept as '{Path.GetFileName(ActiveSegment.SetAside(result.Path, activity))}'";
        return result with { State = LogSegmentState.Unreadable, LostBytes = length, Detail = detail };
    }

    private void Cut(string path)
    {
        if (ActiveSegment.TryOpen(path, store.Formats, activity) is { } active) active.Close();
        else ActiveSegment.SetAside(path, activity);
    }

    /// <summary>Writes what can be read to a new file and puts it in the place of the damaged one, which is kept.</summary>
    /// <returns>What it is kept as.</returns>
    private string Salvage(LogStream stream, string path, SegmentSurvey survey)
    {
        string temporary = path + TemporarySuffix, kept = StoreNames.KeptAs(path);
        using (var source = survey.Header is null ? SegmentFile.TryOpenDamaged(path)! : SegmentFile.Open(path))
        using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            var header = survey.Header ?? HeaderLike(stream, path, source, survey);
            file.Write(SegmentFile.HeaderFrame(header with { Generation = store.Options.NewGeneration(), Sealed = false }));
            foreach (var batch in survey.Good)
            {
                file.Write(SegmentFile.BatchFrame(batch.Header));
                foreach (byte[] frame in batch.Frames(source)) file.Write(frame);
            }

            file.Flush(flushToDisk: true);
        }

        // A copy: at no moment is there no segment of that name, and the index of the damaged one is of another generation.
        File.Copy(path, kept + TemporarySuffix, overwrite: true);
        SegmentIndexer.Replace(kept + TemporarySuffix, kept);
        SegmentIndexer.Replace(temporary, path);
        using var view = SegmentView.Open(path, store.Formats);
        SegmentIndexer.Write(view);
        return kept;
    }

    /// <summary>What a damaged first frame must have said: the lines tell their format, the source's other segments their zone.</summary>
    private SegmentHeader HeaderLike(LogStream stream, string path, SegmentFile source, SegmentSurvey survey)
    {
        var paths = store.GetSegments(stream);
        int at = paths.IndexOf(path);
        var near = paths.Where(other => other != path).OrderBy(other => Math.Abs(paths.IndexOf(other) - at)).Select(TryReadHeader).FirstOrDefault(header => header is not null);
        var format = BatchFormat.Of(new LogBatch(stream, survey.FirstLines(source)) { ReceivedTime = default }, near?.Format, store.Formats);
        return new SegmentHeader { Version = SegmentHeader.CurrentVersion, Server = stream.Server, Source = stream.Source, Format = format.Name, Zone = near?.Zone ?? "UTC", Generation = 0 };
    }

    private static SegmentHeader? TryReadHeader(string path)
    {
        try
        {
            using var file = SegmentFile.Open(path);
            return file.Header;
        }
        catch (Exception error) when (error is ProdOpsException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
