using ProdOps.Backup.Repositories;
using ProdOps.Backup.Trees;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Checking;

/// <summary>
/// Writes folders' listings anew without the files that are lost. A folder whose own listing is lost stays as an empty one, as restic leaves it, so that who owned it is still known.
/// </summary>
internal sealed class TreeRewriter(Repository repository, TreeSurvey survey)
{
    private readonly Dictionary<ObjectId, ObjectId> _rewritten = [];

    /// <summary>What a folder's listing has become; itself where nothing is lost.</summary>
    public ObjectId this[ObjectId tree] => _rewritten.GetValueOrDefault(tree, tree);

    /// <summary>Makes the new listings durable and names them in the index, which must be loaded.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var writer = repository.BeginWriting(new BlobWriterOptions(), cancellationToken);
        using var sealer = writer.CreateSealer();
        var text = new TreeWriter();
        text.Begin();
        var empty = Store(text, writer, sealer);
        foreach (var tree in survey.Affected)
        {
            cancellationToken.ThrowIfCancellationRequested();
            byte[] old = await repository.ReadBlobAsync(new BlobHandle(BlobType.Tree, tree), cancellationToken);
            text.Begin();
            foreach (var (node, nodeText) in TreeTexts.Read(old)) Add(text, node, nodeText, empty);
            _rewritten[tree] = Store(text, writer, sealer);
        }

        await writer.FlushAsync(cancellationToken);
    }

    private void Add(TreeWriter text, Node node, ReadOnlyMemory<byte> nodeText, ObjectId empty)
    {
        bool isLost = survey.FindLoss(node) is not null;
        if (isLost && node.Type != FileType.Directory) return;
        var subtree = isLost ? empty : node.Subtree is { } old ? this[old] : (ObjectId?)null;
        if (subtree == node.Subtree && !nodeText.IsEmpty)
        {
            text.AddText(node.Name, nodeText.Span);
            return;
        }

        node.Subtree = subtree;
        text.Add(node);
    }

    private static ObjectId Store(TreeWriter text, BlobWriter writer, BlobSealer sealer)
    {
        var content = text.Finish().Span;
        var blob = new BlobHandle(BlobType.Tree, ObjectId.Of(content));
        if (writer.TryClaim(blob)) writer.Add(blob, content, sealer);
        return blob.Id;
    }
}
