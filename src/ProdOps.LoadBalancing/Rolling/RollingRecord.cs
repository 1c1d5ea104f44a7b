using System.Text.Json.Serialization;

namespace ProdOps.LoadBalancing.Rolling;

/// <summary>How a rolling update began: the first line of its journal.</summary>
internal sealed record RollingHeader
{
    public const int CurrentVersion = 1;

    public int Version { get; init; } = CurrentVersion;

    public required string Update { get; init; }

    /// <summary>What the steps call it: the environment's entry, or the pool.</summary>
    public required string LoadBalancer { get; init; }

    /// <summary>The environment's entry; <see langword="null"/> where balancers were named.</summary>
    public string? Entry { get; init; }

    /// <summary>The environment that it is of, by its name.</summary>
    public string Environment { get; init; } = "";

    /// <summary>The environment's file: others may have the same name, and servers of the same names.</summary>
    public string EnvironmentPath { get; init; } = "";

    /// <summary>The balancers that were named.</summary>
    public IReadOnlyList<string> Balancers { get; init; } = [];

    /// <summary>The pool's name in the balancers' configuration.</summary>
    public string Pool { get; init; } = "";

    public required IReadOnlyList<IReadOnlyList<string>> Batches { get; init; }

    public required RollingOptions Options { get; init; }

    /// <summary>The pool's share of failures before.</summary>
    public double FormerShare { get; init; }

    /// <summary>The path by which servers are asked whether they are well.</summary>
    public string? HealthPath { get; init; }

    /// <summary>User and host.</summary>
    public string By { get; init; } = "";

    public DateTimeOffset Time { get; init; }
}

/// <summary>What happened to a phase of one server: a line of the journal.</summary>
internal sealed record RollingRecord
{
    /// <summary>The server; empty for the whole update.</summary>
    public string Server { get; init; } = "";

    public RollingUpdatePhase Phase { get; init; }

    public RollingMark Mark { get; init; }

    /// <summary>What the server was before it was taken out; with <see cref="RollingUpdatePhase.Drain"/> that begins.</summary>
    public BackendServerState? Before { get; init; }

    public string? Error { get; init; }

    public DateTimeOffset Time { get; init; }
}

/// <summary>What is noted of a phase.</summary>
internal enum RollingMark
{
    Begun,
    Done,
    Failed,

    /// <summary>It was called off, and the server is in service as it was before.</summary>
    PutBack,

    /// <summary>Undoing the update has begun.</summary>
    UndoBegun,

    /// <summary>The update is over: nothing is left to be done.</summary>
    Over,
}

/// <summary>The journal's lines as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RollingHeader))]
[JsonSerializable(typeof(RollingRecord))]
internal sealed partial class RollingJson : JsonSerializerContext;
