using System.Globalization;

namespace ProdOps.Servers.Commands;

/// <summary>What a command gets over its standard input, whole or not at all: a lost connection ends it, and the command cannot tell that from the end of what was sent.</summary>
internal static class WholeInput
{
    /// <summary>Shell text that takes the input into a file; it fails if that is not as long as what is sent.</summary>
    /// <param name="file">The file: a word that <see cref="ShellQuote"/> made, or a variable in double quotes.</param>
    /// <param name="length">How many bytes are sent.</param>
    public static string Into(string file, long length) => string.Create(CultureInfo.InvariantCulture, $"cat >{file} && [ \"$(wc -c <{file})\" -eq {length} ]");
}
