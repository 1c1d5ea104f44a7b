using System.Buffers.Binary;
using System.Net;

namespace ProdOps.Logging.Formats.Values;

/// <summary>IPv4 and IPv6 addresses as numbers, read without an allocation. An IPv4 address is the IPv6 address it is mapped to (<c>::ffff:192.0.2.7</c>).</summary>
internal static class AddressText
{
    private static readonly UInt128 Mapped = (UInt128)0xFFFF << 32;

    public static bool TryRead(ReadOnlySpan<byte> text, out UInt128 address)
    {
        if (text.Length is >= 2 and <= 45 && text.Contains((byte)':')) return TryReadV6(text, out address);
        bool read = TryReadV4(text, out uint value);
        address = Mapped | value;
        return read;
    }

    /// <summary>The address as .NET has it.</summary>
    public static IPAddress ToAddress(UInt128 address)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, address);
        return address >> 32 == 0xFFFF ? new IPAddress(bytes[12..]) : new IPAddress(bytes);
    }

    private static bool TryReadV4(ReadOnlySpan<byte> text, out uint address)
    {
        address = 0;
        if (text.Length is < 7 or > 15) return false;
        uint part = 0;
        int digits = 0;
        int parts = 0;
        for (int i = 0; i <= text.Length; i++)
        {
            if (i == text.Length || text[i] == '.')
            {
                if (digits == 0 || part > 255) return false;
                address = address << 8 | part;
                parts++;
                part = 0;
                digits = 0;
                continue;
            }

            uint digit = (uint)text[i] - '0';
            // A zero in front makes octal numbers of what some read and others do not.
            if (digit > 9 || ++digits > 3 || (digits == 2 && part == 0)) return false;
            part = part * 10 + digit;
        }

        return parts == 4;
    }

    private static bool TryReadV6(ReadOnlySpan<byte> text, out UInt128 address)
    {
        address = 0;
        Span<ushort> groups = stackalloc ushort[8];
        int count = 0;
        int gap = -1;
        int at = 0;
        if (text[0] == ':')
        {
            if (text[1] != ':') return false;
            gap = 0;
            at = 2;
        }

        while (at < text.Length)
        {
            if (count == 8) return false;
            int colon = text[at..].IndexOf((byte)':');
            var part = colon < 0 ? text[at..] : text.Slice(at, colon);
            if (colon < 0 && part.Contains((byte)'.'))
            {
                if (count > 6 || !TryReadV4(part, out uint v4)) return false;
                groups[count++] = (ushort)(v4 >> 16);
                groups[count++] = (ushort)v4;
                break;
            }

            if (part.Length is 0 or > 4) return false;
            int value = 0;
            foreach (byte letter in part)
            {
                if (!char.IsAsciiHexDigit((char)letter)) return false;
                value = value << 4 | (letter <= '9' ? letter - '0' : (letter | 0x20) - 'a' + 10);
            }

            groups[count++] = (ushort)value;
            if (colon < 0) break;
            at += colon + 1;
            if (at == text.Length) return false;
            if (text[at] != ':') continue;
            if (gap >= 0) return false;
            gap = count;
            at++;
        }

        if (gap < 0 ? count != 8 : count == 8) return false;
        for (int i = 0; i < 8; i++)
        {
            int missing = 8 - count;
            int value = gap < 0 || i < gap ? groups[i] : i < gap + missing ? 0 : groups[i - missing];
            address = address << 16 | (uint)value;
        }

        return true;
    }
}
