using System.ComponentModel;
using System.Globalization;
using System.Management.Automation;
using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Cmdlets.Common;

/// <summary>
/// Lets a TimeSpan parameter take what people write: <c>90s</c>, <c>15m</c>, <c>1h30m</c>, <c>7d</c>; and as ever <c>00:15:00</c> and time spans. What is too long to be reckoned with or waited for is refused.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
[AttributeUsage(AttributeTargets.Property)]
public sealed class DurationAttribute : ArgumentTransformationAttribute
{
    /// <summary>The most days that .NET's timers wait for.</summary>
    internal const double Waitable = 49;

    /// <summary>The longest that is taken, in days.</summary>
    public double MostDays { get; set; } = 36_500;

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        // PowerShell reads 10s and 1d as numbers with a type's letter; the object remembers how it was written.
        string? text = value is string or short or decimal ? inputData.ToString() : null;
        TimeSpan? duration = value as TimeSpan? ?? (text is null ? null : Quantity.ParseDuration(text)) ?? (value is string && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var clock) ? clock : null);
        if (duration?.TotalDays > MostDays) throw new ArgumentTransformationMetadataException(string.Create(CultureInfo.InvariantCulture, $"{Quantity.FormatDuration(duration.Value)} is too long: {MostDays}d at most."));
        return duration is { } known ? known : inputData;
    }
}
