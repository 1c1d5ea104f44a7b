using System.Text.Json;
using System.Text.Json.Serialization;

namespace ProdOps.Logging.Collecting.Rotation;

/// <summary>How far the files of a source have been read.</summary>
internal sealed record FileCheckpoint
{
    /// <summary>Where nothing has been read yet.</summary>
    public static FileCheckpoint Empty { get; } = new();

    /// <summary>When the server was last looked at, by its clock; microseconds since 1970.</summary>
    public long Time { get; init; }

    /// <summary>The logs of the source.</summary>
    public IReadOnlyList<FamilyState> Families { get; init; } = [];

    public string ToJson() => JsonSerializer.Serialize(new CheckpointData(Version, Time, [.. Families.Select(FamilyData.Of)]), CheckpointJson.Default.CheckpointData);

    /// <summary>Reads what <see cref="ToJson"/> wrote; <see langword="null"/> for anything else, and for what a later version wrote.</summary>
    public static FileCheckpoint? TryParse(string json)
    {
        try
        {
            if (JsonSerializer.Deserialize(json, CheckpointJson.Default.CheckpointData) is not { V: Version, F: { } families } data) return null;
            FamilyState[] states = [.. families.Select(family => family?.ToState()).OfType<FamilyState>()];
            return states.Length == families.Count ? new FileCheckpoint { Time = data.At, Families = states } : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private const int Version = 1;
}

/// <summary>One log: the file that is written to, and those that it was.</summary>
/// <param name="Path">The log's path.</param>
/// <param name="Active">The file that is being read: the log itself or, where rotations are to be made up for, one that it was.</param>
internal sealed record FamilyState(string Path, FileMark Active)
{
    /// <summary>Rotated files that were read to their end and might grow still, oldest first.</summary>
    public IReadOnlyList<FileMark> Trailing { get; init; } = [];

    /// <summary>Rotated files as new as the active one whose lines are kept already.</summary>
    public IReadOnlyList<DoneFile> Done { get; init; } = [];

    /// <summary>When its files were last looked at, if a later look led to nothing; <see langword="null"/> is the checkpoint's time. Microseconds since 1970.</summary>
    public long? Time { get; init; }
}

// Names of one letter: a checkpoint is written with each batch and may have the files of hundreds of logs in it.
internal sealed record CheckpointData(int V, long At, List<FamilyData?>? F);

internal sealed record FamilyData(string? P, MarkData? A, List<MarkData?>? T, List<DoneData?>? D, long? L)
{
    public static FamilyData Of(FamilyState state) => new(state.Path, MarkData.Of(state.Active),
        state.Trailing.Count == 0 ? null : [.. state.Trailing.Select(MarkData.Of)], state.Done.Count == 0 ? null : [.. state.Done.Select(done => new DoneData(done.Id, done.Modified, done.Size, done.Length, done.Head.Length == 0 ? null : done.Head, done.IsCopy, done.Offset, done.Tail == done.Head ? null : done.Tail))], state.Time);

    public FamilyState? ToState() => P is null || A?.ToMark() is not { } active ? null : new FamilyState(P, active)
    {
        Time = L,
        Trailing = [.. (T ?? []).Select(mark => mark?.ToMark()).OfType<FileMark>()],
        Done = [.. (D ?? []).OfType<DoneData>().Select(done => new DoneFile(done.I ?? "", done.M, done.S) { Length = done.H is null ? 0 : Math.Clamp(done.N, 0, FileMark.ContentLength), Head = done.H ?? "", IsCopy = done.C, Offset = done.H is null ? 0 : Math.Max(0, done.O), Tail = done.T ?? done.H ?? "" })],
    };
}

internal sealed record MarkData(string? I, long O, string? H, string? T, long S, long M, bool? K, long? Z)
{
    public static MarkData Of(FileMark mark) => new(mark.Id, mark.Offset, mark.Head.Length == 0 ? null : mark.Head, mark.Tail == mark.Head ? null : mark.Tail, mark.Size, mark.Modified, mark.SkipsLine ? true : null, mark.PackedSize);

    public FileMark? ToMark() => I is null || O < 0 || (O > 0 && H is null) ? null
        : new FileMark(I, O) { Head = H ?? "", Tail = T ?? H ?? "", Size = S, Modified = M, SkipsLine = K == true, PackedSize = Z };
}

internal sealed record DoneData(string? I, long M, long S, int N, string? H, bool C, long O, string? T);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(CheckpointData))]
internal sealed partial class CheckpointJson : JsonSerializerContext;
