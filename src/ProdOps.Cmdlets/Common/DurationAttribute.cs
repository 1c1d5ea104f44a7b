using System.ComponentModel;
using System.Management.Automation;
using ProdOps.Servers.Inventory.Schema;

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
        return text is not null && Quantity.ParseDuration(text) is { } duration ? duration : inputData;
    }
}
