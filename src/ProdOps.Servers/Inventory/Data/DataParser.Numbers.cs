using System.Globalization;
using System.Numerics;

namespace ProdOps.Servers.Inventory.Data;

/// <summary>Numbers: decimal, 0x…, 0b…, with the type suffixes d l n s u y and their unsigned forms, and with KB to PB.</summary>
internal sealed partial class DataParser
{
    // Longer ones are no numbers of anybody's making, and take time that grows with the square of their length.
    private const int MaximumDigits = 400;

    private static readonly string[] Multipliers = ["kb", "mb", "gb", "tb", "pb"];

    private bool StartsNumber()
    {
        int ahead = IsDash(Current) || Current == '+' ? 1 : 0;
        return char.IsAsciiDigit(Peek(ahead)) || (Peek(ahead) == '.' && char.IsAsciiDigit(Peek(ahead + 1)));
    }

    private object ReadNumber()
    {
        int start = _at;
        bool negative = IsDash(Current);
        if (negative || Current == '+') _at++;
        var literal = ReadLiteral(negative);
        if (literal.Digits.Length > MaximumDigits) throw Error("The number is too long.", ValueAdvice);
        string suffix = ReadSuffix(literal.Radix);
        long multiplier = ReadMultiplier();
        int end = _at;
        bool ends = AtEnd || IsWhiteSpace(Current) || IsNewline(Current) || Current is ',' or ';' or '}' or ')' or '=' or '#' or '|' or '&' or '<' or '>' or '(' or '{' or '[';
        _at = start;
        if (!ends || (Current == '[')) throw Error("This is no number, and what is no number needs quotes.", ValueAdvice);
        object? value = literal.IsReal ? RealValue(literal, suffix, multiplier) : WholeValue(literal, suffix, multiplier);
        if (value is null) throw Error("The number does not fit its type.", "Leave out the suffix, or write a number that fits it.");
        _at = end;
        return value;
    }

    private NumberLiteral ReadLiteral(bool negative)
    {
        int radix = Current != '0' ? 10 : Peek(1) switch { 'x' or 'X' => 16, 'b' or 'B' when Peek(2) is '0' or '1' => 2, _ => 10 };
        int start = radix == 10 ? _at : _at += 2;
        if (radix != 10)
        {
            while (radix == 16 ? char.IsAsciiHexDigit(Current) : Current is '0' or '1') _at++;
            return new NumberLiteral(_text[start.._at], radix, negative, IsReal: false);
        }

        bool real = false;
        while (char.IsAsciiDigit(Current)) _at++;
        if (Current == '.' && Peek(1) != '.')
        {
            real = true;
            _at++;
            while (char.IsAsciiDigit(Current)) _at++;
        }

        int sign = Current is 'e' or 'E' && (IsDash(Peek(1)) || Peek(1) == '+') ? 1 : 0;
        if (Current is 'e' or 'E' && char.IsAsciiDigit(Peek(1 + sign)))
        {
            real = true;
            _at += 1 + sign;
            while (char.IsAsciiDigit(Current)) _at++;
        }

        string digits = _text[start.._at];
        foreach (char dash in "\u2013\u2014\u2015") digits = digits.Replace(dash, '-');
        return new NumberLiteral(digits, radix, negative, real);
    }

    private string ReadSuffix(int radix)
    {
        char first = char.ToLowerInvariant(Current);
        if (first is not ('l' or 'n' or 's' or 'u' or 'y') && !(first == 'd' && radix != 16)) return "";
        char second = first == 'u' ? char.ToLowerInvariant(Peek(1)) : '\0';
        string suffix = second is 'l' or 's' or 'y' ? $"u{second}" : first.ToString();
        _at += suffix.Length;
        return suffix;
    }

    private long ReadMultiplier()
    {
        string text = _at + 2 <= _text.Length ? _text.Substring(_at, 2).ToLowerInvariant() : "";
        int index = Array.IndexOf(Multipliers, text);
        if (index < 0) return 1;
        _at += 2;
        return 1L << (10 * (index + 1));
    }

    private static object? RealValue(NumberLiteral literal, string suffix, long multiplier)
    {
        string digits = (literal.Negative ? "-" : "") + literal.Digits;
        if (suffix == "d")
        {
            if (!decimal.TryParse(digits, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out decimal exact)) return null;
            try
            {
                return exact * multiplier;
            }
            catch (OverflowException)
            {
                return null;
            }
        }

        double value = double.Parse(digits, NumberStyles.Float, CultureInfo.InvariantCulture) * multiplier;
        if (suffix.Length == 0) return value;
        return double.IsFinite(value) ? Typed(new BigInteger(Math.Round(value)), suffix) : null;
    }

    private static object? WholeValue(NumberLiteral literal, string suffix, long multiplier)
    {
        var value = literal.Radix == 10 ? BigInteger.Parse(literal.Digits, NumberStyles.None, CultureInfo.InvariantCulture) : Bits(literal, suffix);
        if (literal.Negative) value = -value;
        value *= multiplier;
        if (suffix.Length > 0) return Typed(value, suffix);
        // Digits that fill 64 bits are a long even where the value is small.
        if (literal.Width != 64 && value >= int.MinValue && value <= int.MaxValue) return (int)value;
        if (value >= long.MinValue && value <= long.MaxValue) return (long)value;
        if (literal.Radix != 10) return null;
        return Typed(value, "d") ?? (double)value;
    }

    /// <summary>The value of hexadecimal or binary digits: as many as fill a signed type mean its bits, so that 0xFFFFFFFF is -1.</summary>
    private static BigInteger Bits(NumberLiteral literal, string suffix)
    {
        var value = BigInteger.Zero;
        foreach (char digit in literal.Digits) value = (value << (literal.Radix == 16 ? 4 : 1)) | Convert.ToInt32(digit.ToString(), literal.Radix);
        int width = literal.Width;
        bool signed = (literal.Radix, suffix) switch
        {
            (_, ['u', ..]) => false,
            (2, _) => width is 8 or 16 or 32 or 64 or 96 || (width >= 128 && width % 8 == 0),
            (_, "y") => width == 8,
            (_, "s") => width == 16,
            (_, "l") => width == 64,
            _ => width is 32 or 64,
        };
        return signed && !(value >> (width - 1)).IsZero ? value - (BigInteger.One << width) : value;
    }

    private static object? Typed(BigInteger value, string suffix)
    {
        try
        {
            return suffix switch
            {
                "y" => (sbyte)value,
                "uy" => (byte)value,
                "s" => (short)value,
                "us" => (ushort)value,
                "l" => (long)value,
                "ul" => (ulong)value,
                "u" => value <= uint.MaxValue ? (object)(uint)value : (ulong)value,
                "d" => (decimal)value,
                _ => value,
            };
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    /// <summary>The digits of a number as written.</summary>
    private readonly record struct NumberLiteral(string Digits, int Radix, bool Negative, bool IsReal)
    {
        /// <summary>How many bits hexadecimal or binary digits fill.</summary>
        public int Width => Radix switch { 16 => Digits.Length * 4, 2 => Digits.Length, _ => 0 };
    }
}
