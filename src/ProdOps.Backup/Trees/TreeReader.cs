using System.Buffers;
using System.Buffers.Text;
using ProdOps.Backup.Repositories;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Trees;

/// <summary>
/// Reads a tree's text: any order of fields, unknown ones passed over. Names that could lead out of a folder, and
/// anything else that no writer writes, are <c>TreeDamaged</c>, so that callers may trust what they get.
/// </summary>
internal static class TreeReader
{
    private enum Field
    {
        Name, Type, Mode, ModifiedTime, AccessTime, ChangeTime, UserId, GroupId, User, Group, Inode, DeviceId, Size, Links,
        LinkTarget, LinkTargetRaw, ExtendedAttributes, GenericAttributes, Device, Content, Subtree, Error, Unknown,
    }

    private static readonly byte[][] FieldNames =
    [
        .. new[]
        {
            "name", "type", "mode", "mtime", "atime", "ctime", "uid", "gid", "user", "group", "inode", "device_id", "size", "links",
            "linktarget", "linktarget_raw", "extended_attributes", "generic_attributes", "device", "content", "subtree", "error",
        }.Select(System.Text.Encoding.ASCII.GetBytes),
    ];

    /// <summary>The nodes in ascending order of their names' bytes.</summary>
    public static List<Node> Parse(ReadOnlySpan<byte> text)
    {
        var nodes = new List<Node>();
        try
        {
            ReadTree(text, (ref JsonCursor json) => ReadNodes(ref json, nodes));
            EnsureOrder(nodes);
        }
        catch (FormatException e)
        {
            throw BackupErrors.TreeDamaged(e.Message);
        }
        return nodes;
    }

    /// <summary>Reads a value of the text.</summary>
    internal delegate void ValueReader(ref JsonCursor json);

    /// <summary>Reads a listing, of which the nodes alone count. Text that is none is a <see cref="FormatException"/>.</summary>
    internal static void ReadTree(ReadOnlySpan<byte> text, ValueReader readNodes)
    {
        var json = new JsonCursor(text);
        bool found = false;
        json.Expect((byte)'{');
        if (!json.TryTake((byte)'}'))
        {
            do
            {
                bool isNodes = json.ReadString().SequenceEqual("nodes"u8);
                json.Expect((byte)':');
                if (isNodes && !json.TryTakeNull()) readNodes(ref json);
                else if (!isNodes) json.SkipValue();
                found |= isNodes;
            } while (json.TakeSeparator((byte)'}'));
        }
        if (!found) throw json.Fail("no list of nodes");
        if (json.Peek() != 0 || json.Position < text.Length) throw json.Fail("something behind the tree");
    }

    private static void ReadNodes(ref JsonCursor json, List<Node> nodes)
    {
        if (nodes.Count > 0) throw json.Fail("a second list of nodes");
        json.Expect((byte)'[');
        if (json.TryTake((byte)']')) return;
        do nodes.Add(ReadNode(ref json)); while (json.TakeSeparator((byte)']'));
    }

    private static Node ReadNode(ref JsonCursor json)
    {
        var node = new Node();
        byte[]? rawTarget = null;
        int expected = 0;
        ReadOnlySpan<byte> lastTimeText = default;
        UnixTime lastTime = default;

        json.Expect((byte)'{');
        if (!json.TryTake((byte)'}'))
        {
            do
            {
                var field = FindField(json.ReadString(), ref expected);
                json.Expect((byte)':');
                if (field == Field.Unknown) json.SkipValue();
                else if (json.TryTakeNull()) continue;
                else if (field is Field.ModifiedTime or Field.AccessTime or Field.ChangeTime)
                {
                    // The three are often the same text.
                    var timeText = json.ReadRawString(out _);
                    if (lastTimeText.IsEmpty || !timeText.SequenceEqual(lastTimeText))
                    {
                        if (!Rfc3339.TryParse(timeText, out lastTime)) throw json.Fail("a time that is none");
                        lastTimeText = timeText;
                    }
                    if (field == Field.ModifiedTime) node.ModifiedTime = lastTime;
                    else if (field == Field.AccessTime) node.AccessTime = lastTime;
                    else node.ChangeTime = lastTime;
                }
                else if (field == Field.LinkTargetRaw) rawTarget = ReadBase64(ref json);
                else ReadField(ref json, node, field);
            } while (json.TakeSeparator((byte)'}'));
        }
        if (rawTarget is not null) node.LinkTarget = rawTarget;
        if (node.Name.Length == 0) throw json.Fail("an entry without a name");
        return node;
    }

    private static void ReadField(ref JsonCursor json, Node node, Field field)
    {
        switch (field)
        {
            case Field.Name: node.Name = ReadName(ref json); break;
            case Field.Type: node.Type = NodeTypes.Parse(json.ReadString()); break;
            case Field.Mode: node.Mode = (uint)json.ReadNumber(uint.MaxValue); break;
            case Field.UserId: node.UserId = (uint)json.ReadNumber(uint.MaxValue); break;
            case Field.GroupId: node.GroupId = (uint)json.ReadNumber(uint.MaxValue); break;
            case Field.User: node.User = KnownStrings.Get(json.ReadString()); break;
            case Field.Group: node.Group = KnownStrings.Get(json.ReadString()); break;
            case Field.Inode: node.Inode = json.ReadNumber(ulong.MaxValue); break;
            case Field.DeviceId: node.DeviceId = json.ReadNumber(ulong.MaxValue); break;
            case Field.Size: node.Size = json.ReadNumber(long.MaxValue); break;
            case Field.Links: node.Links = json.ReadNumber(ulong.MaxValue); break;
            case Field.LinkTarget: node.LinkTarget = json.ReadString().ToArray(); break;
            case Field.ExtendedAttributes: node.ExtendedAttributes = ReadExtendedAttributes(ref json); break;
            case Field.GenericAttributes:
                json.Peek();
                int start = json.Position;
                json.SkipValue();
                node.GenericAttributes = json.Text[start..json.Position].ToArray();
                break;
            case Field.Device: node.Device = json.ReadNumber(ulong.MaxValue); break;
            case Field.Content: node.Content = ReadContent(ref json); break;
            case Field.Subtree: node.Subtree = ReadId(ref json); break;
            case Field.Error: node.Error = FileNames.Decode(json.ReadString()); break;
        }
    }

    /// <summary>Writers keep the order, so the search begins behind the field that was found last.</summary>
    private static Field FindField(ReadOnlySpan<byte> name, ref int expected)
    {
        for (int i = 0; i < FieldNames.Length; i++)
        {
            int candidate = expected + i;
            if (candidate >= FieldNames.Length) candidate -= FieldNames.Length;
            if (!name.SequenceEqual(FieldNames[candidate])) continue;
            expected = candidate + 1;
            return (Field)candidate;
        }
        return Field.Unknown;
    }

    private static byte[] ReadName(ref JsonCursor json)
    {
        int start = json.Position;
        var name = json.ReadRawString(out bool escaped);
        if (escaped)
        {
            json.Position = start;
            var unescaped = json.ReadStringToScratch();
            int length = GoText.Unquote(unescaped);
            if (length < 0) throw json.Fail("a name that is not quoted as restic quotes");
            name = unescaped[..length];
        }
        if (name.IsEmpty || name.SequenceEqual("."u8) || name.SequenceEqual(".."u8) || name.ContainsAny((byte)'/', (byte)0))
            throw json.Fail("a name that no file can have");
        return name.ToArray();
    }

    private static ExtendedAttribute[] ReadExtendedAttributes(ref JsonCursor json)
    {
        json.Expect((byte)'[');
        if (json.TryTake((byte)']')) return [];
        var attributes = new List<ExtendedAttribute>(2);
        do
        {
            string? name = null;
            byte[] value = [];
            json.Expect((byte)'{');
            do
            {
                var key = json.ReadString();
                bool isName = key.SequenceEqual("name"u8), isValue = key.SequenceEqual("value"u8);
                json.Expect((byte)':');
                if (isName) name = KnownStrings.Get(json.ReadString());
                else if (!isValue) json.SkipValue();
                else if (!json.TryTakeNull()) value = ReadBase64(ref json);
            } while (json.TakeSeparator((byte)'}'));
            if (string.IsNullOrEmpty(name) || name.Contains('\0')) throw json.Fail("an extended attribute without a name");
            attributes.Add(new ExtendedAttribute(name, value));
        } while (json.TakeSeparator((byte)']'));
        return [.. attributes];
    }

    private static ObjectId[] ReadContent(ref JsonCursor json)
    {
        json.Expect((byte)'[');
        if (json.TryTake((byte)']')) return [];
        var first = ReadId(ref json);
        if (!json.TakeSeparator((byte)']')) return [first];
        var ids = new List<ObjectId> { first };
        do ids.Add(ReadId(ref json)); while (json.TakeSeparator((byte)']'));
        return [.. ids];
    }

    private static ObjectId ReadId(ref JsonCursor json) => ObjectId.TryParse(json.ReadString(), out var id) ? id : throw json.Fail("an id that is none");

    private static byte[] ReadBase64(ref JsonCursor json)
    {
        var text = json.ReadString();
        byte[] bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        if (Base64.DecodeFromUtf8(text, bytes, out _, out int length) != OperationStatus.Done) throw json.Fail("a value that is not base64");
        return length == bytes.Length ? bytes : bytes[..length];
    }

    /// <summary>Every writer sorts; old ones are said not to have always done so, which does no harm. Two entries of one name do.</summary>
    private static void EnsureOrder(List<Node> nodes)
    {
        if (IsAscending(nodes)) return;
        nodes.Sort((left, right) => left.Name.AsSpan().SequenceCompareTo(right.Name));
        if (!IsAscending(nodes)) throw new FormatException("two entries of the same name");
    }

    private static bool IsAscending(List<Node> nodes)
    {
        for (int i = 1; i < nodes.Count; i++)
        {
            if (nodes[i - 1].Name.AsSpan().SequenceCompareTo(nodes[i].Name) >= 0) return false;
        }
        return true;
    }
}
