using ProdOps.Servers.Commands;
using ProdOps.Servers.Secrets;

namespace ProdOps.Backup.Archiving.Streams;

/// <summary>A file of a snapshot that is what a command prints.</summary>
/// <param name="Path">Where the snapshot has it: absolute, its parts without <c>/</c>.</param>
/// <param name="Command">What prints it. Anything but exit code 0 means that there is no file.</param>
/// <param name="Title">What it is, for messages: <c>database 'shop' of PostgreSQL</c>.</param>
internal sealed record StreamFile(string Path, ServerCommand Command, string Title)
{
    /// <summary>The permissions that the snapshot has of it.</summary>
    public uint Permissions { get; init; } = 0x180; // 0600

    /// <summary>A password that the command reads as the first line of its standard input.</summary>
    public SecretSource? Password { get; init; }

    /// <summary>About how many bytes come, where that is known without asking much.</summary>
    public long? ExpectedSize { get; init; }

    /// <summary>As a plan shows it.</summary>
    public override string ToString() => ExpectedSize is { } size ? $"{Path} (about {ByteSize.Format(size)})" : Path;
}
