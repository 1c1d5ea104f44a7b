using System.Text;

namespace ProdOps.Servers.Commands;

/// <summary>What a command printed and how it ended.</summary>
/// <param name="Server">The server it ran on.</param>
/// <param name="Command">The command.</param>
/// <param name="Exit">How it ended.</param>
/// <param name="StandardOutput">All of its standard output.</param>
/// <param name="StandardError">All of its standard error.</param>
internal sealed record CommandOutput(string Server, ServerCommand Command, CommandExit Exit, ReadOnlyMemory<byte> StandardOutput, ReadOnlyMemory<byte> StandardError)
{
    /// <summary>The standard output as UTF-8 text.</summary>
    public string Text => Encoding.UTF8.GetString(StandardOutput.Span);

    /// <summary>The standard error as UTF-8 text.</summary>
    public string ErrorText => Encoding.UTF8.GetString(StandardError.Span);

    /// <summary>The standard output's lines.</summary>
    public IReadOnlyList<string> Lines => Split(Text);

    /// <summary>The standard error's lines.</summary>
    public IReadOnlyList<string> ErrorLines => Split(ErrorText);

    /// <summary>Itself, if the command ended with 0.</summary>
    /// <exception cref="ProdOpsException">It did not; the error has the exit code and the first lines of the standard error.</exception>
    public CommandOutput EnsureSuccess() => Exit.Succeeded ? this : throw ServersErrors.CommandFailed(Server, Command.Text, Exit, ErrorText);

    // The last line's end is no line of its own; empty lines before it are.
    private static string[] Split(string text) => text.Length == 0 ? [] : (text.EndsWith('\n') ? text[..^1] : text).Split('\n');
}
