using System.Runtime.CompilerServices;

namespace ProdOps.Logging.Matching;

/// <summary>Where lines begin and end.</summary>
internal static class Lines
{
    public const byte Feed = (byte)'\n';

    /// <summary>The line that a place is in; no line begins before <paramref name="start"/>.</summary>
    public static (int Start, int Length) Around(ReadOnlySpan<byte> lines, int start, int place)
    {
        int lineStart = start + lines[start..place].LastIndexOf(Feed) + 1;
        return (lineStart, LengthAt(lines, place) + place - lineStart);
    }

    /// <summary>How long it is from a place to its line's end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int LengthAt(ReadOnlySpan<byte> lines, int place)
    {
        int length = lines[place..].IndexOf(Feed);
        return length < 0 ? lines.Length - place : length;
    }
}
