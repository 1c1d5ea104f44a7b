namespace ProdOps;

/// <summary>A console that runs: pages in a browser that show an environment as it is.</summary>
public sealed record ProdOpsConsole
{
    /// <summary>The environment.</summary>
    public required string Environment { get; init; }

    /// <summary>The address to open, with the token that lets in: who has it sees all that the console shows, as long as it runs.</summary>
    public required Uri Url { get; init; }

    /// <summary>The port on this machine's loopback addresses.</summary>
    public int Port { get; init; }

    /// <summary>When it was started.</summary>
    public DateTimeOffset Started { get; init; }

    /// <summary>Environment and port, without the token.</summary>
    /// <returns>E.g. <c>shop at port 8080</c>.</returns>
    public override string ToString() => $"{Environment} at port {Port}";
}
