using System.Buffers;
using System.Text;

namespace ProdOps.Logging.Formats.Values;

/// <summary>Values as the objects that scripts get.</summary>
internal static class ValueObject
{
    private const int OnStack = 512;

    // Most numbers in logs are statuses and small counts.
    private static readonly object[] SmallNumbers = [.. Enumerable.Range(0, 1024).Select(number => (object)(long)number)];
    private static readonly object True = true;
    private static readonly object False = false;

    /// <summary>The field as a <see cref="long"/>, <see cref="double"/>, <see cref="System.Net.IPAddress"/>, <see cref="TimeSpan"/>, <see cref="bool"/> or <see cref="string"/>.</summary>
    public static object Of(ReadOnlySpan<byte> line, in Field field)
    {
        if (EscapedText.IsEscaped(field.Kind)) return Text(line, field);
        var value = FieldValue.Read(line, field, default);
        return value.Type switch
        {
            ValueType.Integer => (ulong)value.Integer < (ulong)SmallNumbers.Length ? SmallNumbers[value.Integer] : value.Integer,
            ValueType.Real => value.Real,
            ValueType.Duration => new TimeSpan(value.Integer),
            ValueType.Address => AddressText.ToAddress(value.Address),
            ValueType.Boolean => value.Integer != 0 ? True : False,
            _ => Encoding.UTF8.GetString(value.Text),
        };
    }

    /// <summary>The field as text, with its escapes undone; bytes that are not UTF-8 are U+FFFD.</summary>
    public static string Text(ReadOnlySpan<byte> line, in Field field)
    {
        var text = line.Slice(field.Start, field.Length);
        if (!EscapedText.IsEscaped(field.Kind)) return Encoding.UTF8.GetString(text);
        if (text.Length <= OnStack)
        {
            Span<byte> scratch = stackalloc byte[OnStack];
            return Encoding.UTF8.GetString(scratch[..EscapedText.Decode(text, field.Kind, scratch)]);
        }

        byte[] rented = ArrayPool<byte>.Shared.Rent(text.Length);
        string decoded = Encoding.UTF8.GetString(rented.AsSpan(0, EscapedText.Decode(text, field.Kind, rented)));
        ArrayPool<byte>.Shared.Return(rented);
        return decoded;
    }
}
