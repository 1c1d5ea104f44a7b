using ProdOps.LoadBalancing.Rolling;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Recovery.Readiness.Gathering;

/// <summary>Reads what rolling updates did. One that is under way proves nothing yet.</summary>
internal static class RollingUpdateReader
{
    private const int Newest = 20;

    public static IReadOnlyList<RollingUpdateFact> Read(string? folder) =>
        folder is null ? [] : [.. RollingJournal.List(folder).Take(Newest).Where(name => !JournalFile.IsOpen(folder, name)).Select(name => RollingJournal.Peek(folder, name)).OfType<(RollingHeader Header, IReadOnlyList<RollingRecord> Records)>().Select(static update => Of(update.Header, update.Records))];

    /// <summary>What counts is how each phase of each server ended: what failed and was taken up again is made up for.</summary>
    private static RollingUpdateFact Of(RollingHeader header, IReadOnlyList<RollingRecord> records)
    {
        bool isOver = records.Any(static record => record.Mark == RollingMark.Over);
        var ends = records.Where(static record => record.Server.Length > 0 && record.Mark != RollingMark.Begun).GroupBy(static record => (record.Server, record.Phase)).Select(static phase => phase.Last()).ToList();
        string failure = records.Any(static record => record.Mark == RollingMark.UndoBegun) ? "it was undone"
            : ends.Find(static end => end.Mark is RollingMark.Failed or RollingMark.PutBack) is { } failed ? $"{failed.Phase} of {failed.Server} failed{(failed.Error is { } error ? $" ({error})" : "")}" : "";
        int servers = ends.Count(static end => end is { Phase: RollingUpdatePhase.Enable, Mark: RollingMark.Done });
        return new RollingUpdateFact(header.Update, header.Entry ?? header.LoadBalancer, header.Time, isOver, [.. (header.Batches ?? []).SelectMany(static batch => batch ?? []).OfType<string>()], servers, failure);
    }
}
