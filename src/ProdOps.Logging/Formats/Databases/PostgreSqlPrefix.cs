namespace ProdOps.Logging.Formats.Databases;

/// <summary>
/// What stands between PostgreSQL's time and severity, as the usual settings of log_line_prefix have it: <c>[771]</c>, <c>[771-1]</c>, <c>jo@shop</c>,
/// <c>user=jo,db=shop,app=psql,client=192.0.2.7</c>, <c>192.0.2.7(51234)</c>.
/// </summary>
internal static class PostgreSqlPrefix
{
    public static void Read(ReadOnlySpan<byte> line, int at, int end, FieldList fields)
    {
        bool hasProcess = false;
        while (at < end)
        {
            int length = line[at..end].IndexOf((byte)' ');
            int wordEnd = length < 0 ? end : at + length;
            var word = line[at..wordEnd];
            if (word.Length > 0 && word[0] == '[' && !hasProcess)
            {
                hasProcess = AddProcess(line, at + 1, wordEnd, fields);
            }
            else if (word.Contains((byte)'='))
            {
                ReadNamed(line, at, end, fields);
                return;
            }
            else if (word.IndexOf((byte)'@') is > 0 and int sign)
            {
                AddKnown(line, "User", at, at + sign, FieldKind.Text, fields);
                AddKnown(line, "Database", at + sign + 1, wordEnd, FieldKind.Text, fields);
            }
            else if (word.IndexOf((byte)'(') is > 0 and int parenthesis && word[^1] == ')')
            {
                AddKnown(line, "ClientIp", at, at + parenthesis, FieldKind.Address, fields);
                AddKnown(line, "ClientPort", at + parenthesis + 1, wordEnd - 1, FieldKind.Number, fields);
            }

            at = wordEnd + 1;
        }
    }

    private static bool AddProcess(ReadOnlySpan<byte> line, int start, int end, FieldList fields)
    {
        int digits = line[start..end].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        if (digits <= 0) return false;
        fields.Add("ProcessId", start, digits, FieldKind.Number);
        return true;
    }

    /// <summary>Pairs with commas between them: a program's name may have spaces in it.</summary>
    private static void ReadNamed(ReadOnlySpan<byte> line, int at, int end, FieldList fields)
    {
        while (at < end)
        {
            while (at < end && line[at] is (byte)' ' or (byte)',') at++;
            int comma = line[at..end].IndexOf((byte)',');
            int pairEnd = comma < 0 ? end : at + comma;
            int equals = line[at..pairEnd].IndexOf((byte)'=');
            if (equals > 0)
            {
                int valueEnd = pairEnd;
                while (valueEnd > at + equals + 1 && line[valueEnd - 1] is (byte)' ' or (byte)':') valueEnd--;
                var (name, kind) = Known(line.Slice(at, equals));
                if (name is not null) AddKnown(line, name, at + equals + 1, valueEnd, kind, fields);
            }

            at = pairEnd + 1;
        }
    }

    private static (string? Name, FieldKind Kind) Known(ReadOnlySpan<byte> name)
    {
        if (name.SequenceEqual("user"u8)) return ("User", FieldKind.Text);
        if (name.SequenceEqual("db"u8) || name.SequenceEqual("database"u8)) return ("Database", FieldKind.Text);
        if (name.SequenceEqual("app"u8) || name.SequenceEqual("application"u8)) return ("Application", FieldKind.Text);
        if (name.SequenceEqual("client"u8) || name.SequenceEqual("host"u8) || name.SequenceEqual("remote"u8)) return ("ClientIp", FieldKind.Address);
        return name.SequenceEqual("pid"u8) ? ("ProcessId", FieldKind.Number) : (null, FieldKind.Text);
    }

    /// <summary>PostgreSQL writes <c>[unknown]</c> where it does not know.</summary>
    private static void AddKnown(ReadOnlySpan<byte> line, string name, int start, int end, FieldKind kind, FieldList fields)
    {
        if (end > start && !line[start..end].SequenceEqual("[unknown]"u8)) fields.AddUnlessNothing(line, name, start, end, kind);
    }
}
