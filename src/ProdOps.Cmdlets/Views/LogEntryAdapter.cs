using System.Collections.ObjectModel;
using System.ComponentModel;
using System.Management.Automation;

namespace ProdOps.Cmdlets;

/// <summary>
/// Makes the fields of a <see cref="LogEntry"/> its properties in PowerShell: <c>$entry.Status</c>. PowerShell calls it; what an entry has itself comes before its fields.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class LogEntryAdapter : PSPropertyAdapter
{
    private static readonly Dictionary<string, (string Type, Func<LogEntry, object?> Get)> Own = new(StringComparer.OrdinalIgnoreCase)
    {
        [nameof(LogEntry.Time)] = (typeof(DateTimeOffset).FullName!, static entry => entry.Time),
        [nameof(LogEntry.Server)] = (typeof(string).FullName!, static entry => entry.Server),
        [nameof(LogEntry.Source)] = (typeof(string).FullName!, static entry => entry.Source),
        [nameof(LogEntry.Level)] = (typeof(LogLevel?).FullName!, static entry => entry.Level),
        [nameof(LogEntry.Message)] = (typeof(string).FullName!, static entry => entry.Message),
        [nameof(LogEntry.Raw)] = (typeof(string).FullName!, static entry => entry.Raw),
        [nameof(LogEntry.Fields)] = (typeof(IReadOnlyDictionary<string, object>).FullName!, static entry => entry.Fields),
        [nameof(LogEntry.ReceivedTime)] = (typeof(DateTimeOffset?).FullName!, static entry => entry.ReceivedTime),
        [nameof(LogEntry.Position)] = (typeof(LogPosition).FullName!, static entry => entry.Position),
        [nameof(LogEntry.IsContext)] = (typeof(bool).FullName!, static entry => entry.IsContext),
        [nameof(LogEntry.Line)] = (typeof(ReadOnlyMemory<byte>).FullName!, static entry => entry.Line),
    };

    /// <inheritdoc/>
    public override Collection<PSAdaptedProperty> GetProperties(object baseObject)
    {
        var entry = (LogEntry)baseObject;
        var properties = new Collection<PSAdaptedProperty>();
        foreach (var (name, own) in Own)
        {
            // Bytes are for those who ask for them: lists, CSV and comparisons of all properties are better off with Raw.
            if (name != nameof(LogEntry.Line)) properties.Add(new PSAdaptedProperty(name, own.Get));
        }

        foreach (var (name, value) in entry.Fields)
        {
            if (!Own.ContainsKey(name)) properties.Add(new PSAdaptedProperty(name, value));
        }

        return properties;
    }

    /// <inheritdoc/>
    public override PSAdaptedProperty? GetProperty(object baseObject, string propertyName)
    {
        if (Own.TryGetValue(propertyName, out var own)) return new PSAdaptedProperty(propertyName, own.Get);
        return ((LogEntry)baseObject).Fields.TryGetValue(propertyName, out object? value) ? new PSAdaptedProperty(propertyName, value) : null;
    }

    /// <inheritdoc/>
    public override string GetPropertyTypeName(PSAdaptedProperty adaptedProperty) =>
        Own.TryGetValue(adaptedProperty.Name, out var own) ? own.Type : (adaptedProperty.Tag?.GetType() ?? typeof(object)).FullName!;

    /// <inheritdoc/>
    public override object? GetPropertyValue(PSAdaptedProperty adaptedProperty) =>
        adaptedProperty.Tag is Func<LogEntry, object?> get ? get((LogEntry)adaptedProperty.BaseObject) : adaptedProperty.Tag;

    /// <inheritdoc/>
    public override bool IsGettable(PSAdaptedProperty adaptedProperty) => true;

    /// <inheritdoc/>
    public override bool IsSettable(PSAdaptedProperty adaptedProperty) => false;

    /// <inheritdoc/>
    public override void SetPropertyValue(PSAdaptedProperty adaptedProperty, object? value) => throw new SetValueException($"'{adaptedProperty.Name}' cannot be set: a log entry is what was written.");
}
