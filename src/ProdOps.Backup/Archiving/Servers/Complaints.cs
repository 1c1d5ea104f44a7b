using System.Text;

namespace ProdOps.Backup.Archiving.Servers;

/// <summary>What a command says on standard error: the first of it, and that there was more.</summary>
internal sealed class Complaints
{
    private const int MaxLength = 1024 * 1024;

    private Complaints(string text) => Lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

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
    public string? Of(ReadOnlySpan<byte> path)
    {
        string name = $" .{Encoding.UTF8.GetString(path)}: ";
        foreach (string line in Lines)
        {
            int at = line.IndexOf(name, StringComparison.Ordinal);
            if (at >= 0) return line[(at + name.Length)..];
        }
        return null;
    }
}
