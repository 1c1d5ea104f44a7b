namespace ProdOps.Monitoring.History;

/// <summary>The value in the middle.</summary>
internal static class Median
{
    /// <summary>
    /// Puts the values into another order, and gives the one that sorted would be in the middle; of an even number the upper. They are parted again and again and never sorted (Hoare's "Find"),
    /// by the median of the first, the middle and the last, so that values that are in order already are no bad case. There is at least one, and all are numbers.
    /// </summary>
    public static T Of<T>(Span<T> values)
        where T : IComparable<T>
    {
        int low = 0, high = values.Length - 1, middle = values.Length / 2;
        while (low < high)
        {
            var pivot = MiddleOf(values[low], values[low + ((high - low) / 2)], values[high]);
            int left = low, right = high;
            while (left <= right)
            {
                while (values[left].CompareTo(pivot) < 0) left++;
                while (pivot.CompareTo(values[right]) < 0) right--;
                if (left > right) break;
                (values[left], values[right]) = (values[right], values[left]);
                left++;
                right--;
            }

            if (middle <= right) high = right;
            else if (middle >= left) low = left;
            else break;
        }

        return values[middle];
    }

    private static T MiddleOf<T>(T a, T b, T c)
        where T : IComparable<T>
    {
        if (a.CompareTo(b) > 0) (a, b) = (b, a);
        if (b.CompareTo(c) > 0) b = c;
        return a.CompareTo(b) > 0 ? a : b;
    }
}
