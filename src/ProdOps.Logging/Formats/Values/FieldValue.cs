using System.Buffers.Text;
using ProdOps.Logging.Formats.Syslog;

namespace ProdOps.Logging.Formats.Values;

/// <summary>What a field's value turned out to be.</summary>
internal enum ValueType : byte
{
    /// <summary>Text.</summary>
    Text,

    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>A number with a fraction, or beyond 64 bits.</summary>
    Real,

    /// <summary>A duration.</summary>
    Duration,

    /// <summary>An IPv4 or IPv6 address.</summary>
    Address,

    /// <summary>True or false.</summary>
    Boolean,
}

/// <summary>The value of a field, typed, without an allocation. It lasts as long as the line and the scratch that its text may be decoded into.</summary>
internal readonly ref struct FieldValue
{
    private FieldValue(ValueType type, ReadOnlySpan<byte> text, long integer = 0, double real = 0, UInt128 address = default)
    {
        Type = type;
        Text = text;
        Integer = integer;
        Real = real;
        Address = address;
    }

    public ValueType Type { get; }

    /// <summary>The value as UTF-8 text, whatever its type: as it stands in the line, with its escapes undone.</summary>
    public ReadOnlySpan<byte> Text { get; }

    /// <summary>The number; a duration's ticks; 1 for true.</summary>
    public long Integer { get; }

    /// <summary>The number, of an <see cref="ValueType.Integer"/> too.</summary>
    public double Real { get; }

    /// <summary>The address; one of IPv4 as the IPv6 address it is mapped to.</summary>
    public UInt128 Address { get; }

    /// <summary>A text as a value.</summary>
    public static FieldValue OfText(ReadOnlySpan<byte> text) => new(ValueType.Text, text);

    /// <summary>Reads the value of a field. One that is not of the kind that the format expects there is text.</summary>
    /// <param name="line">The line.</param>
    /// <param name="field">A field of it.</param>
    /// <param name="scratch">At least as long as the field, for a text with escapes.</param>
    public static FieldValue Read(ReadOnlySpan<byte> line, scoped in Field field, Span<byte> scratch)
    {
        var text = line.Slice(field.Start, field.Length);
        switch (field.Kind)
        {
            case FieldKind.Number when Utf8Parser.TryParse(text, out long integer, out int read) && read == text.Length:
                return new FieldValue(ValueType.Integer, text, integer, integer);
            case FieldKind.Number when TryReal(text, out double real):
                return new FieldValue(ValueType.Real, text, 0, real);
            case FieldKind.Address when AddressText.TryRead(text, out var address):
                return new FieldValue(ValueType.Address, text, 0, 0, address);
            case FieldKind.Seconds when TryTicks(text, TimeSpan.TicksPerSecond, out long ticks):
                return new FieldValue(ValueType.Duration, text, ticks);
            case FieldKind.Milliseconds when TryTicks(text, TimeSpan.TicksPerMillisecond, out long ticks):
                return new FieldValue(ValueType.Duration, text, ticks);
            case FieldKind.Boolean when text.SequenceEqual("true"u8):
                return new FieldValue(ValueType.Boolean, text, 1);
            case FieldKind.Boolean when text.SequenceEqual("false"u8):
                return new FieldValue(ValueType.Boolean, text);
            case FieldKind.Priority or FieldKind.Facility when Facilities.TryName(text, field.Kind, out _, out var name):
                return new FieldValue(ValueType.Text, name);
            case FieldKind.JsonText or FieldKind.JsonBytes or FieldKind.GuardedText or FieldKind.CsvText:
                return new FieldValue(ValueType.Text, scratch[..EscapedText.Decode(text, field.Kind, scratch)]);
            default:
                return new FieldValue(ValueType.Text, text);
        }
    }

    private static bool TryReal(ReadOnlySpan<byte> text, out double value) =>
        Utf8Parser.TryParse(text, out value, out int read) && read == text.Length && double.IsFinite(value);

    private static bool TryTicks(ReadOnlySpan<byte> text, long unit, out long ticks)
    {
        ticks = 0;
        if (!TryReal(text, out double value)) return false;
        double exact = Math.Round(value * unit);
        if (Math.Abs(exact) > 9e18) return false;
        ticks = (long)exact;
        return true;
    }
}
