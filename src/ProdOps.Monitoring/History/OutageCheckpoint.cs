using System.Text.Json;
using System.Text.Json.Serialization;
using ProdOps.Monitoring.States;

namespace ProdOps.Monitoring.History;

/// <summary>An <see cref="OutageState"/> as text. Servers have the same checks mostly: each list of them stands there once.</summary>
internal sealed record OutageCheckpoint
{
    private const int Version = 1;

    public int V { get; init; } = Version;
    public bool Isolated { get; init; }
    public IReadOnlyList<DowntimeEntry> Downtimes { get; init; } = [];
    public IReadOnlyList<IReadOnlyList<CheckKey>> CheckLists { get; init; } = [];
    public IReadOnlyList<ServerEntry> Servers { get; init; } = [];

    internal sealed record DowntimeEntry(long Number, Downtime Downtime);

    /// <param name="Name">The server.</param>
    /// <param name="Asked">Whether it is asked as a server.</param>
    /// <param name="Missing">Whether nobody knows whether it is there.</param>
    /// <param name="Gone">Whether it can be reached.</param>
    /// <param name="Checks">Which of the lists has its checks, from 0 on; their server is empty where it is this one.</param>
    /// <param name="Critical">What is critical.</param>
    internal sealed record ServerEntry(string Name, bool Asked, bool Missing, HealthState Gone, int Checks, IReadOnlyList<CheckKey>? Critical);

    public static string Write(OutageState state)
    {
        var lists = new List<IReadOnlyList<CheckKey>>();
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        var servers = new List<ServerEntry>();
        foreach (var server in state.Servers.Values.Where(static server => !server.IsUnheard).OrderBy(static server => server.Name, StringComparer.Ordinal))
        {
            CheckKey[] keys = [.. server.Checks.Select(key => key.Server == server.Name ? key with { Server = "" } : key).OrderBy(static key => key, Incidents.Incident.KeyOrder)];
            string text = JsonSerializer.Serialize(keys, CheckpointJson.Default.CheckKeyArray);
            if (!known.TryGetValue(text, out int list))
            {
                known.Add(text, list = lists.Count);
                lists.Add(keys);
            }

            servers.Add(new ServerEntry(server.Name, server.IsAsked, server.IsMissing, server.Gone, list, server.Critical.Count == 0 ? null : [.. server.Critical.Order(Incidents.Incident.KeyOrder)]));
        }

        return JsonSerializer.Serialize(
            new OutageCheckpoint { Isolated = state.IsIsolated, Downtimes = [.. state.Downtimes.Select(static one => new DowntimeEntry(one.Key, one.Value))], CheckLists = lists, Servers = servers },
            CheckpointJson.Default.OutageCheckpoint);
    }

    /// <summary>Reads what <see cref="Write"/> wrote; <see langword="null"/> for anything else, e.g. what a later version wrote.</summary>
    public static OutageCheckpoint? TryRead(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, CheckpointJson.Default.OutageCheckpoint) is { V: Version } read && read.IsWhole() ? read : null;
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The state that it is of, of some servers or of all.</summary>
    public OutageState Restore(Func<string, bool>? only = null)
    {
        var state = new OutageState(only) { IsIsolated = Isolated };
        foreach (var one in Downtimes) state.Downtimes[one.Number] = one.Downtime;
        foreach (var entry in Servers)
        {
            if (state.At(entry.Name) is not { } server) continue;
            (server.IsAsked, server.IsMissing, server.Gone) = (entry.Asked, entry.Missing, entry.Gone);
            foreach (var key in CheckLists[entry.Checks]) server.Checks.Add(key.Server.Length == 0 ? key with { Server = server.Name } : key);
            server.Critical.UnionWith(entry.Critical ?? []);
        }

        return state;
    }

    // What a reader of JSON leaves null although the type says otherwise.
    private bool IsWhole() => Downtimes is not null && CheckLists is not null && Servers is not null
        && Downtimes.All(static one => one?.Downtime?.Server is not null) && CheckLists.All(static list => list is not null && list.All(IsKey))
        && Servers.All(server => server?.Name is not null && server.Checks >= 0 && server.Checks < CheckLists.Count && (server.Critical ?? []).All(IsKey));

    private static bool IsKey(CheckKey key) => key is { Server: not null, Rule: not null };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(OutageCheckpoint))]
[JsonSerializable(typeof(CheckKey[]))]
internal sealed partial class CheckpointJson : JsonSerializerContext;
