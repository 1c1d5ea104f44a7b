namespace ProdOps;

/// <summary>One thing that was checked about an environment, and what came of it.</summary>
public sealed record EnvironmentCheck
{
    /// <summary>What was checked: <c>Syntax</c>, <c>Include</c>, <c>Keys</c>, <c>Secrets</c>, <c>Servers</c>, <c>Dependencies</c>, <c>Backups</c>, <c>Monitoring</c>, <c>Connection</c>, <c>Root</c>, <c>Service</c>, <c>Clock</c>, <c>Repository</c>, <c>Backup</c>.</summary>
    public required string Check { get; init; }

    /// <summary>What came of it.</summary>
    public required EnvironmentCheckStatus Status { get; init; }

    /// <summary>Stable id of what is wrong, e.g. <c>UnknownKey</c>; <see langword="null"/> when nothing is.</summary>
    public string? ErrorId { get; init; }

    /// <summary>The server it is about; <see langword="null"/> for the file.</summary>
    public string? Server { get; init; }

    /// <summary>The full path of the file it is about.</summary>
    public string? Path { get; init; }

    /// <summary>The line, from 1.</summary>
    public int? Line { get; init; }

    /// <summary>The column, from 1.</summary>
    public int? Column { get; init; }

    /// <summary>The key, with those above it: <c>Servers[2].Ssh.Port</c>.</summary>
    public string? Key { get; init; }

    /// <summary>What was found, in a sentence.</summary>
    public required string Message { get; init; }

    /// <summary>What to do about it.</summary>
    public string? Recommendation { get; init; }
}

/// <summary>What came of a check.</summary>
public enum EnvironmentCheckStatus
{
    /// <summary>It is as it should be.</summary>
    Passed,

    /// <summary>It works, and should be looked at.</summary>
    Warning,

    /// <summary>It does not work.</summary>
    Failed,
}
