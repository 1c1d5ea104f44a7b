using System.Buffers.Binary;
using System.Formats.Asn1;
using System.Globalization;
using System.Net;
using System.Numerics;
using System.Text;

namespace ProdOps.Monitoring.Checks.Snmp;

/// <summary>A value of an object (RFC 2578, section 7.1).</summary>
/// <param name="Text">The value as a person reads it.</param>
/// <param name="Number">The value, where it is a number or a text that is one.</param>
/// <param name="Unit"><c>s</c> for times, else empty.</param>
internal sealed record SnmpValue(string Text, double? Number, string Unit = "")
{
    /// <summary>Why there is no value; <see langword="null"/> if there is one.</summary>
    public string? Missing { get; private init; }

    private static readonly Asn1Tag Address = new(TagClass.Application, 0), Ticks = new(TagClass.Application, 3), Opaque = new(TagClass.Application, 4);

    /// <summary>Reads it where a reader stands.</summary>
    /// <exception cref="AsnContentException">It is none.</exception>
    public static SnmpValue Read(AsnReader reader)
    {
        var tag = reader.PeekTag();
        switch (tag.TagClass, tag.TagValue)
        {
            case (TagClass.Universal, (int)UniversalTagNumber.Integer):
                return OfNumber(reader.ReadInteger());
            case (TagClass.Universal, (int)UniversalTagNumber.OctetString):
                return OfBytes(reader.ReadOctetString());
            case (TagClass.Universal, (int)UniversalTagNumber.ObjectIdentifier):
                return new SnmpValue(reader.ReadObjectIdentifier(), null);
            case (TagClass.Universal, (int)UniversalTagNumber.Null):
                reader.ReadNull();
                return new SnmpValue("", null);
            case (TagClass.Application, 0):
                byte[] address = reader.ReadOctetString(Address);
                return new SnmpValue(address.Length == 4 ? new IPAddress(address).ToString() : Convert.ToHexString(address), null);
            case (TagClass.Application, 3):
                // Hundredths of a second.
                double seconds = (double)reader.ReadInteger(Ticks) / 100;
                return new SnmpValue(seconds.ToString(CultureInfo.InvariantCulture), seconds, "s");
            case (TagClass.Application, 4):
                return OfOpaque(reader.ReadOctetString(Opaque));
            case (TagClass.Application, 1 or 2 or 6 or 7):
                return OfNumber(reader.ReadInteger(tag));
            case (TagClass.ContextSpecific, 0 or 1 or 2):
                reader.ReadEncodedValue();
                return new SnmpValue("", null) { Missing = tag.TagValue == 0 ? "there is no such object" : tag.TagValue == 1 ? "there is no such instance of the object: a number that is no column of a table ends with .0" : "there is nothing behind it" };
            default:
                throw new AsnContentException($"there is no type {tag}");
        }
    }

    private static SnmpValue OfNumber(BigInteger number) => new(number.ToString(CultureInfo.InvariantCulture), (double)number);

    private static SnmpValue OfBytes(byte[] bytes)
    {
        string text = Encoding.UTF8.GetString(bytes).TrimEnd('\0');
        if (text.Any(c => (char.IsControl(c) && c is not ('\n' or '\r' or '\t')) || c == '\ufffd')) return new SnmpValue(string.Join(':', bytes.Select(b => b.ToString("X2", CultureInfo.InvariantCulture))), null);
        return new SnmpValue(text, double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? number : null);
    }

    // Net-SNMP's numbers with a point: an encoding within the encoding, its tag 9F 78 for single and 9F 79 for double precision.
    private static SnmpValue OfOpaque(byte[] bytes)
    {
        double? number = bytes switch
        {
            [0x9f, 0x78, 4, .. var single] when single.Length == 4 => BinaryPrimitives.ReadSingleBigEndian(single),
            [0x9f, 0x79, 8, .. var whole] when whole.Length == 8 => BinaryPrimitives.ReadDoubleBigEndian(whole),
            _ => null,
        };
        return number is { } value && double.IsFinite(value) ? new SnmpValue(value.ToString(CultureInfo.InvariantCulture), value) : new SnmpValue(Convert.ToHexString(bytes), null);
    }
}
