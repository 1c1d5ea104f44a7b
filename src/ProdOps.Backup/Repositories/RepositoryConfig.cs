using System.Buffers;
using System.Text.Json;
using ProdOps.Backup.Chunking;

namespace ProdOps.Backup.Repositories;

/// <summary>
/// What a repository's <c>config</c> tells (restic, doc/design.rst, "Repository Format"). Parsing is no I/O; what is wrong is a
/// <see cref="JsonException"/>.
/// </summary>
/// <param name="Version">The format's version.</param>
/// <param name="Id">The repository's own, random id.</param>
/// <param name="Polynomial">Decides where files are cut; see <see cref="ChunkerPolynomial"/>.</param>
internal sealed record RepositoryConfig(int Version, ObjectId Id, ulong Polynomial)
{
    public const int MinVersion = 1, MaxVersion = 2;

    /// <summary>Version 2 brought compression.</summary>
    public bool Compresses => Version >= 2;

    /// <summary>Reads the version alone: what the rest looks like in a later one is not known.</summary>
    public static long ReadVersion(ReadOnlyMemory<byte> utf8)
    {
        using var document = JsonDocument.Parse(utf8);
        return RequireObject(document).GetCount("version");
    }

    public static RepositoryConfig Parse(ReadOnlyMemory<byte> utf8)
    {
        using var document = JsonDocument.Parse(utf8);
        var root = RequireObject(document);
        int version = (int)root.GetCount("version", int.MaxValue);
        if (version is < MinVersion or > MaxVersion) throw new JsonException($"its version is {version}");
        var id = root.GetId("id") ?? throw new JsonException("it has no id");
        string hex = root.GetText("chunker_polynomial") ?? throw new JsonException("it has no chunker polynomial");
        try
        {
            ulong polynomial = ChunkerPolynomial.ParseHex(hex);
            if (ChunkerPolynomial.IsIrreducible(polynomial)) return new RepositoryConfig(version, id, polynomial);
        }
        catch (FormatException)
        {
            // Told below.
        }

        throw new JsonException("its chunker polynomial is not an irreducible one of degree 53");
    }

    public byte[] ToJson()
    {
        var output = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteNumber("version"u8, Version);
            json.WriteString("id"u8, Id.ToString());
            json.WriteString("chunker_polynomial"u8, ChunkerPolynomial.ToHex(Polynomial));
            json.WriteEndObject();
        }

        return output.WrittenSpan.ToArray();
    }

    private static JsonElement RequireObject(JsonDocument document) =>
        document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement : throw new JsonException("it is no object");
}
