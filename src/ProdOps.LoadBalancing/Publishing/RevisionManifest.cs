using System.Text.Json;
using System.Text.Json.Serialization;

namespace ProdOps.LoadBalancing.Publishing;

/// <summary>What a revision on a balancer consists of: <c>manifest.json</c> in its folder, with the files beside it by their place in <see cref="Files"/>.</summary>
internal sealed record RevisionManifest
{
    public required string Id { get; init; }

    /// <summary>The entries' names, with commas between them.</summary>
    public required string Entries { get; init; }

    public DateTimeOffset Time { get; init; }

    public string By { get; init; } = "";

    public IReadOnlyList<string> Changes { get; init; } = [];

    public IReadOnlyList<RevisionFile> Files { get; init; } = [];

    /// <summary>As users see it.</summary>
    public LoadBalancerRevision ToModel(string server, bool isCurrent) => new()
    {
        Id = Id,
        LoadBalancer = Entries,
        Server = server,
        Time = Time,
        By = By,
        IsCurrent = isCurrent,
        Changes = Changes,
        Files = [.. Files.Select(file => file.Path)],
    };

    public string ToJson() => JsonSerializer.Serialize(this, RevisionJson.Default.RevisionManifest);

    /// <summary>Reads one; <see langword="null"/> if it is none.</summary>
    public static RevisionManifest? TryParse(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, RevisionJson.Default.RevisionManifest);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>A file of a revision.</summary>
/// <param name="Path">Its full path on the balancer.</param>
/// <param name="Mode">Its permissions in octal.</param>
internal sealed record RevisionFile(string Path, string Mode);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(RevisionManifest))]
internal sealed partial class RevisionJson : JsonSerializerContext;
