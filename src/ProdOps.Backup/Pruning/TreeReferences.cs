using ProdOps.Backup.Repositories;
using ProdOps.Backup.Trees;

namespace ProdOps.Backup.Pruning;

/// <summary>
/// Reads out of a folder's listing what it names, and nothing else: a prune reads every listing there is. Whatever an entry is said to be, what it names
/// counts. Text that is no listing is a <see cref="FormatException"/>.
/// </summary>
internal static class TreeReferences
{
    public static void Read(ReadOnlySpan<byte> text, List<BlobHandle> references) => TreeReader.ReadTree(text, (ref JsonCursor json) => ReadNodes(ref json, references));

    private static void ReadNodes(ref JsonCursor json, List<BlobHandle> references)
    {
        json.Expect((byte)'[');
        if (json.TryTake((byte)']')) return;
        do ReadNode(ref json, references); while (json.TakeSeparator((byte)']'));
    }

    private static void ReadNode(ref JsonCursor json, List<BlobHandle> references)
    {
        json.Expect((byte)'{');
        if (json.TryTake((byte)'}')) return;
        do
        {
            var name = json.ReadString();
            bool isContent = name.SequenceEqual("content"u8), isSubtree = name.SequenceEqual("subtree"u8);
            json.Expect((byte)':');
            if (!isContent && !isSubtree) json.SkipValue();
            else if (json.TryTakeNull()) continue;
            else if (isSubtree) references.Add(new BlobHandle(BlobType.Tree, ReadId(ref json)));
            else ReadContent(ref json, references);
        } while (json.TakeSeparator((byte)'}'));
    }

    private static void ReadContent(ref JsonCursor json, List<BlobHandle> references)
    {
        json.Expect((byte)'[');
        if (json.TryTake((byte)']')) return;
        do references.Add(new BlobHandle(BlobType.Data, ReadId(ref json))); while (json.TakeSeparator((byte)']'));
    }

    private static ObjectId ReadId(ref JsonCursor json) => ObjectId.TryParse(json.ReadString(), out var id) ? id : throw json.Fail("an id that is none");
}
