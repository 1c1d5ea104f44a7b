namespace ProdOps.Servers.FileSystem;

/// <summary>
/// A few strings that come again and again (users, groups, attribute names), each kept once. The table has a fixed size
/// and a newer string takes an older one's place, so hostile input cannot fill it; threads may race, at the cost of a second copy.
/// </summary>
internal static class KnownStrings
{
    private const int MaxLength = 64;

    private static readonly Entry?[] Entries = new Entry?[256];

    public static string Get(ReadOnlySpan<byte> text)
    {
        if (text.Length is 0 or > MaxLength) return FileNames.Decode(text);
        uint hash = 2166136261;
        foreach (byte b in text) hash = (hash ^ b) * 16777619;
        ref var slot = ref Entries[(hash ^ (hash >> 16)) & 255];
        var entry = Volatile.Read(ref slot);
        if (entry is null || !text.SequenceEqual(entry.Text))
        {
            entry = new Entry(text.ToArray(), FileNames.Decode(text));
            Volatile.Write(ref slot, entry);
        }
        return entry.Value;
    }

    private sealed record Entry(byte[] Text, string Value);
}
