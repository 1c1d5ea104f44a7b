using System.Text;

namespace ProdOps.Servers.Secrets;

/// <summary>What restic does to a password file's bytes before it uses them (its <c>textfile.Read</c> and <c>strings.TrimSpace</c>).</summary>
internal static class SecretText
{
    /// <summary>UTF-8 without its mark; UTF-16 with a mark becomes UTF-8. The bytes given are wiped where a copy is returned.</summary>
    public static Span<byte> Decode(Span<byte> bytes)
    {
        if (bytes is [0xEF, 0xBB, 0xBF, ..]) return bytes[3..];
        var encoding = bytes switch { [0xFE, 0xFF, ..] => Encoding.BigEndianUnicode, [0xFF, 0xFE, ..] => Encoding.Unicode, _ => null };
        if (encoding is null) return bytes;
        char[] characters = GC.AllocateArray<char>(encoding.GetCharCount(bytes[2..]), pinned: true);
        encoding.GetChars(bytes[2..], characters);
        bytes.Clear();
        byte[] text = GC.AllocateArray<byte>(Encoding.UTF8.GetByteCount(characters), pinned: true);
        Encoding.UTF8.GetBytes(characters, text);
        Array.Clear(characters);
        return text;
    }

    /// <summary>Without white space (Unicode's) at both ends. A password in another encoding is kept as it is.</summary>
    public static Span<byte> Trim(Span<byte> utf8)
    {
        while (Rune.DecodeFromUtf8(utf8, out var rune, out int length) == System.Buffers.OperationStatus.Done && Rune.IsWhiteSpace(rune)) utf8 = utf8[length..];
        while (Rune.DecodeLastFromUtf8(utf8, out var rune, out int length) == System.Buffers.OperationStatus.Done && Rune.IsWhiteSpace(rune)) utf8 = utf8[..^length];
        return utf8;
    }
}
