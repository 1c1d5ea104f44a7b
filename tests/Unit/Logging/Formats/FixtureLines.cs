using System.Reflection;
using ProdOps.Logging.Formats;

namespace ProdOps.Logging.Tests.Formats;

/// <summary>The logs in <c>tests/fixtures/logs</c>: each is named for its format, with what is special about it behind a point.</summary>
internal static class FixtureLines
{
    public static IReadOnlyList<string> Files { get; } = [.. Directory.GetFiles(Path.Combine(Root, "tests", "fixtures", "logs"), "*.log").Order(StringComparer.Ordinal)];

    public static IReadOnlyList<byte[]> All { get; } = [.. Files.SelectMany(Lines)];

    public static string FormatOf(string file) => Path.GetFileName(file).Split('.')[0];

    public static IEnumerable<byte[]> Of(string format) => Files.Where(file => FormatOf(file) == format).SelectMany(Lines);

    /// <summary>The entries of a file: lines, with those that go on with the line before joined to it.</summary>
    public static IEnumerable<byte[]> Lines(string file)
    {
        var format = LogFormats.Find(FormatOf(file)) ?? LogFormats.Plain;
        var entry = new List<byte>();
        foreach (byte[] line in Split(File.ReadAllBytes(file)))
        {
            if (entry.Count > 0 && !format.IsContinuation(line))
            {
                yield return [.. entry];
                entry.Clear();
            }

            if (entry.Count > 0) entry.Add((byte)'\n');
            entry.AddRange(line);
        }

        if (entry.Count > 0) yield return [.. entry];
    }

    private static string Root => typeof(FixtureLines).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(data => data.Key == "RepositoryRoot").Value!;

    private static IEnumerable<byte[]> Split(byte[] content)
    {
        for (int start = 0; start < content.Length;)
        {
            int end = Array.IndexOf(content, (byte)'\n', start);
            if (end < 0) end = content.Length;
            yield return content[start..end];
            start = end + 1;
        }
    }
}
