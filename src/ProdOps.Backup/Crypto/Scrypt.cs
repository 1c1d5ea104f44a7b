using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;

namespace ProdOps.Backup.Crypto;

/// <summary>
/// scrypt (RFC 7914) on 128-bit vectors, lanes side by side on the machine's processors. Opening a repository waits for it, so
/// the hot methods skip the slow first tier of compilation.
/// </summary>
internal static unsafe class Scrypt
{
    /// <summary>What the lanes that run at the same time may take together, unless a single one needs more: what restic takes for its one lane.</summary>
    private const long MemoryBudget = 32L << 20;

    private const int BlockWords = 16;

    public static void DeriveKey(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, ScryptParameters parameters, Span<byte> key)
    {
        if (parameters.Problem is { } problem) throw new ArgumentOutOfRangeException(nameof(parameters), problem);
        byte[] heads = GC.AllocateUninitializedArray<byte>(128 * parameters.R * parameters.P, pinned: true);
        try
        {
            Rfc2898DeriveBytes.Pbkdf2(password, salt, heads, 1, HashAlgorithmName.SHA256);
            new Run(heads, parameters).Execute();
            Rfc2898DeriveBytes.Pbkdf2(password, heads, key, 1, HashAlgorithmName.SHA256);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(heads);
        }
    }

    /// <summary>All lanes of one derivation; threads take them one by one.</summary>
    private sealed class Run(byte[] heads, ScryptParameters parameters)
    {
        private int _taken = -1;
        private Exception? _failure;

        public void Execute()
        {
            // Every second row of a table can be made again from the one before, at a quarter more work: so two lanes fit where one did.
            long affordable = Math.Max(1, MemoryBudget / (parameters.LaneMemory / 2));
            int threads = (int)Math.Min(Math.Min(parameters.P, affordable), Environment.ProcessorCount);
            var helpers = new Thread[threads - 1];
            for (int i = 0; i < helpers.Length; i++)
            {
                helpers[i] = new Thread(MixLanes) { IsBackground = true, Name = "scrypt" };
                helpers[i].Start();
            }

            MixLanes();
            foreach (var helper in helpers) helper.Join();
            if (_failure is not null) throw new InsufficientMemoryException("There is not enough memory to derive the key.", _failure);
        }

        private void MixLanes()
        {
            int headSize = 128 * parameters.R;
            try
            {
                int lane = Interlocked.Increment(ref _taken);
                if (lane >= parameters.P) return;

                using var memory = new ScratchMemory((nuint)((parameters.LaneMemory / 2) + (3 * headSize)));
                do
                {
                    MixLane(heads.AsSpan(lane * headSize, headSize), memory.Start, parameters.N, parameters.R);
                    lane = Interlocked.Increment(ref _taken);
                }
                while (lane < parameters.P);
                CryptographicOperations.ZeroMemory(new Span<byte>(memory.Start, 3 * headSize));
            }
            catch (OutOfMemoryException e)
            {
                Volatile.Write(ref _failure, e);
            }
        }
    }

    /// <summary>scryptROMix of one lane in <paramref name="memory"/>: three working rows, then every second of the N rows of the table.</summary>
    private static void MixLane(Span<byte> head, byte* memory, int n, int r)
    {
        nuint rowBlocks = (nuint)(2 * r);
        var x = (Vector128<uint>*)memory;
        var y = x + (rowBlocks * 4);
        var odd = y + (rowBlocks * 4);
        var table = odd + (rowBlocks * 4);

        Load(head, (uint*)x);
        Fill(x, y, table, n, rowBlocks);
        Walk(x, y, odd, table, n, rowBlocks);
        Store((uint*)x, head);
    }

    // A block's sixteen words are kept by diagonals, so that Salsa20's quarter rounds are whole-vector operations.
    private static void Load(ReadOnlySpan<byte> head, uint* row)
    {
        for (int i = 0; i < head.Length / 4; i++)
            row[(i & -BlockWords) + (i * 13 % BlockWords)] = BinaryPrimitives.ReadUInt32LittleEndian(head[(i * 4)..]);
    }

    private static void Store(uint* row, Span<byte> head)
    {
        for (int i = 0; i < head.Length / 4; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(head[(i * 4)..], row[(i & -BlockWords) + (i * 13 % BlockWords)]);
    }

    /// <summary>Step 2 of scryptROMix, keeping the even rows. N is even, so that the rows end in their own places.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Fill(Vector128<uint>* x, Vector128<uint>* y, Vector128<uint>* table, int n, nuint rowBlocks)
    {
        for (int i = 0; i < n; i += 2)
        {
            MixAndKeep(x, y, table, rowBlocks);
            Mix(y, x, rowBlocks);
            table += rowBlocks * 4;
        }
    }

    /// <summary>Step 3 of scryptROMix: the first word of a row's last block says which row of the table comes next.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Walk(Vector128<uint>* x, Vector128<uint>* y, Vector128<uint>* odd, Vector128<uint>* table, int n, nuint rowBlocks)
    {
        nuint last = (rowBlocks - 1) * 4;
        for (int i = 0; i < n; i += 2)
        {
            MixWithRow(x, y, Find(*(uint*)(x + last) & (uint)(n - 1), odd, table, rowBlocks), rowBlocks);
            MixWithRow(y, x, Find(*(uint*)(y + last) & (uint)(n - 1), odd, table, rowBlocks), rowBlocks);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Vector128<uint>* Find(nuint row, Vector128<uint>* odd, Vector128<uint>* table, nuint rowBlocks)
    {
        var even = table + ((row >> 1) * rowBlocks * 4);
        if ((row & 1) == 0) return even;
        Mix(even, odd, rowBlocks);
        return odd;
    }

    /// <summary>scryptBlockMix of one row into another.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Mix(Vector128<uint>* source, Vector128<uint>* target, nuint rowBlocks)
    {
        var end = source + ((rowBlocks - 1) * 4);
        Vector128<uint> x0 = end[0], x1 = end[1], x2 = end[2], x3 = end[3];
        for (nuint i = 0; i < rowBlocks; i++, source += 4)
        {
            Salsa(ref x0, ref x1, ref x2, ref x3, source[0], source[1], source[2], source[3]);
            var to = target + (((i >> 1) + ((i & 1) * (rowBlocks >> 1))) * 4);
            (to[0], to[1], to[2], to[3]) = (x0, x1, x2, x3);
        }
    }

    /// <summary>scryptBlockMix of one row into another, and a copy of the first into the table.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MixAndKeep(Vector128<uint>* source, Vector128<uint>* target, Vector128<uint>* kept, nuint rowBlocks)
    {
        var end = source + ((rowBlocks - 1) * 4);
        Vector128<uint> x0 = end[0], x1 = end[1], x2 = end[2], x3 = end[3];
        for (nuint i = 0; i < rowBlocks; i++, source += 4, kept += 4)
        {
            Vector128<uint> b0 = source[0], b1 = source[1], b2 = source[2], b3 = source[3];
            (kept[0], kept[1], kept[2], kept[3]) = (b0, b1, b2, b3);
            Salsa(ref x0, ref x1, ref x2, ref x3, b0, b1, b2, b3);
            var to = target + (((i >> 1) + ((i & 1) * (rowBlocks >> 1))) * 4);
            (to[0], to[1], to[2], to[3]) = (x0, x1, x2, x3);
        }
    }

    /// <summary>scryptBlockMix of (source xor row).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MixWithRow(Vector128<uint>* source, Vector128<uint>* target, Vector128<uint>* row, nuint rowBlocks)
    {
        nuint end = (rowBlocks - 1) * 4;
        Vector128<uint> x0 = source[end] ^ row[end], x1 = source[end + 1] ^ row[end + 1];
        Vector128<uint> x2 = source[end + 2] ^ row[end + 2], x3 = source[end + 3] ^ row[end + 3];
        for (nuint i = 0; i < rowBlocks; i++, source += 4, row += 4)
        {
            Salsa(ref x0, ref x1, ref x2, ref x3, source[0] ^ row[0], source[1] ^ row[1], source[2] ^ row[2], source[3] ^ row[3]);
            var to = target + (((i >> 1) + ((i & 1) * (rowBlocks >> 1))) * 4);
            (to[0], to[1], to[2], to[3]) = (x0, x1, x2, x3);
        }
    }

    /// <summary>Salsa20/8 of x xor b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Salsa(
        ref Vector128<uint> x0, ref Vector128<uint> x1, ref Vector128<uint> x2, ref Vector128<uint> x3,
        Vector128<uint> b0, Vector128<uint> b1, Vector128<uint> b2, Vector128<uint> b3)
    {
        Vector128<uint> s0 = b0 ^ x0, s1 = b1 ^ x1, s2 = b2 ^ x2, s3 = b3 ^ x3;
        Vector128<uint> a = s0, b = s1, c = s2, d = s3;
        for (int round = 0; round < 8; round += 2)
        {
            b ^= Rotate(a + d, 7);
            c ^= Rotate(b + a, 9);
            d ^= Rotate(c + b, 13);
            a ^= Rotate(d + c, 18);
            b = Vector128.Shuffle(b, Vector128.Create(3u, 0, 1, 2));
            c = Vector128.Shuffle(c, Vector128.Create(2u, 3, 0, 1));
            d = Vector128.Shuffle(d, Vector128.Create(1u, 2, 3, 0));
            d ^= Rotate(a + b, 7);
            c ^= Rotate(d + a, 9);
            b ^= Rotate(c + d, 13);
            a ^= Rotate(b + c, 18);
            b = Vector128.Shuffle(b, Vector128.Create(1u, 2, 3, 0));
            c = Vector128.Shuffle(c, Vector128.Create(2u, 3, 0, 1));
            d = Vector128.Shuffle(d, Vector128.Create(3u, 0, 1, 2));
        }

        (x0, x1, x2, x3) = (a + s0, b + s1, c + s2, d + s3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Rotate(Vector128<uint> words, [ConstantExpected] byte bits) =>
        Avx512F.VL.IsSupported ? Avx512F.VL.RotateLeft(words, bits) : (words << bits) | (words >>> (32 - bits));
}
