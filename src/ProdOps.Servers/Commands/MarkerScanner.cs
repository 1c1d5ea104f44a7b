namespace ProdOps.Servers.Commands;

/// <summary>
/// Finds the first of some markers, none of which begins as another does, in a stream that comes in pieces, however they are cut. It remembers no more than a marker's length,
/// and the beginning of what came before, for messages.
/// </summary>
internal sealed class MarkerScanner(params byte[][] markers)
{
    /// <summary>How much of what came before is kept.</summary>
    public const int MaximumNoise = 4096;

    private readonly int _longest = markers.Max(marker => marker.Length);
    private readonly List<byte> _noise = [];
    private byte[] _tail = [];

    /// <summary>The beginning of what came before the marker.</summary>
    public ReadOnlySpan<byte> Noise => _noise.ToArray();

    /// <summary>The last bytes seen, which may begin a marker.</summary>
    public ReadOnlySpan<byte> Tail => _tail;

    /// <summary>Looks for a marker in the next piece.</summary>
    /// <param name="piece">What arrived.</param>
    /// <param name="marker">Which one was found.</param>
    /// <param name="rest">What follows it in this piece.</param>
    /// <returns><see langword="false"/> if none has come yet.</returns>
    public bool TryFind(ReadOnlySpan<byte> piece, out int marker, out ReadOnlySpan<byte> rest)
    {
        byte[] window = [.. _tail, .. piece];
        int at = -1;
        marker = -1;
        for (int i = 0; i < markers.Length; i++)
        {
            int found = window.AsSpan().IndexOf(markers[i]);
            if (found >= 0 && (at < 0 || found < at)) (at, marker) = (found, i);
        }

        if (at >= 0)
        {
            Keep(window.AsSpan(0, at));
            rest = window.AsSpan(at + markers[marker].Length);
            _tail = [];
            return true;
        }

        int kept = Math.Min(window.Length, _longest - 1);
        Keep(window.AsSpan(0, window.Length - kept));
        _tail = window[^kept..];
        rest = default;
        return false;
    }

    /// <summary>Nothing more comes.</summary>
    public void End()
    {
        Keep(_tail);
        _tail = [];
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (_noise.Count < MaximumNoise) _noise.AddRange(bytes[..Math.Min(bytes.Length, MaximumNoise - _noise.Count)]);
    }
}
