using ProdOps.Logging.Store;

namespace ProdOps.Logging.Tests.Store;

public sealed class FrameFilterTests
{
    public static TheoryData<bool> Ways => [.. new[] { false, true }.Where(vectors => !vectors || (TripleMarker.HasVectors && GramFinder.HasVectors))];

    /// <summary>Texts of all lengths around those of vectors and chunks, of logs and of any bytes: nothing of them is missing, and of the triples nothing is there that is not theirs.</summary>
    [Theory]
    [MemberData(nameof(Ways))]
    public void Whatever_is_in_a_text_is_in_its_filter(bool vectors)
    {
        var random = new Random(20261126);
        byte[] log = System.Text.Encoding.UTF8.GetBytes(LogSamples.Text(new LogSamples(11).Accesses(60)).ToLowerInvariant());
        var triples = new TripleMarker();
        var grams = new GramFinder();
        byte[] bits = new byte[FrameFilter.TripleBytes];
        foreach (int length in new[] { 0, 1, 2, 3, 12, 13, 14, 63, 64, 65, 66, 3327, 3328, 3329, 3340, 3341, 4095, 4096, 4097, 4098, 8200, log.Length })
        {
            byte[] text = new byte[length + FrameFilter.Padding];
            if (length % 2 == 0) random.NextBytes(text.AsSpan(0, length));
            else log.AsSpan(0, length).CopyTo(text);
            triples.Collect(text, length, bits, vectors);
            ushort[] wanted = FrameFilter.TriplesOf(text.AsSpan(0, length));
            Assert.True(FrameFilter.HasTriples(bits, wanted));
            Assert.Equal(wanted.Length, bits.Sum(static part => System.Numerics.BitOperations.PopCount(part)));

            var found = grams.Find(text, length, vectors).ToArray().ToHashSet();
            uint[] hashes = new uint[length + FrameFilter.Padding];
            var needed = hashes.AsSpan(0, FrameFilter.FindLiteralMinimizers(text.AsSpan(0, length), hashes)).ToArray();
            Assert.True(found.IsSupersetOf(needed), $"{length}");
            // What lies behind the text adds a few.
            Assert.InRange(found.Count, needed.Distinct().Count(), needed.Length + 64);
        }
    }
}
