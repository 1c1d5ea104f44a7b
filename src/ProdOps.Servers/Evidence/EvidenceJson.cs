using System.Text.Json;
using System.Text.Json.Serialization;
using ProdOps.Servers.Secrets;

namespace ProdOps.Servers.Evidence;

/// <summary>Lines of evidence as JSON: ASCII alone, without secrets, and no text without an end.</summary>
internal static class EvidenceJson
{
    private const int LongestText = 2000;

    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        IgnoreReadOnlyProperties = true,
        RespectNullableAnnotations = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false), new PlainTextConverter() },
    };

    public static byte[] Write<T>(Proof<T> proof)
        where T : class => JsonSerializer.SerializeToUtf8Bytes(proof, Options);

    /// <summary>A line as an object; <see langword="null"/> for one that is damaged, of another kind, or was not written to its end.</summary>
    public static Proof<T>? TryRead<T>(ReadOnlySpan<byte> line)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<Proof<T>>(line, Options) is { Environment: not null, By: not null, What: not null } read ? read : null;
        }
        // What a line says reaches the setters of any type: whatever they refuse it with, it is a line that cannot be read.
        catch (Exception error) when (error is JsonException or NotSupportedException or InvalidOperationException or ArgumentException or FormatException or OverflowException)
        {
            return null;
        }
    }

    /// <summary>Writes texts without secrets that this process knows of, and cuts what a server made long.</summary>
    private sealed class PlainTextConverter : JsonConverter<string>
    {
        public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetString();

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options)
        {
            string text = SecretRedactor.Shared.Redact(value);
            writer.WriteStringValue(text.Length <= LongestText ? text : text[..LongestText] + "…");
        }
    }
}
