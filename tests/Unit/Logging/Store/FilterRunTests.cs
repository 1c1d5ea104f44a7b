using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ProdOps.Logging.Searching;
using ProdOps.Logging.Store.Filters;
using ProdOps.Logging.Store;
using ProdOps.Servers.Files;

namespace ProdOps.Logging.Tests.Store;

public sealed class FilterRunTests : IDisposable
{
    private readonly StoreFixture _fixture = new();

    [Fact]
    public void Filters_come_out_of_the_index_as_they_went_in()
    {
        var random = new Random(31);
        for (int round = 0; round < 60; round++)
        {
            // Of few lengths, so that some lie together; none; and once more than a run may have.
            var frames = Enumerable.Range(0, random.Next(1, 12)).Select(_ => Frame(random, random.Next(4))).ToList();
            if (round == 0) frames = [.. Enumerable.Range(0, FilterRuns.MostFrames + 8).Select(_ => Frame(random, 3))];
            byte[] block = SegmentIndex.Block(frames, 1_000_000);
            Assert.True(SegmentIndex.TryReadBlock(block, block.Length, out var entries, out int length, out _));
            Assert.Equal(block.Length, length);
            var runs = FilterRuns.Of(entries, 0, 0);
            Assert.Equal(frames.Count(frame => !frame.Filter.IsEmpty), runs.Sum(run => run.Count));
            Assert.All(runs, run => Assert.InRange(run.Count, 1, FilterRuns.MostFrames));
            foreach (var run in runs)
            {
                for (int rank = 0; rank < run.Count; rank++)
                {
                    byte[] filter = new byte[run.FilterLength];
                    run.Copy(block.AsSpan((int)run.Offset, (int)run.Length), rank, filter);
                    Assert.Equal(frames[run.First + rank].Filter.Span, filter);
                    Assert.True(SegmentIndex.Holds(entries[run.First + rank], filter));
                }
            }
        }
    }

    [Fact]
    public void A_block_whose_filters_would_end_behind_it_is_none()
    {
        var random = new Random(32);
        var frames = Enumerable.Range(0, 3).Select(_ => Frame(random, 2)).ToList();
        byte[] block = SegmentIndex.Block(frames, 1_000_000);
        // What is checked last is what counts: the checksum of the entries is right again.
        var entries = MemoryMarshal.Cast<byte, FrameEntry>(block.AsSpan(SegmentIndex.BlockHeadLength, 3 * Unsafe.SizeOf<FrameEntry>()));
        foreach (ref var entry in entries) entry.FilterOffset += FrameFilter.BlockBytes;
        int end = SegmentIndex.EntriesEnd(block, block.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(12), Crc32C.Finish(Crc32C.Append(Crc32C.Append(Crc32C.Seed, block.AsSpan(4, 8)), block.AsSpan(16, end - 16))));
        Assert.False(SegmentIndex.TryReadBlock(block, block.Length, out _, out _, out _));
    }

    [Fact]
    public async Task Of_many_frames_only_those_are_read_that_may_hold_a_text()
    {
        var lines = new LogSamples(33).Accesses(17_000);
        await _fixture.AppendAsync("web1", "access", LogSamples.Text(lines));
        string path = _fixture.SegmentFiles("web1", "access").Single();
        await CheckAsync(lines);

        // One whose filters have places of their own, as they once had, is read too.
        Separate(StoreNames.IndexOf(path));
        _fixture.Reopen();
        await CheckAsync(lines);
        var more = new LogSamples(34).Accesses(400);
        await _fixture.AppendAsync("web1", "access", LogSamples.Text(more));
        _fixture.Store.Dispose();
        using (var view = SegmentView.Open(path, _fixture.Store.Formats)) Assert.True(view.CanExtendIndex && view.HasWholeIndex());
        lines.AddRange(more);
        await CheckAsync(lines);

        // Packed for good, and indexed from the segment alone: the same index.
        await new StoreUpkeep(_fixture.Store, _fixture.Activity).PackAsync(TimeSpan.MaxValue, includeNewest: true, default);
        await CheckAsync(lines);
        byte[] packed = File.ReadAllBytes(StoreNames.IndexOf(path));
        using (var view = SegmentView.Open(path, _fixture.Store.Formats)) SegmentIndexer.Write(view);
        Assert.Equal(packed, File.ReadAllBytes(StoreNames.IndexOf(path)));
    }

    public void Dispose() => _fixture.Dispose();

    private async Task CheckAsync(List<LogSamples.Line> lines)
    {
        var random = new Random(lines.Count);
        for (int i = 0; i < 20; i++)
        {
            // Long enough for several grams, all of which must be there.
            var line = lines[random.Next(lines.Count)];
            string id = line.Text[line.Text.IndexOf(line.Path, StringComparison.Ordinal)..line.Text.IndexOf(" HTTP", StringComparison.Ordinal)];
            var query = new LogQuery { Patterns = [id] };
            using (var plan = SearchPlan.Make(_fixture.Store, query, _fixture.Activity, default)) Assert.Equal((1, true), (plan.Frames.Count, plan.AllFrames > 2));
            Assert.Contains(id, Assert.Single(await _fixture.SearchAsync(query)).Raw, StringComparison.Ordinal);
            using var none = SearchPlan.Make(_fixture.Store, new LogQuery { Patterns = [$"{random.NextInt64():x16}{random.NextInt64():x16}"] }, _fixture.Activity, default);
            Assert.Empty(none.Frames);
        }
    }

    private static EncodedFrame Frame(Random random, int blocks)
    {
        byte[] filter = new byte[blocks == 0 ? 0 : FrameFilter.TripleBytes + (blocks * FrameFilter.BlockBytes)];
        random.NextBytes(filter);
        return new EncodedFrame(default, default) { Filter = filter, Entry = new FrameEntry { Offset = 100, StoredLength = 10, RawLength = 10, GramBlocks = blocks } };
    }

    /// <summary>Writes an index anew as version 2 had it: each filter behind the other.</summary>
    private static void Separate(string path)
    {
        byte[] index = File.ReadAllBytes(path);
        using var file = new MemoryStream();
        BinaryPrimitives.WriteInt32LittleEndian(index.AsSpan(8), 2);
        file.Write(index.AsSpan(0, SegmentIndex.HeadLength));
        var rest = index.AsSpan(SegmentIndex.HeadLength);
        while (SegmentIndex.TryReadBlock(rest, rest.Length, out var stored, out int length, out _))
        {
            int end = SegmentIndex.EntriesEnd(rest, rest.Length);
            byte[] block = rest[..length].ToArray();
            var entries = MemoryMarshal.Cast<byte, FrameEntry>(block.AsSpan(SegmentIndex.BlockHeadLength, end - SegmentIndex.BlockHeadLength));
            foreach (var run in FilterRuns.Of(stored, 0, 0))
            {
                for (int rank = 0, at = (int)run.Offset; rank < run.Count; rank++, at += (int)run.FilterLength)
                {
                    run.Copy(rest.Slice((int)run.Offset, (int)run.Length), rank, block.AsSpan(at, (int)run.FilterLength));
                    entries[run.First + rank].FilterOffset = at;
                }
            }

            BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(12), Crc32C.Finish(Crc32C.Append(Crc32C.Append(Crc32C.Seed, block.AsSpan(4, 8)), block.AsSpan(16, end - 16))));
            file.Write(block);
            rest = rest[length..];
        }

        File.WriteAllBytes(path, file.ToArray());
    }
}
