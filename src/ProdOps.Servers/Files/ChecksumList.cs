using System.Text;

namespace ProdOps.Servers.Files;

/// <summary>Takes apart what checksum programs print for many files.</summary>
internal static class ChecksumList
{
    internal delegate string? NameReader(ReadOnlySpan<byte> name);

    /// <summary>Checksums by path. Lines that make no sense are passed over: a file without a checksum is one that could not be read.</summary>
    /// <param name="output">What the program printed.</param>
    /// <param name="tool">Which program, of <see cref="HashTool"/>.</param>
    /// <param name="readName">Makes a path of a name as printed, or null of one that is none.</param>
    /// <param name="known">The paths there are, or null to believe each.</param>
    public static Dictionary<string, string> Parse(ReadOnlySpan<byte> output, string tool, NameReader readName, IReadOnlySet<string>? known)
    {
        var sums = new Dictionary<string, string>(StringComparer.Ordinal);
        Dictionary<string, string>? escaped = null;
        byte separator = tool == "sha256sum0" ? (byte)0 : (byte)'\n';
        while (!output.IsEmpty)
        {
            // A name may hold a line feed. BusyBox and OpenSSL print it as it is, so a line that names nothing may go on with the next.
            int end = -1, tries = 0;
            string? path = null, sum = null;
            while (path is null && tries++ < 16)
            {
                int next = output[(end + 1)..].IndexOf(separator);
                if (next < 0) break;
                end += next + 1;
                path = ReadLine(output[..end], tool, readName, out sum);
                if (path is not null && known?.Contains(path) == false) path = tool == "openssl" && output[0] == '\\' ? (escaped ??= Escape(known)).GetValueOrDefault(path) : null;
            }
            if (path is not null) sums[path] = sum!;
            else end = output.IndexOf(separator);
            if (end < 0) break;
            output = output[(end + 1)..];
        }
        return sums;
    }

    /// <summary>The checksum at the beginning of a line.</summary>
    public static string? FirstSum(string text, string tool)
    {
        var word = text.AsSpan().TrimStart('\\');
        if (tool == "cksum")
        {
            int space = word.IndexOf(' ');
            return space is > 0 and <= 10 && !word[..space].ContainsAnyExceptInRange('0', '9') ? word[..space].ToString() : null;
        }
        return word.Length >= 64 && !word[..64].ContainsAnyExcept("0123456789abcdef") ? word[..64].ToString() : null;
    }

    /// <summary>The names with a line feed by what OpenSSL 3 makes of them: \n, but a backslash stays as it is, so that only the names that there are can tell.</summary>
    private static Dictionary<string, string> Escape(IReadOnlySet<string> known)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string name in known.Where(name => name.Contains('\n'))) names.TryAdd(name.Replace("\n", "\\n", StringComparison.Ordinal), name);
        return names;
    }

    private static string? ReadLine(ReadOnlySpan<byte> line, string tool, NameReader readName, out string? sum)
    {
        // sha256sum and shasum mark a name with a line feed or a backslash by a backslash before the line, and write \n and \\.
        bool isEscaped = line is [(byte)'\\', ..] && tool is "sha256sum" or "shasum";
        if (isEscaped || (tool == "openssl" && line is [(byte)'\\', ..])) line = line[1..];
        sum = null;
        ReadOnlySpan<byte> name;
        if (tool == "cksum")
        {
            int first = line.IndexOf((byte)' ');
            int second = first < 0 ? -1 : line[(first + 1)..].IndexOf((byte)' ');
            if (second < 0) return null;
            if (line[..first].ContainsAnyExceptInRange((byte)'0', (byte)'9')) return null;
            sum = Encoding.ASCII.GetString(line[..first]);
            name = line[(first + second + 2)..];
        }
        else
        {
            // 64 digits, a blank, a blank or an asterisk, the name.
            if (line.Length < 66 || line[64] != ' ' || line[65] is not ((byte)' ' or (byte)'*')) return null;
            if (line[..64].ContainsAnyExcept("0123456789abcdef"u8)) return null;
            sum = Encoding.ASCII.GetString(line[..64]);
            name = line[66..];
        }
        return isEscaped ? readName(Unescape(name)) : readName(name);
    }

    private static byte[] Unescape(ReadOnlySpan<byte> name)
    {
        var bytes = new List<byte>(name.Length);
        for (int i = 0; i < name.Length; i++)
        {
            if (name[i] != '\\' || i + 1 == name.Length) bytes.Add(name[i]);
            else bytes.Add(name[++i] switch { (byte)'n' => (byte)'\n', (byte)'r' => (byte)'\r', byte other => other });
        }
        return [.. bytes];
    }
}
