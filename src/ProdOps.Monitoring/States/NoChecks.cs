using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace ProdOps.Monitoring.States;

/// <summary>Reads a snapshot without its checks: of a thousand servers there are sixty thousand, and making objects of them is most of what reading it costs.</summary>
internal sealed class NoChecks : JsonConverter<MonitorSnapshot.CheckEntry>
{
    /// <summary>A snapshot as it is read so; its checks are <see langword="null"/>, each.</summary>
    public static JsonTypeInfo<MonitorSnapshot> Snapshot { get; } = Of(new JsonSerializerOptions(MonitorJson.Default.Options));

    public override MonitorSnapshot.CheckEntry? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        // The whole of it is there; Skip would not take that for granted.
        reader.TrySkip();
        return null;
    }

    public override void Write(Utf8JsonWriter writer, MonitorSnapshot.CheckEntry value, JsonSerializerOptions options) => throw new NotSupportedException();

    private static JsonTypeInfo<MonitorSnapshot> Of(JsonSerializerOptions options)
    {
        options.Converters.Add(new NoChecks());
        return new MonitorJson(options).MonitorSnapshot;
    }
}
