using System.Text.Json;

namespace ProdOps.Backup.Repositories;

/// <summary>What the run that made a snapshot did. restic records it since 0.17.</summary>
internal sealed record SnapshotSummary
{
    public Rfc3339Time Start { get; init; }

    public Rfc3339Time End { get; init; }

    public long FilesNew { get; init; }

    public long FilesChanged { get; init; }

    public long FilesUnmodified { get; init; }

    public long DirectoriesNew { get; init; }

    public long DirectoriesChanged { get; init; }

    public long DirectoriesUnmodified { get; init; }

    public long DataBlobs { get; init; }

    public long TreeBlobs { get; init; }

    /// <summary>Bytes new to the repository, before compression.</summary>
    public long DataAdded { get; init; }

    /// <summary>Bytes new to the repository, as stored.</summary>
    public long DataAddedPacked { get; init; }

    public long TotalFilesProcessed { get; init; }

    public long TotalBytesProcessed { get; init; }

    public static SnapshotSummary? Parse(JsonElement snapshot)
    {
        if (!snapshot.TryGetProperty("summary"u8, out var summary) || summary.ValueKind == JsonValueKind.Null) return null;
        if (summary.ValueKind != JsonValueKind.Object) throw new JsonException("its summary is no object");
        return new SnapshotSummary
        {
            Start = summary.GetTime("backup_start") ?? default,
            End = summary.GetTime("backup_end") ?? default,
            FilesNew = summary.GetCount("files_new"),
            FilesChanged = summary.GetCount("files_changed"),
            FilesUnmodified = summary.GetCount("files_unmodified"),
            DirectoriesNew = summary.GetCount("dirs_new"),
            DirectoriesChanged = summary.GetCount("dirs_changed"),
            DirectoriesUnmodified = summary.GetCount("dirs_unmodified"),
            DataBlobs = summary.GetCount("data_blobs"),
            TreeBlobs = summary.GetCount("tree_blobs"),
            DataAdded = summary.GetCount("data_added"),
            DataAddedPacked = summary.GetCount("data_added_packed"),
            TotalFilesProcessed = summary.GetCount("total_files_processed"),
            TotalBytesProcessed = summary.GetCount("total_bytes_processed"),
        };
    }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject("summary"u8);
        json.WriteString("backup_start"u8, Start.ToString());
        json.WriteString("backup_end"u8, End.ToString());
        json.WriteNumber("files_new"u8, FilesNew);
        json.WriteNumber("files_changed"u8, FilesChanged);
        json.WriteNumber("files_unmodified"u8, FilesUnmodified);
        json.WriteNumber("dirs_new"u8, DirectoriesNew);
        json.WriteNumber("dirs_changed"u8, DirectoriesChanged);
        json.WriteNumber("dirs_unmodified"u8, DirectoriesUnmodified);
        json.WriteNumber("data_blobs"u8, DataBlobs);
        json.WriteNumber("tree_blobs"u8, TreeBlobs);
        json.WriteNumber("data_added"u8, DataAdded);
        json.WriteNumber("data_added_packed"u8, DataAddedPacked);
        json.WriteNumber("total_files_processed"u8, TotalFilesProcessed);
        json.WriteNumber("total_bytes_processed"u8, TotalBytesProcessed);
        json.WriteEndObject();
    }
}
