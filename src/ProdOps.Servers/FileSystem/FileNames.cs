using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace ProdOps.Servers.FileSystem;

/// <summary>
/// File names as strings without loss: UTF-8, in which a byte that is no UTF-8 becomes a lone surrogate U+DC80 to U+DCFF
/// (the convention of Python's os.fsdecode, PEP 383).
/// </summary>
internal static class FileNames
{
    private const int EscapeBase = 0xDC00;

    public static string Decode(ReadOnlySpan<byte> name) => Utf8.IsValid(name) ? Encoding.UTF8.GetString(name) : DecodeInvalid(name);

    /// <summary>The bytes of a name: what <see cref="Decode"/> was given, or UTF-8 (of any other lone surrogate its three bytes, as WTF-8 has it).</summary>
    public static byte[] Encode(ReadOnlySpan<char> name)
    {
        byte[] bytes = new byte[Encoding.UTF8.GetMaxByteCount(name.Length)];
        int length = 0;
        while (!name.IsEmpty)
        {
            Utf8.FromUtf16(name, bytes.AsSpan(length), out int read, out int written, replaceInvalidSequences: false);
            length += written;
            name = name[read..];
            if (name.IsEmpty) break;
            char surrogate = name[0];
            if (surrogate is >= (char)(EscapeBase + 0x80) and <= (char)(EscapeBase + 0xFF)) bytes[length++] = (byte)(surrogate - EscapeBase);
            else
            {
                bytes[length++] = (byte)(0xE0 | (surrogate >> 12));
                bytes[length++] = (byte)(0x80 | ((surrogate >> 6) & 0x3F));
                bytes[length++] = (byte)(0x80 | (surrogate & 0x3F));
            }
            name = name[1..];
        }
        return length == bytes.Length ? bytes : bytes[..length];
    }

    private static string DecodeInvalid(ReadOnlySpan<byte> name)
    {
        var text = new StringBuilder(name.Length);
        Span<char> units = stackalloc char[2];
        while (!name.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(name, out var rune, out int length) == OperationStatus.Done) text.Append(units[..rune.EncodeToUtf16(units)]);
            else
            {
                text.Append((char)(EscapeBase + name[0]));
                length = 1;
            }
            name = name[length..];
        }
        return text.ToString();
    }
}
