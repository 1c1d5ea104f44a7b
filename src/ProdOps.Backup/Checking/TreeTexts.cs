using System.Text.Json;
using ProdOps.Backup.Trees;

namespace ProdOps.Backup.Checking;

/// <summary>A folder's listing taken apart into the texts of its entries, so that an entry that does not change is written again as it stands, with fields that nobody here knows.</summary>
internal static class TreeTexts
{
    /// <summary>The entries in the order of their names, each with its text; a text is empty where it has to be made from the entry.</summary>
    public static List<(Node Node, ReadOnlyMemory<byte> Text)> Read(ReadOnlyMemory<byte> tree)
    {
        var nodes = TreeReader.Parse(tree.Span);
        var texts = Split(tree);
        // Who sorts otherwise than by bytes is read all the same; then the texts cannot be told apart by their order.
        return texts.Count == nodes.Count && nodes.Zip(texts).All(pair => IsTextOf(pair.First, pair.Second.Span))
            ? [.. nodes.Zip(texts)]
            : [.. nodes.Select(node => (node, default(ReadOnlyMemory<byte>)))];
    }

    private static bool IsTextOf(Node node, ReadOnlySpan<byte> text)
    {
        byte[] alone = [.. "{\"nodes\":["u8, .. text, .. "]}"u8];
        return TreeReader.Parse(alone) is [var read] && read.Name.AsSpan().SequenceEqual(node.Name);
    }

    private static List<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> tree)
    {
        var texts = new List<ReadOnlyMemory<byte>>();
        try
        {
            var json = new Utf8JsonReader(tree.Span);
            json.Read();
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                bool isNodes = json.ValueTextEquals("nodes"u8);
                json.Read();
                if (!isNodes || json.TokenType != JsonTokenType.StartArray)
                {
                    json.Skip();
                    continue;
                }

                while (json.Read() && json.TokenType == JsonTokenType.StartObject)
                {
                    int start = (int)json.TokenStartIndex;
                    json.Skip();
                    texts.Add(tree[start..(int)json.BytesConsumed]);
                }
            }
        }
        catch (JsonException)
        {
            // Text that only the other reader takes.
            texts.Clear();
        }

        return texts;
    }
}
