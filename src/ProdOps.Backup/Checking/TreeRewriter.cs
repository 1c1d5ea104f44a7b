using ProdOps.Backup.Repositories;
using ProdOps.Backup.Trees;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Checking;

/// <summary>
/// Writes folders' listings anew without the files that are lost; what is left of one stays under a name that says so. A folder whose own listing is lost stays as an empty one, as
/// restic leaves it, so that who owned it is still known.
/// </summary>
internal sealed class TreeRewriter(Repository repository, TreeSurvey survey, PartialFile partial)
{
    private static readonly Comparer<byte[]> ByBytes = Comparer<byte[]>.Create((left, right) => left.AsSpan().SequenceCompareTo(right));

    private readonly Dictionary<ObjectId, ObjectId> _rewritten = [];
    private ObjectId _empty;

    /// <summary>What a folder's listing has become; itself where nothing is lost.</summary>
    public ObjectId this[ObjectId tree] => _rewritten.GetValueOrDefault(tree, tree);

    /// <summary>Makes the new listings durable and names them in the index, which must be loaded.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var writer = repository.BeginWriting(new BlobWriterOptions(), cancellationToken);
        using var sealer = writer.CreateSealer();
        var text = new TreeWriter();
        text.Begin();
        _empty = Store(BlobType.Tree, text.Finish().Span);
        foreach (var tree in survey.Affected)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var entries = TreeTexts.Read(await repository.ReadBlobAsync(new BlobHandle(BlobType.Tree, tree), cancellationToken));
            text.Begin();
            foreach (var (node, nodeText) in Change(entries, length => Store(BlobType.Data, new byte[length])).OrderBy(entry => entry.Node.Name, ByBytes))
            {
                if (nodeText.IsEmpty) text.Add(node);
                else text.AddText(node.Name, nodeText.Span);
            }

            _rewritten[tree] = Store(BlobType.Tree, text.Finish().Span);
        }

        await writer.FlushAsync(cancellationToken);

        ObjectId Store(BlobType type, ReadOnlySpan<byte> content)
        {
            var blob = new BlobHandle(type, ObjectId.Of(content));
            if (writer.TryClaim(blob)) writer.Add(blob, content, sealer);
            return blob.Id;
        }
    }

    /// <summary>A folder's entries as they will be, each with its text if that stays as it is.</summary>
    private IEnumerable<(Node Node, ReadOnlyMemory<byte> Text)> Change(List<(Node Node, ReadOnlyMemory<byte> Text)> entries, Func<int, ObjectId> storeZeros)
    {
        HashSet<string>? names = null;
        foreach (var (node, text) in entries)
        {
            var loss = survey.FindLoss(node);
            if (node.Type == FileType.Directory && (loss is not null || this[node.Subtree!.Value] != node.Subtree))
            {
                node.Subtree = loss is null ? this[node.Subtree!.Value] : _empty;
                yield return (node, default);
            }
            else if (loss is null) yield return (node, text);
            else if (loss.Value.IsPartial) yield return (partial.Keep(node, PartialFile.NameOf(node.Name, TryTake), storeZeros), default);
        }

        bool TryTake(string name) => (names ??= [.. entries.Select(entry => FileNames.Decode(entry.Node.Name))]).Add(name);
    }
}
