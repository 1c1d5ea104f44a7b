using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ProdOps.Logging.Store;

/// <summary>ASCII letters in lower case, every other byte as it is.</summary>
internal static class AsciiCase
{
    /// <returns>Whether all of it is ASCII.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool ToLower(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        byte all = 0;
        ref byte from = ref MemoryMarshal.GetReference(source);
        ref byte to = ref MemoryMarshal.GetReference(destination[..source.Length]);
        int i = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            var first = Vector256.Create((byte)'A');
            var letters = Vector256.Create((byte)26);
            var bit = Vector256.Create((byte)0x20);
            var any = Vector256<byte>.Zero;
            for (; i <= source.Length - Vector256<byte>.Count; i += Vector256<byte>.Count)
            {
                var text = Vector256.LoadUnsafe(ref from, (nuint)i);
                any |= text;
                var upper = Vector256.LessThan(text - first, letters);
                (text | (upper & bit)).StoreUnsafe(ref to, (nuint)i);
            }

            if (any.ExtractMostSignificantBits() != 0) all |= 0x80;
        }

        // Where vectors are longer, for what is left.
        if (Vector128.IsHardwareAccelerated)
        {
            var first = Vector128.Create((byte)'A');
            var letters = Vector128.Create((byte)26);
            var bit = Vector128.Create((byte)0x20);
            var any = Vector128<byte>.Zero;
            for (; i <= source.Length - Vector128<byte>.Count; i += Vector128<byte>.Count)
            {
                var text = Vector128.LoadUnsafe(ref from, (nuint)i);
                any |= text;
                var upper = Vector128.LessThan(text - first, letters);
                (text | (upper & bit)).StoreUnsafe(ref to, (nuint)i);
            }

            if (any.ExtractMostSignificantBits() != 0) all |= 0x80;
        }

        for (; i < source.Length; i++)
        {
            byte b = Unsafe.Add(ref from, i);
            all |= b;
            Unsafe.Add(ref to, i) = (uint)(b - 'A') < 26 ? (byte)(b | 0x20) : b;
        }

        return all < 0x80;
    }
}
