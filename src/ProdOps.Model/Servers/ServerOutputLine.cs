namespace ProdOps;

/// <summary>A line that a command on a server printed.</summary>
/// <param name="Server">The server.</param>
/// <param name="Stream">Where it was printed.</param>
/// <param name="Text">The line, without its end.</param>
/// <param name="Time">When it arrived here.</param>
public sealed record ServerOutputLine(string Server, ServerOutputStream Stream, string Text, DateTimeOffset Time)
{
    /// <summary>The line.</summary>
    /// <returns><see cref="Text"/>.</returns>
    public override string ToString() => Text;
}

/// <summary>One of a command's output streams.</summary>
public enum ServerOutputStream
{
    /// <summary>Standard output.</summary>
    Output,

    /// <summary>Standard error.</summary>
    Error,
}
