using System.Text;

namespace ProdOps.Logging.Formats;

/// <summary>The names of fields that stand in lines, as strings that are made once: a log has few names and many lines.</summary>
internal static class FieldNames
{
    private const int Slots = 1024;
    private const int LongestKept = 128;

    [ThreadStatic]
    private static Entry[]? t_entries;

    /// <summary>The name as a string. Of a hostile log, with ever new names, none is kept for long.</summary>
    public static string Of(ReadOnlySpan<byte> name)
    {
        if (name.Length > LongestKept) return Encoding.UTF8.GetString(name);
        var entries = t_entries ??= new Entry[Slots];
        uint hash = (uint)name.Length;
        foreach (byte value in name) hash = (hash ^ value) * 16777619;
        hash ^= hash >> 15;
        ref var first = ref entries[hash % Slots];
        if (first.Text is not null && name.SequenceEqual(first.Bytes)) return first.Text;
        ref var second = ref entries[(hash + 1) % Slots];
        if (second.Text is not null && name.SequenceEqual(second.Bytes)) return second.Text;

        if (first.Text is not null) second = first;
        first = new Entry(name.ToArray(), Encoding.UTF8.GetString(name));
        return first.Text!;
    }

    private readonly record struct Entry(byte[] Bytes, string? Text);
}
