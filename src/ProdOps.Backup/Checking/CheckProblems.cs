using ProdOps.Backup.Repositories;

namespace ProdOps.Backup.Checking;

/// <summary>Collects from all threads what is wrong, and which blobs nobody can read because of it.</summary>
internal sealed class CheckProblems
{
    private readonly List<Problem> _problems = [];

    public void Add(ProdOpsException error) => Add(error, [], []);

    /// <param name="error">What is wrong.</param>
    /// <param name="pack">The pack it is wrong with.</param>
    /// <param name="lost">What the index expects in that pack and cannot be read from it.</param>
    public void AddPack(ProdOpsException error, ObjectId pack, IEnumerable<PackedBlob> lost) =>
        Add(error, [], [.. lost.Select(blob => (blob.Blob, pack))]);

    /// <summary>Blobs that no place of the index holds, or that hold what cannot be used.</summary>
    public void AddBlobs(ProdOpsException error, IEnumerable<BlobHandle> blobs) => Add(error, [], [.. blobs.Select(blob => (blob, default(ObjectId)))]);

    public void AddSnapshot(ProdOpsException error, ObjectId snapshot) => Add(error, [snapshot.ToShortString()], []);

    /// <summary>Whether some pack's problem makes the blob unreadable there.</summary>
    public bool Explain(BlobHandle blob) => _problems.Any(problem => problem.Lost.Any(lost => lost.Blob == blob));

    /// <summary>
    /// The blobs that are lost for good, each with the problems that cost it. A blob that another pack holds is none of them.
    /// </summary>
    public Dictionary<BlobHandle, List<int>> FindLost(BlobIndex index)
    {
        var broken = new HashSet<(BlobHandle, ObjectId)>(_problems.SelectMany(problem => problem.Lost));
        var lost = new Dictionary<BlobHandle, List<int>>();
        for (int number = 0; number < _problems.Count; number++)
        {
            foreach (var (blob, pack) in _problems[number].Lost)
            {
                if (!pack.IsZero && index.FindAll(blob).Any(location => !broken.Contains((blob, location.Pack)))) continue;
                if (!lost.TryGetValue(blob, out var problems)) lost.Add(blob, problems = []);
                problems.Add(number);
            }
        }

        return lost;
    }

    /// <summary>The list for the report, in a stable order.</summary>
    /// <param name="affected">By the problems' numbers, the paths that <see cref="FindLost"/>'s blobs belong to.</param>
    public IReadOnlyList<BackupProblem> ToModel(IReadOnlyDictionary<int, IReadOnlyList<string>> affected) =>
        _problems.Select((problem, number) => new BackupProblem
        {
            ErrorId = problem.Error.ErrorId,
            Message = problem.Error.Message,
            Item = problem.Error.Target?.ToString() ?? "",
            Affected = affected.GetValueOrDefault(number, problem.Snapshots),
            Recommendation = problem.Error.Recommendation,
        }).OrderBy(problem => problem.ErrorId, StringComparer.Ordinal).ThenBy(problem => problem.Item, StringComparer.Ordinal).ToArray();

    private void Add(ProdOpsException error, IReadOnlyList<string> snapshots, IReadOnlyList<(BlobHandle, ObjectId)> lost)
    {
        lock (_problems) _problems.Add(new Problem(error, snapshots, lost));
    }

    private sealed record Problem(ProdOpsException Error, IReadOnlyList<string> Snapshots, IReadOnlyList<(BlobHandle Blob, ObjectId Pack)> Lost);
}
