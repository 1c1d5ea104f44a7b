using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ProdOps.Backup.Repositories;

/// <summary>
/// A snapshot as stored (restic, doc/design.rst, "Trees and Data"). Parsing is no I/O; what is wrong is a
/// <see cref="JsonException"/>. Fields that are not known are ignored, as restic does.
/// </summary>
internal sealed record SnapshotFile
{
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What a snapshot is tagged with in which something is missing: the format has no other place for it, and restic shows and copies tags.</summary>
    public const string IncompleteTag = "incomplete";

    /// <summary>The name of the file it was read from; not in it.</summary>
    public ObjectId Id { get; init; }

    public Rfc3339Time Time { get; init; }

    public ObjectId? Parent { get; init; }

    public ObjectId Tree { get; init; }

    /// <summary>Absolute paths.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    public string HostName { get; init; } = "";

    public string UserName { get; init; } = "";

    public uint UserId { get; init; }

    public uint GroupId { get; init; }

    public IReadOnlyList<string> Excludes { get; init; } = [];

    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>The id it had before its first change of tags or its copying.</summary>
    public ObjectId? Original { get; init; }

    public string? ProgramVersion { get; init; }

    public SnapshotSummary? Summary { get; init; }

    public bool IsIncomplete => Tags.Contains(IncompleteTag);

    public static SnapshotFile Parse(ReadOnlyMemory<byte> utf8, ObjectId id = default)
    {
        using var document = JsonDocument.Parse(utf8);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object) throw new JsonException("it is no object");
        return new SnapshotFile
        {
            Id = id,
            Time = root.GetTime("time") ?? throw new JsonException("it has no time"),
            Parent = root.GetId("parent"),
            Tree = root.GetId("tree") ?? throw new JsonException("it has no tree"),
            Paths = root.GetTexts("paths"),
            HostName = root.GetText("hostname") ?? "",
            UserName = root.GetText("username") ?? "",
            UserId = (uint)root.GetCount("uid", uint.MaxValue),
            GroupId = (uint)root.GetCount("gid", uint.MaxValue),
            Excludes = root.GetTexts("excludes"),
            Tags = root.GetTexts("tags"),
            Original = root.GetId("original"),
            ProgramVersion = root.GetText("program_version"),
            Summary = SnapshotSummary.Parse(root),
        };
    }

    /// <summary>The fields in Go's order, and only those that Go would not omit.</summary>
    public byte[] ToJson()
    {
        var output = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(output, WriterOptions))
        {
            json.WriteStartObject();
            json.WriteString("time"u8, Time.ToString());
            if (Parent is { } parent) json.WriteString("parent"u8, parent.ToString());
            json.WriteString("tree"u8, Tree.ToString());
            WriteTexts(json, "paths", Paths);
            if (HostName.Length > 0) json.WriteString("hostname"u8, HostName);
            if (UserName.Length > 0) json.WriteString("username"u8, UserName);
            if (UserId != 0) json.WriteNumber("uid"u8, UserId);
            if (GroupId != 0) json.WriteNumber("gid"u8, GroupId);
            if (Excludes.Count > 0) WriteTexts(json, "excludes", Excludes);
            if (Tags.Count > 0) WriteTexts(json, "tags", Tags);
            if (Original is { } original) json.WriteString("original"u8, original.ToString());
            if (!string.IsNullOrEmpty(ProgramVersion)) json.WriteString("program_version"u8, ProgramVersion);
            Summary?.Write(json);
            json.WriteEndObject();
        }

        return output.WrittenSpan.ToArray();
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IReadOnlyList<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts) json.WriteStringValue(text);
        json.WriteEndArray();
    }
}
