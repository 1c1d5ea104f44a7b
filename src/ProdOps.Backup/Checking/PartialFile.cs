using ProdOps.Backup.Repositories;
using ProdOps.Backup.Trees;

namespace ProdOps.Backup.Checking;

/// <summary>
/// Keeps what is left of a file that lost pieces, under another name, so that nobody takes it for the whole one. The lost pieces become zeros of the same length, which keeps the
/// rest where it was; pieces whose length nobody knows any more are left out.
/// </summary>
internal sealed class PartialFile(Repository repository, IReadOnlyDictionary<BlobHandle, uint> lengths)
{
    /// <summary>What the name gets behind it.</summary>
    public const string Suffix = ".damaged";

    /// <summary>No writer cuts longer pieces; a length out of a damaged index may say anything.</summary>
    private const long MaxPiece = 64 << 20;

    private const int MaxName = 255;

    /// <summary>The file with the pieces that are left and those that stand for the others; the latter are stored.</summary>
    /// <param name="node">The file.</param>
    /// <param name="isTaken">Tells whether a name is another entry's.</param>
    /// <param name="store">Stores zeros of a length and returns their name.</param>
    public Node Keep(Node node, Func<byte[], bool> isTaken, Func<int, ObjectId> store)
    {
        var content = node.Content!;
        var found = content.Select(FindLength).ToArray();
        long missing = (long)node.Size - found.Sum(length => length ?? 0);
        int unknown = content.Where((id, i) => found[i] is null && !IsKnown(id)).Count();
        long known = content.Where((id, i) => found[i] is null && IsKnown(id)).Sum(id => lengths[new BlobHandle(BlobType.Data, id)]);
        var pieces = new List<ObjectId>(content.Length);
        long size = 0;
        for (int i = 0; i < content.Length; i++)
        {
            long? hole = found[i] is not null ? null : IsKnown(content[i]) ? lengths[new BlobHandle(BlobType.Data, content[i])] : unknown == 1 ? missing - known : null;
            if (found[i] is { } length) pieces.Add(content[i]);
            else if (hole is > 0 and <= MaxPiece) pieces.Add(store((int)hole));
            else continue;
            size += found[i] ?? hole!.Value;
        }

        var kept = node.Copy();
        kept.Name = NameOf(node.Name, isTaken);
        kept.Content = [.. pieces];
        kept.Size = (ulong)size;
        // Another name of the same file is lost or kept for itself.
        (kept.Links, kept.Inode) = (1, 0);
        return kept;
    }

    private static byte[] NameOf(byte[] name, Func<byte[], bool> isTaken)
    {
        byte[] suffix = System.Text.Encoding.ASCII.GetBytes(Suffix);
        do name = [.. name.AsSpan(0, Math.Min(name.Length, MaxName - suffix.Length)), .. suffix];
        while (isTaken(name) && name.Length < MaxName);
        return name;
    }

    private long? FindLength(ObjectId id) => repository.Index.TryFind(new BlobHandle(BlobType.Data, id), out var location) ? location.PlaintextLength : null;

    private bool IsKnown(ObjectId id) => lengths.ContainsKey(new BlobHandle(BlobType.Data, id));
}
