using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ProdOps.Logging.Formats;

/// <summary>What parsers of lines share: where words, quoted and bracketed parts end.</summary>
internal static class LineText
{
    /// <summary>The line without the carriage return that Windows ends it with, an entry without the empty lines behind it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ReadOnlySpan<byte> WithoutReturn(ReadOnlySpan<byte> line)
    {
        while (line.Length > 0 && line[^1] is (byte)'\r' or (byte)'\n') line = line[..^1];
        return line;
    }

    /// <summary>Where the next space stands; the end if there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int WordEnd(ReadOnlySpan<byte> line, int at)
    {
        // Words are mostly shorter than the call of a search takes.
        if (line.Length - at >= Vector128<byte>.Count)
        {
            var text = Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(line), (nuint)at);
            uint spaces = Vector128.Equals(text, Vector128.Create((byte)' ')).ExtractMostSignificantBits();
            if (spaces != 0) return at + BitOperations.TrailingZeroCount(spaces);
        }

        int length = line[at..].IndexOf((byte)' ');
        return length < 0 ? line.Length : at + length;
    }

    /// <summary>Where the next quote or backslash stands; -1 if there is none.</summary>
    public static int QuoteOrBackslash(ReadOnlySpan<byte> line, int at)
    {
        if (line.Length - at >= Vector128<byte>.Count)
        {
            var text = Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(line), (nuint)at);
            uint found = (Vector128.Equals(text, Vector128.Create((byte)'"')) | Vector128.Equals(text, Vector128.Create((byte)'\\'))).ExtractMostSignificantBits();
            if (found != 0) return at + BitOperations.TrailingZeroCount(found);
        }

        int length = line[at..].IndexOfAny((byte)'"', (byte)'\\');
        return length < 0 ? -1 : at + length;
    }

    /// <summary>Where the quote stands that closes what begins behind an opening one; -1 if none does. A backslash guards what is behind it.</summary>
    public static int ClosingQuote(ReadOnlySpan<byte> line, int at)
    {
        while (true)
        {
            at = QuoteOrBackslash(line, at);
            if (at < 0 || line[at] == '"') return at;
            at += 2;
            if (at > line.Length) return -1;
        }
    }

    public static bool Has(ReadOnlySpan<byte> line, int at, byte value) => (uint)at < (uint)line.Length && line[at] == value;

    public static bool IsDigits(ReadOnlySpan<byte> text) => text.Length > 0 && text.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0;

    /// <summary>Whether nothing is said: empty, or the dash that access logs write.</summary>
    public static bool IsNothing(ReadOnlySpan<byte> value) => value.Length == 0 || (value.Length == 1 && value[0] == '-');

    /// <summary>The part from <paramref name="start"/> to <paramref name="end"/>, which may be beyond its own beginning in a damaged line.</summary>
    public static void AddUnlessNothing(this FieldList fields, ReadOnlySpan<byte> line, string name, int start, int end, FieldKind kind = FieldKind.Text)
    {
        if (end > start && !IsNothing(line[start..end])) fields.Add(name, start, end - start, kind);
    }

    /// <summary>Makes the message what stands from <paramref name="start"/> on.</summary>
    public static void SetMessage(this FieldList fields, ReadOnlySpan<byte> line, int start)
    {
        start = Math.Min(start, line.Length);
        fields.Message = new Field("Message", start, line.Length - start, FieldKind.Text);
    }
}
