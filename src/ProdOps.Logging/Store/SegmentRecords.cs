using System.Text.Json.Serialization;

namespace ProdOps.Logging.Store;

/// <summary>The first frame of a segment, in JSON: what its lines belong to and how they are read.</summary>
internal sealed record SegmentHeader
{
    /// <summary>Two to the number of changes of this layout.</summary>
    public const int CurrentVersion = 1;

    /// <summary>What is known of a segment whose first frame is damaged.</summary>
    public static SegmentHeader Lost { get; } = new() { Version = CurrentVersion, Server = "", Source = "", Format = "", Generation = 0 };

    public required int Version { get; init; }

    public required string Server { get; init; }

    public required string Source { get; init; }

    /// <summary>The lines' format.</summary>
    public required string Format { get; init; }

    /// <summary>The server's time zone, by its IANA name; times without a zone are in it.</summary>
    public string Zone { get; init; } = "UTC";

    /// <summary>A random number that changes whenever the file is written anew: an index is of one of them only.</summary>
    public required long Generation { get; init; }

    /// <summary>Whether it was packed for good.</summary>
    public bool Sealed { get; init; }
}

/// <summary>
/// The frame before each batch of frames with lines, in JSON. A batch counts if all of it is there and the checksum holds; what comes after the last such batch
/// was never acknowledged.
/// </summary>
internal sealed record BatchHeader
{
    /// <summary>The frames of lines behind this one: stored length and length, each in bytes, and the number of lines.</summary>
    public required int[][] Frames { get; init; }

    /// <summary>CRC-32C (RFC 3720, section 12.1) of the frames as they are stored.</summary>
    public required uint Crc32C { get; init; }

    public required DateTimeOffset Received { get; init; }

    /// <summary>What completes times without a year.</summary>
    public DateTimeOffset? Reference { get; init; }

    /// <summary>How far the server's clock was ahead, in ticks of 100 ns.</summary>
    public long? ClockOffset { get; init; }

    /// <summary>Where the collector goes on after these lines.</summary>
    public string? Checkpoint { get; init; }

    /// <summary>The stored length of all frames, or -1 if the numbers cannot be.</summary>
    [JsonIgnore]
    public long StoredLength
    {
        get
        {
            long sum = 0;
            foreach (int[] frame in Frames)
            {
                if (frame is not [> 0, >= 0, >= 0]) return -1;
                sum += frame[0];
            }

            return sum;
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(SegmentHeader))]
[JsonSerializable(typeof(BatchHeader))]
[JsonSerializable(typeof(LogHoldFile))]
internal sealed partial class StoreJson : JsonSerializerContext;

/// <summary>What a stream's folder says about what must not be removed.</summary>
internal sealed record LogHoldFile
{
    public required HoldEntry[] Holds { get; init; }
}

/// <summary>Nothing between the two moments is removed while this stands.</summary>
internal sealed record HoldEntry
{
    public required string Reason { get; init; }

    public required DateTimeOffset Since { get; init; }

    public DateTimeOffset? After { get; init; }

    public DateTimeOffset? Before { get; init; }
}
