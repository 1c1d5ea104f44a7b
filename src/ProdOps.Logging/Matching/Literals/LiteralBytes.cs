using System.Runtime.CompilerServices;

namespace ProdOps.Logging.Matching.Literals;

/// <summary>A literal made ready for comparing: where case does not matter a letter is OR-ed with 0x20 first.</summary>
internal sealed unsafe class LiteralBytes
{
    private readonly byte[] _bytes;
    private readonly byte[] _masks;

    public LiteralBytes(Literal literal)
    {
        _bytes = literal.Bytes.ToArray();
        _masks = new byte[_bytes.Length];
        for (int i = 0; i < _bytes.Length; i++)
        {
            if (!literal.IgnoreCase || !char.IsAsciiLetter((char)_bytes[i]))
                continue;
            _masks[i] = 0x20;
            _bytes[i] |= 0x20;
        }
    }

    public int Length => _bytes.Length;

    public byte this[int index] => _bytes[index];

    /// <summary>What to OR to a byte before it is compared with the literal's.</summary>
    public byte MaskAt(int index) => _masks[index];

    /// <summary>How frequent the byte is in logs.</summary>
    public int RankAt(int index) => ByteFrequency.RankOf(_bytes[index], _masks[index] != 0);

    /// <summary>Whether the literal stands there; as many bytes as it has can be read.</summary>
    public bool IsAt(byte* text)
    {
        ref byte bytes = ref Unsafe.AsRef(in _bytes[0]);
        ref byte masks = ref Unsafe.AsRef(in _masks[0]);
        int length = _bytes.Length;
        int i = 0;
        for (; i <= length - sizeof(ulong); i += sizeof(ulong))
        {
            ulong expected = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref bytes, i));
            ulong mask = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref masks, i));
            if ((Unsafe.ReadUnaligned<ulong>(text + i) | mask) != expected) return false;
        }

        for (; i < length; i++)
        {
            if ((text[i] | Unsafe.Add(ref masks, i)) != Unsafe.Add(ref bytes, i)) return false;
        }

        return true;
    }
}
