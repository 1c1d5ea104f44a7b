using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace ProdOps.Servers.Files;

/// <summary>A checksum taken while content passes by, as the server's program prints it.</summary>
internal sealed class ContentHash : IDisposable
{
    private readonly IncrementalHash? _sha256;
    private Cksum _cksum;

    /// <param name="algorithm">One of <see cref="HashTool"/>; null hashes nothing.</param>
    public ContentHash(string? algorithm)
    {
        Algorithm = algorithm;
        if (algorithm == HashTool.Sha256Algorithm) _sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    }

    public string? Algorithm { get; }

    public void Append(ReadOnlySpan<byte> content)
    {
        if (_sha256 is not null) _sha256.AppendData(content);
        else if (Algorithm == HashTool.CksumAlgorithm) _cksum.Append(content);
    }

    /// <summary>The checksum of all that was appended, and ready for the next.</summary>
    public string? Finish()
    {
        if (_sha256 is not null) return Convert.ToHexStringLower(_sha256.GetHashAndReset());
        if (Algorithm != HashTool.CksumAlgorithm) return null;
        string sum = _cksum.Finish().ToString(CultureInfo.InvariantCulture);
        _cksum = default;
        return sum;
    }

    public void Dispose() => _sha256?.Dispose();

    /// <summary>POSIX's <c>cksum</c>: a CRC with the generator 0x04C11DB7, over the content and then its length, lowest byte first.</summary>
    private struct Cksum
    {
        private static readonly uint[] Table = MakeTable();

        private uint _crc;
        private long _length;

        public void Append(ReadOnlySpan<byte> content)
        {
            _length += content.Length;
            foreach (byte b in content) Add(b);
        }

        public uint Finish()
        {
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(length, _length);
            for (int i = 0; i < 8 && _length >> (8 * i) != 0; i++) Add(length[i]);
            return ~_crc;
        }

        private void Add(byte b) => _crc = (_crc << 8) ^ Table[(_crc >> 24) ^ b];

        private static uint[] MakeTable()
        {
            uint[] table = new uint[256];
            for (uint i = 0; i < 256; i++)
            {
                uint crc = i << 24;
                for (int bit = 0; bit < 8; bit++) crc = (crc & 0x80000000) != 0 ? (crc << 1) ^ 0x04C11DB7 : crc << 1;
                table[i] = crc;
            }
            return table;
        }
    }
}
