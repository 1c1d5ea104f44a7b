namespace ProdOps.Servers.Commands;

/// <summary>A command for a server's POSIX shell.</summary>
/// <param name="Text">Shell text; words from outside are put into it by <see cref="ShellQuote"/> alone.</param>
internal sealed record ServerCommand(string Text)
{
    /// <summary>Run it by sudo, unless the login user is root.</summary>
    public bool AsRoot { get; init; }

    /// <summary>It may be started a second time when the connection turns out to be dead.</summary>
    public bool Idempotent { get; init; }

    /// <summary>Run it with <c>LC_ALL=C</c>, because its output is parsed.</summary>
    public bool PosixLocale { get; init; }
}
