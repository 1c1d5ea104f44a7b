using System.Globalization;
using System.Text;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Trees;
using ProdOps.Servers.FileSystem;

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
    /// <param name="name">What it is called from now on, as <see cref="NameOf"/> says.</param>
    /// <param name="store">Stores zeros of a length and returns their name.</param>
    public Node Keep(Node node, byte[] name, Func<int, ObjectId> store)
    {
        var content = node.Content!;
        var found = content.Select(FindLength).ToArray();
        long missing = (long)node.Size - found.Sum(length => length ?? 0);
        // What the index knew of those that are lost.
        var told = content.Select((id, i) => found[i] is null && lengths.TryGetValue(new BlobHandle(BlobType.Data, id), out uint length) ? length : (long?)null).ToArray();
        int unknown = content.Where((_, i) => found[i] is null && told[i] is null).Count();
        long known = told.Sum(length => length ?? 0);
        var pieces = new List<ObjectId>(content.Length);
        long size = 0;
        for (int i = 0; i < content.Length; i++)
        {
            long? hole = found[i] is not null ? null : told[i] ?? (unknown == 1 ? missing - known : null);
            if (found[i] is not null) pieces.Add(content[i]);
            else if (hole is > 0 and <= MaxPiece) pieces.Add(store((int)hole));
            else continue;
            size += found[i] ?? hole!.Value;
        }

        var kept = node.Copy();
        kept.Name = name;
        kept.Content = [.. pieces];
        kept.Size = (ulong)size;
        // Another name of the same file is lost or kept for itself.
        (kept.Links, kept.Inode) = (1, 0);
        return kept;
    }

    /// <summary>What such a file is called: the name with <see cref="Suffix"/>, and with a number where that is another entry's.</summary>
    /// <param name="name">The file's name.</param>
    /// <param name="tryTake">Takes a name in the file's folder, if it is nobody's yet.</param>
    public static byte[] NameOf(byte[] name, Func<string, bool> tryTake)
    {
        for (int number = 1; ; number++)
        {
            string suffix = number == 1 ? Suffix : $"{Suffix}{number.ToString(CultureInfo.InvariantCulture)}";
            int length = Math.Min(name.Length, MaxName - suffix.Length);
            // Not in the middle of a character.
            while (length > 0 && length < name.Length && (name[length] & 0xC0) == 0x80) length--;
            byte[] candidate = [.. name.AsSpan(0, length), .. Encoding.ASCII.GetBytes(suffix)];
            if (tryTake(FileNames.Decode(candidate))) return candidate;
        }
    }

    private long? FindLength(ObjectId id) => repository.Index.TryFind(new BlobHandle(BlobType.Data, id), out var location) ? location.PlaintextLength : null;
}
