using System.Text;

namespace ProdOps.Backup.Archiving.Servers;

/// <summary>What a command says on standard error: the first of it, and that there was more.</summary>
internal sealed class Complaints
{
    private const int MaxLength = 1024 * 1024;

    private Complaints(string text) => Lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    public static Complaints None { get; } = new("");

    public IReadOnlyList<string> Lines { get; }

    /// <summary>Reads to the end, so that the command never waits for somebody to listen.</summary>
    public static async Task<Complaints> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        using var text = new MemoryStream();
        byte[] buffer = new byte[16 * 1024];
        int count;
        while ((count = await stream.ReadAsync(buffer, cancellationToken)) > 0)
            if (text.Length < MaxLength) text.Write(buffer, 0, count);
        return new Complaints(Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length));
    }

    /// <summary>What tar says of a path: <c>tar: ./PATH: Cannot open: Permission denied</c>; or <see langword="null"/>.</summary>
    /// <param name="path">The path.</param>
    /// <param name="isEscaped">It is GNU tar that says it, which writes what is not plain in ASCII as an escape.</param>
    public string? Of(ReadOnlySpan<byte> path, bool isEscaped)
    {
        string name = $" .{(isEscaped ? Escape(path) : Encoding.UTF8.GetString(path))}: ";
        foreach (string line in Lines)
        {
            int at = line.IndexOf(name, StringComparison.Ordinal);
            if (at >= 0) return line[(at + name.Length)..];
        }
        return null;
    }

    /// <summary>A path as GNU tar's <c>--quoting-style=escape</c> has it in the C locale; in messages, which have a colon behind it, its own colons are escaped too.</summary>
    private static string Escape(ReadOnlySpan<byte> path)
    {
        var text = new StringBuilder(path.Length);
        foreach (byte b in path)
        {
            int letter = "\a\b\t\n\v\f\r"u8.IndexOf(b);
            if (letter >= 0) text.Append('\\').Append("abtnvfr"[letter]);
            else if (b is (byte)'\\' or (byte)':') text.Append('\\').Append((char)b);
            else if (b is < 0x20 or > 0x7E) text.Append('\\').Append((char)('0' + (b >> 6))).Append((char)('0' + ((b >> 3) & 7))).Append((char)('0' + (b & 7)));
            else text.Append((char)b);
        }
        return text.ToString();
    }
}
