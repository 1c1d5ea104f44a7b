using System.Text;
using ProdOps.Servers;
using ProdOps.Servers.Commands;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Archiving.Servers;

/// <summary>Extended attributes as getfattr prints them in hexadecimal, for servers whose tar tells none.</summary>
internal static class AttributeList
{
    /// <summary>Attributes of many files are long, and the pieces that are asked for are thousands of files.</summary>
    private const int MaximumOutput = 256 * 1024 * 1024;

    /// <summary>The attributes of those of the items that have any, by their paths.</summary>
    public static async Task<IReadOnlyDictionary<string, ExtendedAttribute[]>> ReadAsync(
        IServerShell shell, IEnumerable<ServerItem> items, bool asRoot, CancellationToken cancellationToken)
    {
        var options = new CommandRunOptions { Input = ServerScripts.Names(items.Select(item => item.Path)), MaximumOutput = MaximumOutput };
        var output = await shell.RunAsync(new ServerCommand(ServerScripts.Attributes) { AsRoot = asRoot, Idempotent = true }, options, cancellationToken);
        return Parse(output.StandardOutput.Span, shell.Name);
    }

    /// <summary>
    /// Takes the text apart, without any I/O: <c># file: ./PATH</c>, a line <c>NAME=0xHEX</c> for each attribute, an empty line. In names a
    /// line feed, a carriage return, an equals sign and a backslash are octal behind a backslash.
    /// </summary>
    /// <exception cref="ProdOpsException">It is no such text.</exception>
    public static IReadOnlyDictionary<string, ExtendedAttribute[]> Parse(ReadOnlySpan<byte> text, string server)
    {
        var found = new Dictionary<string, ExtendedAttribute[]>(StringComparer.Ordinal);
        var attributes = new List<ExtendedAttribute>();
        string? path = null;
        foreach (var range in text.Split((byte)'\n'))
        {
            var line = text[range];
            if (line.StartsWith("# file: ."u8))
            {
                Keep();
                path = FileNames.Decode(Unescape(line["# file: .".Length..]));
            }
            else if (!line.IsEmpty) attributes.Add(path is null ? throw NotUnderstood(server) : ParseLine(line, server));
        }
        Keep();
        return found;

        void Keep()
        {
            if (path is not null) found[path] = [.. attributes];
            attributes.Clear();
        }
    }

    private static ExtendedAttribute ParseLine(ReadOnlySpan<byte> line, string server)
    {
        int equal = line.IndexOf((byte)'=');
        // Old versions print the name alone where the value is empty.
        var value = equal < 0 ? "0x"u8 : line[(equal + 1)..];
        string name = FileNames.Decode(Unescape(equal < 0 ? line : line[..equal]));
        if (name.Length == 0 || !value.StartsWith("0x"u8) || value.Length % 2 != 0 || value[2..].ContainsAnyExcept("0123456789abcdefABCDEF"u8)) throw NotUnderstood(server);
        return new ExtendedAttribute(name, Convert.FromHexString(Encoding.ASCII.GetString(value[2..])));
    }

    private static byte[] Unescape(ReadOnlySpan<byte> text)
    {
        if (!text.Contains((byte)'\\')) return text.ToArray();
        var bytes = new List<byte>(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            bool isOctal = text[i] == '\\' && i + 3 < text.Length && text[i + 1] is >= (byte)'0' and <= (byte)'3' && !text.Slice(i + 2, 2).ContainsAnyExceptInRange((byte)'0', (byte)'7');
            bytes.Add(isOctal ? (byte)(((text[i + 1] - '0') << 6) | ((text[i + 2] - '0') << 3) | (text[i + 3] - '0')) : text[i]);
            if (isOctal) i += 3;
        }
        return [.. bytes];
    }

    private static ProdOpsException NotUnderstood(string server) => ServersErrors.ListingNotUnderstood(server, "an attribute is no attribute");
}
