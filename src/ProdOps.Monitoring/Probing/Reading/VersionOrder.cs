namespace ProdOps.Monitoring.Probing.Reading;

/// <summary>Orders versions as people do: numbers in them by their value, <c>6.1.0-9</c> before <c>6.1.0-18</c>.</summary>
internal static class VersionOrder
{
    public static int Compare(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        while (left.Length > 0 && right.Length > 0)
        {
            if (char.IsAsciiDigit(left[0]) && char.IsAsciiDigit(right[0]))
            {
                var first = Digits(ref left).TrimStart('0');
                var second = Digits(ref right).TrimStart('0');
                int order = first.Length != second.Length ? first.Length - second.Length : first.SequenceCompareTo(second);
                if (order != 0) return order;
            }
            else
            {
                if (left[0] != right[0]) return left[0] - right[0];
                left = left[1..];
                right = right[1..];
            }
        }

        return left.Length - right.Length;
    }

    private static ReadOnlySpan<char> Digits(ref ReadOnlySpan<char> text)
    {
        int length = 0;
        while (length < text.Length && char.IsAsciiDigit(text[length])) length++;
        var digits = text[..length];
        text = text[length..];
        return digits;
    }
}
