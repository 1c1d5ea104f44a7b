namespace ProdOps.Logging.Formats;

/// <summary>Lines that go on with what the line before began, as runtimes print stack traces.</summary>
internal static class StackTraces
{
    /// <summary>Whether the line has the looks of one that no entry begins with: indented, or a known part of a trace.</summary>
    public static bool IsContinuation(ReadOnlySpan<byte> line)
    {
        line = LineText.WithoutReturn(line);
        if (line.Length == 0) return true;
        switch (line[0])
        {
            case (byte)' ' or (byte)'\t':
                return true;
            case (byte)'C':
                return line.StartsWith("Caused by:"u8);
            case (byte)'a':
                return line.StartsWith("at "u8) || IsException(line);
            case (byte)'.':
                return line.StartsWith("... "u8);
            case (byte)'T':
                return line.StartsWith("Traceback (most recent call last)"u8) || line.StartsWith("The above exception was the direct cause"u8) || IsException(line);
            case (byte)'D':
                return line.StartsWith("During handling of the above exception"u8) || IsException(line);
            case (byte)'S':
                return line.StartsWith("Suppressed: "u8) || line.StartsWith("Stack trace:"u8) || IsException(line);
            case (byte)'-':
                return line.StartsWith("--- End of "u8);
            case (byte)'#':
                return line.Length > 2 && char.IsAsciiDigit((char)line[1]) && (line[2] == ' ' || char.IsAsciiDigit((char)line[2]));
            case (byte)'g':
                return (line.StartsWith("goroutine "u8) && line.EndsWith("]:"u8)) || IsException(line);
            default:
                return IsException(line);
        }
    }

    /// <summary>The name of an exception, with its namespace or without, and a colon: <c>java.io.IOException: broken pipe</c>.</summary>
    private static bool IsException(ReadOnlySpan<byte> line)
    {
        int colon = line.IndexOf((byte)':');
        var name = colon < 0 ? line : line[..colon];
        if (name.Length is < 5 or > 160 || (!name.EndsWith("Exception"u8) && !name.EndsWith("Error"u8)) || name.EndsWith(" Error"u8)) return false;
        if (name.Length == 5 || !char.IsAsciiLetter((char)name[0])) return false;
        foreach (byte letter in name)
        {
            if (!char.IsAsciiLetterOrDigit((char)letter) && letter is not ((byte)'.' or (byte)'_' or (byte)'$')) return false;
        }

        return true;
    }
}
