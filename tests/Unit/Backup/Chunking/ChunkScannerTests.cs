using System.Text.Json.Nodes;
using ProdOps.Backup.Chunking;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Tests.Crypto;

namespace ProdOps.Backup.Tests.Chunking;

public sealed class ChunkScannerTests
{
    private const ulong Polynomial = 0x3DA3358B4DC173;
    private static readonly ulong[] Polynomials = [Polynomial, 0x3ED5339309A447, .. Enumerable.Range(0, 3).Select(_ => ChunkerPolynomial.Generate())];

    public static TheoryData<string> Paths =>
        [.. Enum.GetNames<ScanPath>().Where(path => path != nameof(ScanPath.Gfni) || ChunkScanner.IsGfniSupported)];

    [Fact]
    public void Cuts_of_random_bytes_are_those_of_the_rolling_definition()
    {
        byte[] data = RandomBytes(1, 16 << 20);
        foreach (ulong polynomial in Polynomials) AssertRollingCuts(polynomial, data);
    }

    [Fact]
    public void Cuts_of_zeros_patterns_and_mixtures_are_those_of_the_rolling_definition()
    {
        var random = new Random(2);
        byte[][] contents =
        [
            new byte[5 << 20],
            Repeated([0xFF], 9 << 20),
            Repeated([1, 0], 9 << 20),
            Repeated("abcdefghijklmnopqrstuvwxyz\n"u8, 10 << 20),
            Repeated(RandomBytes(3, 64), 9 << 20),
            Repeated(RandomBytes(4, 4096), 9 << 20),
            Sparse(random, 12 << 20),
        ];
        foreach (byte[] data in contents)
            foreach (ulong polynomial in Polynomials.TakeLast(2)) AssertRollingCuts(polynomial, data);
    }

    [Theory, MemberData(nameof(Paths))]
    public void A_cut_is_found_wherever_it_lies(string path)
    {
        // Zeros have a fingerprint of 0 and so cut at once: 64 of them are a cut that can be put anywhere.
        var scanner = Scanner(Polynomial, path);
        byte[] data = RandomBytes(5, ChunkScanner.MinSize + 200_000);
        data.AsSpan().Replace((byte)0, (byte)1);
        while (scanner.FindCut(data, 0) is var cut and >= 0) data[cut - 1] = (byte)(data[cut - 1] == 1 ? 2 : 1);
        var random = new Random(6);
        int[] places = [0, 1, 63, 64, 65, 1023, 1024, 1025, 4095, 4096, 16_383, 16_384, 16_385, 69_631, 69_632, 69_633, 139_263, 139_264, 199_999, 200_000,
            .. Enumerable.Range(0, 200).Select(_ => random.Next(200_001))];
        foreach (int place in places)
        {
            int end = ChunkScanner.MinSize + place;
            byte[] saved = data.AsSpan(end - 64, 64).ToArray();
            data.AsSpan(end - 64, 64).Clear();
            Assert.Equal(end, scanner.FindCut(data, 0));
            Assert.Equal(end, scanner.FindCut(data.AsSpan(0, end), 0));
            Assert.Equal(-1, scanner.FindCut(data.AsSpan(0, end - 1), 0));
            saved.CopyTo(data, end - 64);
        }
    }

    [Theory, MemberData(nameof(Paths))]
    public void However_the_bytes_arrive_the_cuts_are_the_same(string path)
    {
        var scanner = Scanner(Polynomial, path);
        byte[] data = RandomBytes(7, 12 << 20);
        var expected = RollingCuts(Polynomial, data);
        var random = new Random(8);
        foreach (int size in (int[])[1000, 4096, 65_536, 100_003, 1 << 20, 0])
        {
            var cuts = new List<int>();
            int start = 0, seen = 0, available = 0;
            while (start < data.Length)
            {
                int cut = scanner.FindCut(data.AsSpan(start, available), seen);
                seen = available;
                if (cut < 0 && start + available < data.Length)
                {
                    int more = size > 0 ? size : 1 + random.Next(300_000);
                    available = Math.Min(available + more, Math.Min(ChunkScanner.MaxSize, data.Length - start));
                    continue;
                }

                cuts.Add(cut < 0 ? available : cut);
                start += cuts[^1];
                (seen, available) = (0, 0);
            }

            Assert.Equal(expected, cuts);
        }
    }

    [Theory, MemberData(nameof(Paths))]
    public void Every_split_around_a_cut_finds_it_once(string path)
    {
        var scanner = Scanner(Polynomial, path);
        byte[] data = RandomBytes(9, 4 << 20);
        int cut = scanner.FindCut(data, 0);
        Assert.InRange(cut, ChunkScanner.MinSize, data.Length);
        for (int seen = cut - 200; seen < cut; seen++)
        {
            Assert.Equal(-1, scanner.FindCut(data.AsSpan(0, seen), 0));
            Assert.Equal(cut, scanner.FindCut(data, seen));
        }

        Assert.NotEqual(cut, scanner.FindCut(data, cut));
    }

    [Theory, MemberData(nameof(Paths))]
    public void A_chunk_without_a_cut_ends_at_8_MiB(string path)
    {
        byte[] data = Repeated([1], ChunkScanner.MaxSize);
        var scanner = Scanner(Polynomial, path);
        Assert.Equal(ChunkScanner.MaxSize, scanner.FindCut(data, 0));
        Assert.Equal(ChunkScanner.MaxSize, scanner.FindCut(data, ChunkScanner.MaxSize));
        Assert.Equal(-1, scanner.FindCut(data.AsSpan(1), 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => scanner.FindCut(new byte[ChunkScanner.MaxSize + 1], 0));
    }

    [Fact]
    public void Restic_cuts_a_file_at_the_same_places()
    {
        using var repository = new ResticRepository("chunks");
        byte[] data = Sparse(new Random(10), 14 << 20);
        string file = Path.Combine(repository.Folder, "content");
        File.WriteAllBytes(file, data);
        repository.Restic("chunks", "backup", file);
        var scanner = new ChunkScanner(ChunkerPolynomial.ParseHex(Json("cat", "config")["chunker_polynomial"]!.GetValue<string>()));

        string snapshot = Path.GetFileName(Directory.GetFiles(Path.Combine(repository.Folder, "snapshots")).Single());
        var node = Json("cat", "snapshot", snapshot);
        foreach (string name in file.Split('/')[1..])
        {
            var tree = Json("cat", "blob", (node["subtree"] ?? node["tree"])!.GetValue<string>());
            node = tree["nodes"]!.AsArray().Single(child => child!["name"]!.GetValue<string>() == name)!;
        }

        int start = 0;
        foreach (var id in node["content"]!.AsArray())
        {
            var rest = data.AsSpan(start, Math.Min(ChunkScanner.MaxSize, data.Length - start));
            int cut = scanner.FindCut(rest, 0);
            if (cut < 0) cut = rest.Length;
            Assert.Equal(id!.GetValue<string>(), ObjectId.Of(rest[..cut]).ToString());
            start += cut;
        }

        Assert.Equal(data.Length, start);

        JsonNode Json(params string[] arguments) => JsonNode.Parse(repository.Restic("chunks", arguments))!;
    }

    [Fact]
    public void A_polynomial_of_another_degree_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new ChunkScanner(0x13));
        Assert.Throws<ArgumentException>(() => new ChunkScanner(Polynomial | (1ul << 54)));
    }

    private static void AssertRollingCuts(ulong polynomial, byte[] data)
    {
        var expected = RollingCuts(polynomial, data);
        foreach (string path in Paths) Assert.Equal(expected, Cuts(Scanner(polynomial, path), data));
    }

    /// <summary>The definition, byte for byte (restic/chunker, chunker.go).</summary>
    private static List<int> RollingCuts(ulong polynomial, byte[] data)
    {
        ulong[] outs = new ulong[256], mods = new ulong[256];
        for (uint b = 0; b < 256; b++)
        {
            outs[b] = Modulo(b, 8 * 63, polynomial);
            mods[b] = Modulo(b, 53, polynomial) | ((ulong)b << 53);
        }

        var cuts = new List<int>();
        for (int start = 0; start < data.Length;)
        {
            byte[] window = new byte[64];
            int at = 0, count = ChunkScanner.MinSize - 64;
            ulong digest = 0;
            void Slide(byte b)
            {
                digest ^= outs[window[at]];
                window[at] = b;
                at = (at + 1) % 64;
                digest = ((digest << 8) | b) ^ mods[digest >> 45];
            }

            Slide(1);
            bool found = false;
            while (!found && start + count < data.Length)
            {
                Slide(data[start + count++]);
                found = ((digest & 0xFFFFF) == 0 || count >= ChunkScanner.MaxSize) && count >= ChunkScanner.MinSize;
            }

            cuts.Add(Math.Min(count, data.Length - start));
            start += cuts[^1];
        }

        return cuts;
    }

    private static ulong Modulo(ulong value, int shift, ulong polynomial)
    {
        for (; shift > 0; shift--) value = (value << 1) ^ (((value >> 52) & 1) * polynomial);
        return value;
    }

    private static ChunkScanner Scanner(ulong polynomial, string path) => new(polynomial, Enum.Parse<ScanPath>(path));

    private static List<int> Cuts(ChunkScanner scanner, byte[] data)
    {
        var cuts = new List<int>();
        for (int start = 0; start < data.Length; start += cuts[^1])
        {
            var rest = data.AsSpan(start, Math.Min(ChunkScanner.MaxSize, data.Length - start));
            int cut = scanner.FindCut(rest, 0);
            cuts.Add(cut < 0 ? rest.Length : cut);
        }

        return cuts;
    }

    private static byte[] RandomBytes(int seed, int length)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static byte[] Repeated(ReadOnlySpan<byte> pattern, int length)
    {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) bytes[i] = pattern[i % pattern.Length];
        return bytes;
    }

    private static byte[] Sparse(Random random, int length)
    {
        byte[] bytes = new byte[length];
        for (int at = 0; at < length;)
        {
            int run = Math.Min(length - at, random.Next(1, 700_000));
            if (random.Next(2) == 0) random.NextBytes(bytes.AsSpan(at, run));
            at += run;
        }

        return bytes;
    }
}
