using System.Text;
using System.Text.Unicode;
using ProdOps.Backup.Repositories;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Trees;

/// <summary>
/// Writes a tree's canonical text, byte for byte what restic writes for the same nodes (backup-format.md 1.9), so that
/// both programs arrive at the same id. One writer serves one thread and any number of trees, one after the other.
/// </summary>
internal sealed class TreeWriter(Rfc3339? times = null)
{
    private readonly Utf8Buffer _text = new(16 * 1024);
    private readonly Rfc3339 _times = times ?? Rfc3339.Local;
    private byte[] _lastName = [];

    /// <summary>How many nodes the tree has so far.</summary>
    public int Count { get; private set; }

    /// <summary>How long the text is so far.</summary>
    public int Length => _text.Length;

    /// <summary>Starts a tree; what the writer held before is gone.</summary>
    public void Begin()
    {
        _text.Clear();
        _text.Append("{\"nodes\":["u8);
        _lastName = [];
        Count = 0;
    }

    /// <summary>Adds a node. Names must come in strictly ascending order of their bytes.</summary>
    public void Add(Node node)
    {
        BeginNode(node.Name);
        WriteNode(_text, node, _times);
    }

    /// <summary>Adds a node that is text already: one that <see cref="WriteNode"/> or restic wrote.</summary>
    public void AddText(byte[] name, ReadOnlySpan<byte> node)
    {
        BeginNode(name);
        _text.Append(node);
    }

    /// <summary>Ends the tree and returns its text, trailing newline included; it is valid until the next <see cref="Begin"/>.</summary>
    public ReadOnlyMemory<byte> Finish()
    {
        _text.Append("]}\n"u8);
        return _text.WrittenMemory;
    }

    /// <summary>Writes one node as JSON. The order of the fields and which of them may be missing are part of the format.</summary>
    public static void WriteNode(Utf8Buffer text, Node node, Rfc3339 times)
    {
        text.Append("{\"name\":"u8);
        GoText.AppendName(text, node.Name);
        text.Append(",\"type\":\""u8);
        text.Append(NodeTypes.NameOf(node.Type));
        text.Append((byte)'"');
        AppendNumber(text, ",\"mode\":"u8, node.Mode);
        AppendTimes(text, node, times);
        text.Append(",\"uid\":"u8);
        text.AppendNumber(node.UserId);
        text.Append(",\"gid\":"u8);
        text.AppendNumber(node.GroupId);
        AppendText(text, ",\"user\":"u8, node.User);
        AppendText(text, ",\"group\":"u8, node.Group);
        AppendNumber(text, ",\"inode\":"u8, node.Inode);
        AppendNumber(text, ",\"device_id\":"u8, node.DeviceId);
        AppendNumber(text, ",\"size\":"u8, node.Size);
        AppendNumber(text, ",\"links\":"u8, node.Links);
        AppendLinkTarget(text, node.LinkTarget);
        AppendExtendedAttributes(text, node.ExtendedAttributes);
        if (node.GenericAttributes is { Length: > 0 } generic)
        {
            text.Append(",\"generic_attributes\":"u8);
            text.Append(generic);
        }
        AppendNumber(text, ",\"device\":"u8, node.Device);
        AppendContent(text, node.Content);
        if (node.Subtree is { } subtree)
        {
            text.Append(",\"subtree\":"u8);
            AppendId(text, subtree);
        }
        AppendText(text, ",\"error\":"u8, node.Error);
        text.Append((byte)'}');
    }

    private void BeginNode(byte[] name)
    {
        if (Count > 0)
        {
            if (_lastName.AsSpan().SequenceCompareTo(name) >= 0)
                throw new InvalidOperationException($"A tree's names ascend; '{FileNames.Decode(name)}' came after '{FileNames.Decode(_lastName)}'.");
            _text.Append((byte)',');
        }
        _lastName = name;
        Count++;
    }

    private static void AppendTimes(Utf8Buffer text, Node node, Rfc3339 times)
    {
        Span<byte> moment = stackalloc byte[Rfc3339.MaxLength];
        int length = times.Format(node.ModifiedTime, moment);
        text.Append(",\"mtime\":\""u8);
        text.Append(moment[..length]);
        // The access time is the modification time unless the user asks for more.
        if (node.AccessTime != node.ModifiedTime) length = times.Format(node.AccessTime, moment);
        text.Append("\",\"atime\":\""u8);
        text.Append(moment[..length]);
        if (node.ChangeTime != node.AccessTime) length = times.Format(node.ChangeTime, moment);
        text.Append("\",\"ctime\":\""u8);
        text.Append(moment[..length]);
        text.Append((byte)'"');
    }

    private static void AppendLinkTarget(Utf8Buffer text, byte[] target)
    {
        if (target.Length == 0) return;
        text.Append(",\"linktarget\":"u8);
        GoText.AppendJsonString(text, target);
        if (Utf8.IsValid(target)) return;
        text.Append(",\"linktarget_raw\":\""u8);
        text.AppendBase64(target);
        text.Append((byte)'"');
    }

    private static void AppendExtendedAttributes(Utf8Buffer text, ExtendedAttribute[] attributes)
    {
        if (attributes.Length == 0) return;
        text.Append(",\"extended_attributes\":["u8);
        for (int i = 0; i < attributes.Length; i++)
        {
            text.Append(i == 0 ? "{\"name\":"u8 : ",{\"name\":"u8);
            GoText.AppendJsonString(text, FileNames.Encode(attributes[i].Name));
            text.Append(",\"value\":\""u8);
            text.AppendBase64(attributes[i].Value);
            text.Append("\"}"u8);
        }
        text.Append((byte)']');
    }

    private static void AppendContent(Utf8Buffer text, ObjectId[]? content)
    {
        if (content is null)
        {
            text.Append(",\"content\":null"u8);
            return;
        }
        text.Append(",\"content\":["u8);
        for (int i = 0; i < content.Length; i++)
        {
            if (i > 0) text.Append((byte)',');
            AppendId(text, content[i]);
        }
        text.Append((byte)']');
    }

    private static void AppendId(Utf8Buffer text, ObjectId id)
    {
        const int Length = 2 * ObjectId.Size + 2;
        var room = text.Reserve(Length);
        room[0] = room[Length - 1] = (byte)'"';
        id.WriteHex(room.Slice(1, 2 * ObjectId.Size));
        text.Advance(Length);
    }

    private static void AppendNumber(Utf8Buffer text, ReadOnlySpan<byte> label, ulong value)
    {
        if (value == 0) return;
        text.Append(label);
        text.AppendNumber(value);
    }

    private static void AppendText(Utf8Buffer text, ReadOnlySpan<byte> label, string value)
    {
        if (value.Length == 0) return;
        text.Append(label);
        Span<byte> utf8 = stackalloc byte[256];
        if (Encoding.UTF8.GetMaxByteCount(value.Length) > utf8.Length || !Encoding.UTF8.TryGetBytes(value, utf8, out int length))
            GoText.AppendJsonString(text, FileNames.Encode(value));
        else GoText.AppendJsonString(text, utf8[..length]);
    }
}
