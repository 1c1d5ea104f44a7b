using ProdOps.Benchmarks.Corpora;

namespace ProdOps.Benchmarks.Measurement;

/// <summary>A restore that is fast and wrong wins nothing: names, kinds, link targets, times and every byte must be those of the source.</summary>
internal static class TreeComparison
{
    public static string? FirstDifference(string source, string restored, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(restored))
            return $"'{restored}' is missing";
        var expected = CorpusFacts.Entries(source).ToDictionary(entry => Path.GetRelativePath(source, entry.Path), entry => entry.Attributes);
        var found = CorpusFacts.Entries(restored).Select(entry => Path.GetRelativePath(restored, entry.Path)).ToHashSet(StringComparer.Ordinal);
        if (expected.Keys.FirstOrDefault(name => !found.Contains(name)) is { } missing)
            return $"'{missing}' is missing";
        if (found.FirstOrDefault(name => !expected.ContainsKey(name)) is { } extra)
            return $"'{extra}' was not in the source";

        string? difference = null;
        var options = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.ForEach(expected, options, (entry, state) =>
        {
            if (Same(entry.Value, Path.Combine(source, entry.Key), Path.Combine(restored, entry.Key)))
                return;
            difference = $"'{entry.Key}' differs";
            state.Stop();
        });
        return difference;
    }

    private static bool Same(FileAttributes kind, string source, string restored)
    {
        if (kind.HasFlag(FileAttributes.ReparsePoint))
            return new FileInfo(source).LinkTarget == new FileInfo(restored).LinkTarget;
        if (kind.HasFlag(FileAttributes.Directory))
            return Directory.Exists(restored);
        return File.GetLastWriteTimeUtc(source) == File.GetLastWriteTimeUtc(restored) && SameBytes(source, restored);
    }

    private static bool SameBytes(string source, string restored)
    {
        using var left = File.OpenHandle(source);
        using var right = File.OpenHandle(restored);
        long length = RandomAccess.GetLength(left);
        if (RandomAccess.GetLength(right) != length)
            return false;
        var (leftBytes, rightBytes) = (new byte[(int)Math.Min(1 << 20, length)], new byte[(int)Math.Min(1 << 20, length)]);
        for (long position = 0; position < length;)
        {
            int read = RandomAccess.Read(left, leftBytes, position);
            if (read != RandomAccess.Read(right, rightBytes, position) || !leftBytes.AsSpan(0, read).SequenceEqual(rightBytes.AsSpan(0, read)))
                return false;
            position += read;
        }
        return true;
    }
}
