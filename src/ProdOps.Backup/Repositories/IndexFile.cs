using System.Buffers.Text;
using System.Text.Json;
using ProdOps.Backup.Crypto;

namespace ProdOps.Backup.Repositories;

/// <summary>Takes what an index file names, a pack at a time.</summary>
internal interface IIndexReceiver
{
    void Add(ObjectId pack, ReadOnlySpan<PackedBlob> blobs);
}

/// <summary>
/// The JSON that tells which blobs lie in which packs (restic, doc/design.rst, "Indexing"):
/// <c>{"packs":[{"id":…,"blobs":[{"id":…,"type":"data","offset":0,"length":38,"uncompressed_length":…}]}]}</c>.
/// Parsing is no I/O; what is wrong is a <see cref="JsonException"/>.
/// </summary>
internal static class IndexFile
{
    /// <summary>As many blobs as restic puts into an index file.</summary>
    public const int UsualBlobs = 50_000;

    // The longest a blob's and a pack's text can be, numbers having ten digits at most.
    private const int MaxBlobLength = 168, MaxPackLength = 96, EnvelopeLength = 16;

    public static void Read(ReadOnlySpan<byte> utf8, IIndexReceiver receiver)
    {
        var reader = new Utf8JsonReader(utf8);
        var blobs = new List<PackedBlob>();
        Next(ref reader);
        Expect(reader.TokenType == JsonTokenType.StartObject, "it is no object");
        while (NextProperty(ref reader))
        {
            if (!reader.ValueTextEquals("packs"u8))
            {
                SkipValue(ref reader);
                continue;
            }

            if (!BeginArray(ref reader)) continue;
            while (NextElement(ref reader)) ReadPack(ref reader, blobs, receiver);
        }

        Expect(!reader.Read(), "something follows its end");
    }

    /// <summary>No fewer bytes than <see cref="Write"/> makes of these packs.</summary>
    public static int MaxLength(IReadOnlyCollection<KeyValuePair<ObjectId, PackedBlob[]>> packs) =>
        checked(EnvelopeLength + packs.Sum(pack => MaxPackLength + pack.Value.Length * MaxBlobLength));

    /// <summary>Writes an index file and returns its length.</summary>
    public static int Write(IReadOnlyCollection<KeyValuePair<ObjectId, PackedBlob[]>> packs, Span<byte> utf8)
    {
        var output = new Output(utf8);
        output.Write("{\"packs\":["u8);
        bool firstPack = true;
        foreach (var (pack, blobs) in packs)
        {
            output.Write(firstPack ? "{\"id\":\""u8 : ",{\"id\":\""u8);
            output.Write(pack);
            output.Write("\",\"blobs\":["u8);
            for (int i = 0; i < blobs.Length; i++) WriteBlob(ref output, blobs[i], first: i == 0);
            output.Write("]}"u8);
            firstPack = false;
        }

        output.Write("]}\n"u8);
        return output.Length;
    }

    private static void ReadPack(ref Utf8JsonReader reader, List<PackedBlob> blobs, IIndexReceiver receiver)
    {
        Expect(reader.TokenType == JsonTokenType.StartObject, "a pack is no object");
        ObjectId id = default;
        blobs.Clear();
        while (NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("id"u8))
            {
                Next(ref reader);
                id = ReadId(ref reader);
            }
            else if (reader.ValueTextEquals("blobs"u8))
            {
                if (!BeginArray(ref reader)) continue;
                while (NextElement(ref reader)) blobs.Add(ReadBlob(ref reader));
            }
            else
            {
                SkipValue(ref reader);
            }
        }

        Expect(!id.IsZero, "a pack has no id");
        receiver.Add(id, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(blobs));
    }

    private static PackedBlob ReadBlob(ref Utf8JsonReader reader)
    {
        Expect(reader.TokenType == JsonTokenType.StartObject, "a blob is no object");
        ObjectId id = default;
        BlobType? type = null;
        uint offset = 0, length = 0, uncompressed = 0;
        while (NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("id"u8))
            {
                Next(ref reader);
                id = ReadId(ref reader);
            }
            else if (reader.ValueTextEquals("type"u8))
            {
                Next(ref reader);
                type = ReadType(ref reader);
            }
            else if (reader.ValueTextEquals("offset"u8))
            {
                offset = ReadNumber(ref reader);
            }
            else if (reader.ValueTextEquals("length"u8))
            {
                length = ReadNumber(ref reader);
            }
            else if (reader.ValueTextEquals("uncompressed_length"u8))
            {
                uncompressed = ReadNumber(ref reader);
            }
            else
            {
                SkipValue(ref reader);
            }
        }

        Expect(!id.IsZero && type is not null, "a blob lacks its id or its type");
        Expect(length >= MasterKey.Overhead && (long)offset + length <= uint.MaxValue, "a blob has an impossible length");
        return new PackedBlob(new BlobHandle(type!.Value, id), offset, length, uncompressed);
    }

    private static ObjectId ReadId(ref Utf8JsonReader reader)
    {
        Expect(reader.TokenType == JsonTokenType.String && !reader.HasValueSequence, "an id is no text");
        return ObjectId.TryParse(reader.ValueSpan, out var id) ? id : throw new JsonException("an id is not 64 hexadecimal digits");
    }

    private static BlobType ReadType(ref Utf8JsonReader reader)
    {
        Expect(reader.TokenType == JsonTokenType.String, "a type is no text");
        if (reader.ValueTextEquals("data"u8)) return BlobType.Data;
        return reader.ValueTextEquals("tree"u8) ? BlobType.Tree : throw new JsonException("a blob has an unknown type");
    }

    private static uint ReadNumber(ref Utf8JsonReader reader)
    {
        Next(ref reader);
        return reader.TokenType == JsonTokenType.Number && reader.TryGetUInt32(out uint number)
            ? number
            : throw new JsonException("a length or an offset is no whole number below 2^32");
    }

    private static bool NextProperty(ref Utf8JsonReader reader)
    {
        Next(ref reader);
        return reader.TokenType == JsonTokenType.PropertyName;
    }

    private static bool NextElement(ref Utf8JsonReader reader)
    {
        Next(ref reader);
        return reader.TokenType != JsonTokenType.EndArray;
    }

    // Go writes null for a list that was never made.
    private static bool BeginArray(ref Utf8JsonReader reader)
    {
        Next(ref reader);
        if (reader.TokenType == JsonTokenType.Null) return false;
        Expect(reader.TokenType == JsonTokenType.StartArray, "a list is none");
        return true;
    }

    private static void SkipValue(ref Utf8JsonReader reader)
    {
        Next(ref reader);
        reader.Skip();
    }

    private static void Next(ref Utf8JsonReader reader) => Expect(reader.Read(), "it ends early");

    private static void Expect(bool condition, string problem)
    {
        if (!condition) throw new JsonException(problem);
    }

    private static void WriteBlob(ref Output output, in PackedBlob blob, bool first)
    {
        output.Write(first ? "{\"id\":\""u8 : ",{\"id\":\""u8);
        output.Write(blob.Blob.Id);
        output.Write(blob.Blob.Type == BlobType.Data ? "\",\"type\":\"data\",\"offset\":"u8 : "\",\"type\":\"tree\",\"offset\":"u8);
        output.Write(blob.Offset);
        output.Write(",\"length\":"u8);
        output.Write(blob.Length);
        if (blob.UncompressedLength != 0)
        {
            output.Write(",\"uncompressed_length\":"u8);
            output.Write(blob.UncompressedLength);
        }

        output.Write("}"u8);
    }

    private ref struct Output(Span<byte> utf8)
    {
        private readonly Span<byte> _utf8 = utf8;

        public int Length { get; private set; }

        public void Write(ReadOnlySpan<byte> text)
        {
            text.CopyTo(_utf8[Length..]);
            Length += text.Length;
        }

        public void Write(ObjectId id)
        {
            id.WriteHex(_utf8.Slice(Length, 2 * ObjectId.Size));
            Length += 2 * ObjectId.Size;
        }

        public void Write(uint number)
        {
            Utf8Formatter.TryFormat(number, _utf8[Length..], out int written);
            Length += written;
        }
    }
}
