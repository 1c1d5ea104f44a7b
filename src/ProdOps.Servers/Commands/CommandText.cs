using System.Text;

namespace ProdOps.Servers.Commands;

/// <summary>Makes the text that a server's shell gets from what an admin typed.</summary>
internal static class CommandText
{
    /// <summary>A command with arguments behind it, each one word whatever it holds.</summary>
    public static string OfCommand(string command, IReadOnlyList<string> arguments) =>
        arguments.Count == 0 ? command : $"{command.TrimEnd()} {ShellQuote.Words(arguments)}";

    /// <summary>A script that finds the arguments in <c>$1</c>, <c>$2</c> and so on. Its lines keep their numbers.</summary>
    /// <remarks>A Windows line end is taken off, and a byte order mark: no shell reads either.</remarks>
    public static string OfScript(ReadOnlySpan<byte> script, IReadOnlyList<string> arguments)
    {
        string text = Encoding.UTF8.GetString(script).TrimStart('\uFEFF').Replace("\r\n", "\n", StringComparison.Ordinal);
        return arguments.Count == 0 ? text : $"set -- {ShellQuote.Words(arguments)}; {text}";
    }
}
