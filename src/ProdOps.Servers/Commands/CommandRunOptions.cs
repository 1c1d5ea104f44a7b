namespace ProdOps.Servers.Commands;

/// <summary>What a command that runs to its end gets and may print.</summary>
internal sealed record CommandRunOptions
{
    /// <summary>Nothing on standard input, up to 16 MiB of output.</summary>
    public static CommandRunOptions Default { get; } = new();

    /// <summary>Its standard input.</summary>
    public ReadOnlyMemory<byte> Input { get; init; }

    /// <summary>Its standard input, after <see cref="Input"/>. It is read to its end or to the command's, and not disposed.</summary>
    public Stream? InputStream { get; init; }

    /// <summary>How many bytes it may print, on each of the two streams; more is an error and ends it.</summary>
    public int MaximumOutput { get; init; } = 16 * 1024 * 1024;
}
