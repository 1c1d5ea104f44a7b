namespace ProdOps.Benchmarks.Corpora;

internal static class CorpusFile
{
    /// <summary>Writes a file whose time lies in the past, as most files' do; tools treat files of this very second with care.</summary>
    public static void Write(string path, ReadOnlySpan<byte> bytes, ref SeededRandom random)
    {
        using var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write);
        RandomAccess.Write(file, bytes, 0);
        File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch.AddSeconds(1_500_000_000 + random.Below(250_000_000)).AddTicks(random.Below(10_000_000)));
    }
}
