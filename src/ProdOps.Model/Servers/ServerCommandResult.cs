namespace ProdOps;

/// <summary>What a command on a server printed and how it ended.</summary>
public sealed record ServerCommandResult
{
    /// <summary>The server.</summary>
    public required string Server { get; init; }

    /// <summary>The exit code; 128 and the signal's number when a signal ended it.</summary>
    public required int ExitCode { get; init; }

    /// <summary>The signal that ended it, e.g. <c>KILL</c>; <see langword="null"/> when it ended by itself.</summary>
    public string? Signal { get; init; }

    /// <summary>The lines of its standard output; empty when bytes were asked for.</summary>
    public IReadOnlyList<string> StandardOutput { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The lines of its standard error.</summary>
    public IReadOnlyList<string> StandardError { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Its standard output, byte for byte, when that was asked for.</summary>
    public byte[]? OutputBytes { get; init; }

    /// <summary>How long it ran, connecting not included.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Whether it ended with 0.</summary>
    public bool Succeeded => ExitCode == 0;

    /// <summary>The standard output as one text.</summary>
    /// <returns>The lines of <see cref="StandardOutput"/>.</returns>
    public override string ToString() => string.Join('\n', StandardOutput);
}
