using System.Numerics;
using System.Reflection;
using System.Text;
using ProdOps.Logging.Store.Filters;
using ProdOps.Logging.Store;
using Xunit.Sdk;

namespace ProdOps.Logging.Tests.Store;

public sealed class FrameFilterTests
{
    // Around the lengths of vectors and chunks.
    private static readonly int[] Lengths =
        [0, 1, 2, 3, 12, 13, 14, 20, 21, 28, 29, 30, 31, 32, 33, 34, 61, 62, 63, 64, 65, 66, 67, 2059, 2060, 2061, 2067, 2076, 4093, 4094, 4095, 4096, 4097, 4098, 4108, 4109, 8200, 12_345];

    /// <summary>Of logs and of any bytes: nothing that is in a text is missing, and nothing is there that is not its own.</summary>
    [Theory]
    [WidthData(0)]
    [WidthData(128)]
    [WidthData(256)]
    [WidthData(512)]
    public void What_is_in_a_text_is_in_its_filter_and_nothing_else(int bits)
    {
        var width = (VectorWidth)bits;
        var random = new Random(20261126);
        byte[] log = Log();
        var triples = new TripleMarker();
        var grams = new GramFinder();
        byte[] marks = new byte[FrameFilter.TripleBytes];
        foreach (int length in Lengths.Append(log.Length))
        {
            byte[] text = new byte[length + FrameFilter.Padding];
            if (length % 2 == 0) random.NextBytes(text.AsSpan(0, length));
            else log.AsSpan(0, length).CopyTo(text);
            triples.Collect(text, length, marks, width);
            ushort[] wanted = FrameFilter.TriplesOf(text.AsSpan(0, length));
            Assert.True(FrameFilter.HasTriples(marks, wanted));
            Assert.Equal(wanted.Length, marks.Sum(static part => BitOperations.PopCount(part)));

            uint[] hashes = new uint[length + FrameFilter.Padding];
            var needed = hashes.AsSpan(0, FrameFilter.FindLiteralMinimizers(text.AsSpan(0, length), hashes)).ToArray();
            Assert.Equal(needed.ToHashSet().Order(), grams.Find(text, length, width).ToArray().ToHashSet().Order());
        }
    }

    /// <summary>The same filter, byte by byte, whatever the processor: the grams are found in the same order, each as often.</summary>
    [Theory]
    [WidthData(128)]
    [WidthData(256)]
    [WidthData(512)]
    public void Vectors_of_any_width_find_what_one_byte_after_the_other_does(int bits)
    {
        var width = (VectorWidth)bits;
        var random = new Random(8_200);
        var (triples, otherTriples) = (new TripleMarker(), new TripleMarker());
        var (grams, otherGrams) = (new GramFinder(), new GramFinder());
        byte[] marks = new byte[FrameFilter.TripleBytes], otherMarks = new byte[FrameFilter.TripleBytes];
        foreach (byte[] text in Texts(random))
        {
            int length = text.Length - FrameFilter.Padding;
            triples.Collect(text, length, marks, VectorWidth.None);
            otherTriples.Collect(text, length, otherMarks, width);
            Assert.True(marks.AsSpan().SequenceEqual(otherMarks), $"Triples of {length} bytes: {Sample(text)}");
            Assert.True(grams.Find(text, length, VectorWidth.None).SequenceEqual(otherGrams.Find(text, length, width)), $"Grams of {length} bytes: {Sample(text)}");
        }
    }

    [Fact]
    public void Letters_become_small_whatever_stands_beside_them()
    {
        var random = new Random(77);
        for (int length = 0; length < 200; length++)
        {
            byte[] text = new byte[length], lower = new byte[length];
            // Now of ASCII alone, now with one other byte, now of anything.
            random.NextBytes(text);
            if (length % 3 > 0)
            {
                for (int i = 0; i < length; i++) text[i] &= 0x7F;
                if (length % 3 == 2) text[random.Next(length)] |= 0x80;
            }

            Assert.Equal(text.All(static b => b < 0x80), AsciiCase.ToLower(text, lower));
            Assert.Equal(text.Select(static b => b is >= (byte)'A' and <= (byte)'Z' ? (byte)(b + 32) : b), lower);
        }
    }

    private static IEnumerable<byte[]> Texts(Random random)
    {
        byte[] log = Log();
        // Few different bytes: hashes are equal within a window. Zeros: their hash is what tables begin with.
        byte[][] alphabets =
        [
            [.. Enumerable.Range(0, 256).Select(static b => (byte)b)], [.. "abcdefghijklmnopqrstuvwxyz-_/.:="u8], [.. "ab"u8], [0], [0, 1], [0xFF], [0x7F, 0x80],
            // Those beside the symbols, and those that have low halves of bytes in common with them.
            [.. "`a{z,-./0;:<=>@_MNO\r\u001A\u001F"u8, 0xAD, 0xBA, 0xDF, 0xE1, 0x6D, 0x7A],
        ];
        foreach (int length in Lengths)
        {
            foreach (byte[] alphabet in alphabets) yield return Text(length, _ => alphabet[random.Next(alphabet.Length)]);
            yield return Text(length, i => log[i % log.Length]);
            // The same again and again, with one byte changed: windows change there only.
            int period = random.Next(1, 40), odd = random.Next(Math.Max(length, 1));
            yield return Text(length, i => i == odd ? (byte)'#' : log[i % period]);
        }

        for (int i = 0; i < 300; i++)
        {
            byte[] alphabet = alphabets[random.Next(alphabets.Length)];
            yield return Text(random.Next(5000), at => random.Next(20) == 0 ? (byte)random.Next(256) : random.Next(3) == 0 ? log[at] : alphabet[at % alphabet.Length]);
        }
    }

    private static byte[] Text(int length, Func<int, byte> make)
    {
        byte[] text = new byte[length + FrameFilter.Padding];
        for (int i = 0; i < length; i++) text[i] = make(i);
        return text;
    }

    private static byte[] Log() => Encoding.UTF8.GetBytes(LogSamples.Text(new LogSamples(11).Accesses(100)).ToLowerInvariant());

    private static string Sample(byte[] text) => Convert.ToHexString(text.AsSpan(0, Math.Min(text.Length, 40)));
}

/// <summary>A <see cref="VectorWidth"/> as a number; skipped where the processor has none such.</summary>
internal sealed class WidthDataAttribute : DataAttribute
{
    private readonly int _bits;

    public WidthDataAttribute(int bits)
    {
        _bits = bits;
        Skip = TripleMarker.Has((VectorWidth)bits) && GramFinder.Has((VectorWidth)bits) ? null : $"needs a processor with vectors of {bits} bits";
    }

    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [[_bits]];
}
