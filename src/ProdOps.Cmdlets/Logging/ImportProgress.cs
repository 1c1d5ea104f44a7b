using System.Globalization;
using ProdOps.Logging.Files;

namespace ProdOps.Cmdlets.Logging;

/// <summary>Tells how far an import is, by the sizes of the files.</summary>
internal sealed class ImportProgress
{
    private readonly IActivity _activity;
    private readonly TimeProvider _time;
    private readonly long _began;
    private readonly int _files;
    private long _done, _told;

    public ImportProgress(IReadOnlyList<RotatedSet> sets, IActivity activity, TimeProvider time)
    {
        _activity = activity;
        _time = time;
        _began = _told = time.GetTimestamp();
        _files = sets.Sum(set => set.Files.Count);
    }

    /// <summary>So many bytes more are in the store.</summary>
    public void Add(long bytes)
    {
        _done += bytes;
        if (_time.GetElapsedTime(_told) < TimeSpan.FromMilliseconds(250)) return;
        _told = _time.GetTimestamp();
        double perSecond = _done / Math.Max(0.001, _time.GetElapsedTime(_began).TotalSeconds);
        _activity.Progress(new ActivityProgress("Importing logs", string.Create(CultureInfo.InvariantCulture, $"{_files} files, {ByteSize.Format(_done)}, {ByteSize.Format((long)perSecond)}/s")));
    }
}
