using System.Text.Json;
using System.Text.Json.Serialization;

namespace ProdOps.Servers.FileSystem;

/// <summary>A line of a journal as JSON.</summary>
internal static class JournalLine
{
    /// <summary>A line as an object; <see langword="null"/> for one that is damaged or was not written to its end.</summary>
    /// <param name="line">The line.</param>
    /// <param name="types">What a line may be.</param>
    public static T? TryRead<T>(string line, JsonSerializerContext types)
        where T : class
    {
        try
        {
            return (T?)JsonSerializer.Deserialize(line, typeof(T), types);
        }
        catch (Exception error) when (error is JsonException or NotSupportedException or InvalidOperationException)
        {
            return null;
        }
    }
}
