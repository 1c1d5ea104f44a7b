using System.Text.Json.Serialization;

namespace ProdOps.Recovery.Execution;

/// <summary>What a run is: the first line of its journal.</summary>
internal sealed record RunHeader
{
    public const int CurrentVersion = 1;

    public int Version { get; init; } = CurrentVersion;

    public string Run { get; init; } = "";

    public string Plan { get; init; } = "";

    public string PlanPath { get; init; } = "";

    public string Revision { get; init; } = "";

    /// <summary>The environment's name.</summary>
    public string Environment { get; init; } = "";

    public string Server { get; init; } = "";

    /// <summary>The target as it was named, to be found again by a resume.</summary>
    public string Target { get; init; } = "";

    public bool IsDrill { get; init; }

    /// <summary>The steps that were asked for; empty for all.</summary>
    public IReadOnlyList<string> Only { get; init; } = [];

    /// <summary>The moment from before which data is restored; <see langword="null"/> for the latest.</summary>
    public DateTimeOffset? Before { get; init; }

    /// <summary>Whether it leaves out what restores from a backup.</summary>
    public bool IsFirstInstallation { get; init; }

    /// <summary>The steps in order with their kinds, so that a run can be told of without its plan.</summary>
    public IReadOnlyList<RunHeaderStep> Steps { get; init; } = [];

    public string By { get; init; } = "";

    public DateTimeOffset Time { get; init; }
}

internal sealed record RunHeaderStep(string Name, RecoveryStepKind Kind, string Server);

/// <summary>What happened to a step: a line of the journal.</summary>
internal sealed record RunRecord
{
    /// <summary>The step; empty for the whole run.</summary>
    public string Step { get; init; } = "";

    public RecoveryStepState State { get; init; }

    public int Attempt { get; init; }

    public string? Message { get; init; }

    public IReadOnlyList<string>? Changes { get; init; }

    public string? Error { get; init; }

    public string? Output { get; init; }

    /// <summary>The snapshot that the step restores from: chosen once, so that a resumed run mixes no two.</summary>
    public string? Snapshot { get; init; }

    public DateTimeOffset? SnapshotTime { get; init; }

    /// <summary>The plan's revision from here on, where changes were accepted.</summary>
    public string? Revision { get; init; }

    public TimeSpan? Duration { get; init; }

    public DateTimeOffset Time { get; init; }
}

/// <summary>The journal's lines as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RunHeader))]
[JsonSerializable(typeof(RunRecord))]
internal sealed partial class RunJson : JsonSerializerContext;
