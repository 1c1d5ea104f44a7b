using System.Security.Cryptography;
using System.Text;
using ProdOps.Backup.Repositories;

namespace ProdOps.Backup.Checking;

/// <summary>
/// One hash over the names and hashes of everything a test saw. Threads add lines as they come; sorted, equal runs give
/// equal hashes. Trees need no lines: a snapshot's id stands for its trees by hashes all the way down, and a tree that does not hold is a problem.
/// </summary>
internal sealed class CheckEvidence
{
    private readonly List<string> _lines = [];

    public void Add(string kind, ObjectId id, string detail = "")
    {
        lock (_lines) _lines.Add($"{kind} {id} {detail}\n");
    }

    public void Add(IEnumerable<BackupProblem> problems)
    {
        lock (_lines) _lines.AddRange(problems.Select(problem => $"problem {problem.ErrorId} {problem.Item}\n"));
    }

    public string ToHash()
    {
        lock (_lines)
        {
            _lines.Sort(StringComparer.Ordinal);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (string line in _lines) hash.AppendData(Encoding.UTF8.GetBytes(line));
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
    }
}
