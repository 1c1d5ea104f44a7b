using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ProdOps.Logging.Store;

/// <summary>ASCII letters in lower case, every other byte as it is.</summary>
internal static class AsciiCase
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ToLower(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        ref byte from = ref MemoryMarshal.GetReference(source);
        ref byte to = ref MemoryMarshal.GetReference(destination[..source.Length]);
        int i = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            var first = Vector256.Create((byte)'A');
            var letters = Vector256.Create((byte)26);
            var bit = Vector256.Create((byte)0x20);
            for (; i <= source.Length - Vector256<byte>.Count; i += Vector256<byte>.Count)
            {
                var text = Vector256.LoadUnsafe(ref from, (nuint)i);
                var upper = Vector256.LessThan(text - first, letters);
                (text | (upper & bit)).StoreUnsafe(ref to, (nuint)i);
            }
        }

        for (; i < source.Length; i++)
        {
            byte b = Unsafe.Add(ref from, i);
            Unsafe.Add(ref to, i) = (uint)(b - 'A') < 26 ? (byte)(b | 0x20) : b;
        }
    }
}
