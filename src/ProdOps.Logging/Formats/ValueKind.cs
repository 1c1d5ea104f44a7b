namespace ProdOps.Logging.Formats;

/// <summary>What a value looks like, where the format does not say.</summary>
internal static class ValueKind
{
    /// <summary>A number, an address, true or false, or else text.</summary>
    public static FieldKind Of(ReadOnlySpan<byte> value)
    {
        if (value.Length is 0 or > 45) return FieldKind.Text;
        byte first = value[0];
        if (first is >= (byte)'0' and <= (byte)'9' or (byte)'-' or (byte)'.')
        {
            if (IsNumber(value)) return FieldKind.Number;
            return IsAddress(value) ? FieldKind.Address : FieldKind.Text;
        }

        if (value.SequenceEqual("true"u8) || value.SequenceEqual("false"u8)) return FieldKind.Boolean;
        return char.IsAsciiHexDigit((char)first) || first == ':' ? (IsAddress(value) ? FieldKind.Address : FieldKind.Text) : FieldKind.Text;
    }

    /// <summary>Whether this is a number as JSON writes it; a number with zeros before it is a code and stays text.</summary>
    public static bool IsNumber(ReadOnlySpan<byte> value)
    {
        int at = value.Length > 0 && value[0] == '-' ? 1 : 0;
        int digits = Digits(value, ref at);
        if (digits == 0 || (digits > 1 && value[at - digits] == '0')) return false;
        if (LineText.Has(value, at, (byte)'.'))
        {
            at++;
            if (Digits(value, ref at) == 0) return false;
        }

        if (at < value.Length && (value[at] | 0x20) == 'e')
        {
            at++;
            if (at < value.Length && value[at] is (byte)'+' or (byte)'-') at++;
            if (Digits(value, ref at) == 0) return false;
        }

        return at == value.Length;
    }

    /// <summary>Whether this looks like an IPv4 or IPv6 address. Reading it may still fail, and then it is text.</summary>
    public static bool IsAddress(ReadOnlySpan<byte> value)
    {
        int points = 0, colons = 0;
        foreach (byte letter in value)
        {
            if (letter == '.') points++;
            else if (letter == ':') colons++;
            else if (!char.IsAsciiHexDigit((char)letter)) return false;
        }

        return colons >= 2 || (points == 3 && colons == 0 && value.Length <= 15);
    }

    private static int Digits(ReadOnlySpan<byte> value, ref int at)
    {
        int start = at;
        while (at < value.Length && value[at] is >= (byte)'0' and <= (byte)'9') at++;
        return at - start;
    }
}
