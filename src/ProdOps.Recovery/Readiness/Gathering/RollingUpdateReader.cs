using ProdOps.LoadBalancing.Rolling;

namespace ProdOps.Recovery.Readiness.Gathering;

/// <summary>Reads what rolling updates did. One that is under way has its journal for itself, and is told of when it is over.</summary>
internal static class RollingUpdateReader
{
    private const int Newest = 20;
    private const long LargestJournal = 16 * 1024 * 1024;

    public static IReadOnlyList<RollingUpdateFact> Read(string? folder) =>
        folder is null ? [] : [.. RollingJournal.List(folder).Take(Newest).Select(name => ReadOne(Path.Combine(folder, name + ".jsonl"))).OfType<RollingUpdateFact>()];

    private static RollingUpdateFact? ReadOne(string path)
    {
        using var file = TryOpen(path);
        if (file is null) return null;
        if (file.Length > LargestJournal) return null;
        using var reader = new StreamReader(file);
        if (RollingJson.TryRead<RollingHeader>(reader.ReadLine() ?? "") is not { Update: not null, LoadBalancer: not null } header) return null;
        var records = new List<RollingRecord>();
        while (reader.ReadLine() is { } line)
        {
            if (RollingJson.TryRead<RollingRecord>(line) is { Server: not null } record) records.Add(record);
        }

        return Of(header, records);
    }

    private static FileStream? TryOpen(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>What counts is how each phase of each server ended: what failed and was taken up again is made up for.</summary>
    private static RollingUpdateFact Of(RollingHeader header, List<RollingRecord> records)
    {
        bool isOver = records.Exists(static record => record.Mark == RollingMark.Over);
        var ends = records.Where(static record => record.Server.Length > 0 && record.Mark != RollingMark.Begun).GroupBy(static record => (record.Server, record.Phase)).Select(static phase => phase.Last()).ToList();
        string failure = records.Exists(static record => record.Mark == RollingMark.UndoBegun) ? "it was undone"
            : ends.Find(static end => end.Mark is RollingMark.Failed or RollingMark.PutBack) is { } failed ? $"{failed.Phase} of {failed.Server} failed{(failed.Error is { } error ? $" ({error})" : "")}" : "";
        int servers = ends.Count(static end => end is { Phase: RollingUpdatePhase.Enable, Mark: RollingMark.Done });
        return new RollingUpdateFact(header.Update, header.Entry ?? header.LoadBalancer, header.Time, isOver, [.. (header.Batches ?? []).SelectMany(static batch => batch ?? []).OfType<string>()], servers, failure);
    }
}
