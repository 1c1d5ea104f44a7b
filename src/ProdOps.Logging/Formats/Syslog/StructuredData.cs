namespace ProdOps.Logging.Formats.Syslog;

/// <summary>The structured data of RFC 5424, section 6.3: <c>[origin ip="192.0.2.7"][meta sequenceId="3"]</c>.</summary>
internal static class StructuredData
{
    /// <summary>Passes over the elements; their parameters become fields <c>origin.ip</c>, without the number of the enterprise behind the element's name.</summary>
    /// <returns>Where the elements end, or the structure breaks.</returns>
    public static int Read(ReadOnlySpan<byte> line, int at, FieldList? fields)
    {
        Span<byte> name = stackalloc byte[128];
        while (LineText.Has(line, at, (byte)'['))
        {
            int start = at;
            int id = at + 1;
            int length = line[id..].IndexOfAny((byte)' ', (byte)']');
            if (length < 0) return start;
            int enterprise = line.Slice(id, length).IndexOf((byte)'@');
            var element = line.Slice(id, enterprise < 0 ? length : enterprise);
            at = id + length;
            while (LineText.Has(line, at, (byte)' '))
            {
                int key = at + 1;
                int equals = line[key..].IndexOf("=\""u8);
                if (equals < 0) return start;
                int value = key + equals + 2;
                int end = LineText.ClosingQuote(line, value);
                if (end < 0) return start;
                if (fields is not null && element.Length + 1 + equals <= name.Length)
                {
                    element.CopyTo(name);
                    name[element.Length] = (byte)'.';
                    line.Slice(key, equals).CopyTo(name[(element.Length + 1)..]);
                    var text = line[value..end];
                    fields.Add(FieldNames.Of(name[..(element.Length + 1 + equals)]), value, text.Length, text.Contains((byte)'\\') ? FieldKind.GuardedText : ValueKind.Of(text));
                }

                at = end + 1;
            }

            if (!LineText.Has(line, at, (byte)']')) return start;
            at++;
        }

        return at;
    }
}
