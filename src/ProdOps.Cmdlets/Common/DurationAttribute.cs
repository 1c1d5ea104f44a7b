using System.ComponentModel;
using System.Globalization;
using System.Management.Automation;

namespace ProdOps.Cmdlets.Common;

/// <summary>Lets a TimeSpan parameter take what people write: <c>90s</c>, <c>15m</c>, <c>1h30m</c>, <c>7d</c>; and as ever <c>00:15:00</c> and time spans.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
[AttributeUsage(AttributeTargets.Property)]
public sealed class DurationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        // PowerShell reads 10s and 1d as numbers with a type's letter; the object remembers how it was written.
        string? text = value is string or short or decimal ? inputData.ToString() : null;
        return text is not null && Parse(text) is { } duration ? duration : inputData;
    }

    /// <summary>Numbers with d, h, m, s, each unit once and from long to short; <see langword="null"/> for anything else.</summary>
    internal static TimeSpan? Parse(string text)
    {
        double seconds = 0;
        int at = 0, last = -1;
        text = text.Trim();
        while (at < text.Length)
        {
            int end = at;
            while (end < text.Length && (char.IsAsciiDigit(text[end]) || text[end] == '.')) end++;
            if (!double.TryParse(text.AsSpan(at, end - at), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number)) return null;
            int unitEnd = end;
            while (unitEnd < text.Length && char.IsAsciiLetter(text[unitEnd])) unitEnd++;
            int unit = Array.FindIndex(Units, known => known.Names.Contains(text[end..unitEnd], StringComparer.OrdinalIgnoreCase));
            if (unit <= last) return null;
            seconds += number * Units[unit].Seconds;
            last = unit;
            at = unitEnd;
            while (at < text.Length && text[at] == ' ') at++;
        }

        return last >= 0 && seconds < TimeSpan.MaxValue.TotalSeconds / 2 ? TimeSpan.FromSeconds(seconds) : null;
    }

    private static readonly (string[] Names, double Seconds)[] Units = [(["w"], 604800), (["d"], 86400), (["h"], 3600), (["m", "min"], 60), (["s"], 1)];
}
