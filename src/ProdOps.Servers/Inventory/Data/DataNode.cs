namespace ProdOps.Servers.Inventory.Data;

/// <summary>A place in a file. Lines and columns count from 1; a column is a UTF-16 code unit, as editors and PowerShell count.</summary>
internal readonly record struct SourcePosition(string File, int Line, int Column)
{
    public override string ToString() => $"{File}:{Line}:{Column}";
}

/// <summary>A value of a data file and where it stands.</summary>
internal abstract class DataNode(SourcePosition position)
{
    public SourcePosition Position => position;

    /// <summary>What it is, for messages: <c>a text</c>, <c>a list</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>The value without its positions: dictionaries, arrays and scalars.</summary>
    public abstract object? ToPlain();
}

/// <summary>A text, a number, a truth value or nothing.</summary>
internal sealed class DataScalar(SourcePosition position, object? value) : DataNode(position)
{
    public object? Value => value;

    public override string Kind => value switch
    {
        null => "nothing ($null)",
        string => "a text",
        bool => "true or false",
        _ => "a number",
    };

    public override object? ToPlain() => value;
}

/// <summary>Values in order.</summary>
internal sealed class DataList(SourcePosition position, IReadOnlyList<DataNode> items) : DataNode(position)
{
    public IReadOnlyList<DataNode> Items => items;

    public override string Kind => "a list";

    public override object ToPlain() => items.Select(item => item.ToPlain()).ToArray();
}

/// <summary>Keys and values in the order of the file. No key stands in it twice.</summary>
internal sealed class DataTable(SourcePosition position, IReadOnlyList<DataEntry> entries) : DataNode(position)
{
    public IReadOnlyList<DataEntry> Entries => entries;

    public override string Kind => "a table @{…}";

    public DataNode? this[string name] => entries.FirstOrDefault(entry => string.Equals(entry.Name, name, StringComparison.OrdinalIgnoreCase))?.Value;

    public override object ToPlain()
    {
        var plain = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in entries) plain[entry.Name] = entry.Value.ToPlain();
        return plain;
    }
}

/// <summary>A key with its value.</summary>
/// <param name="Position">Where the key stands.</param>
/// <param name="Key">The key: a text, or a number.</param>
/// <param name="Value">The value.</param>
internal sealed record DataEntry(SourcePosition Position, object Key, DataNode Value)
{
    public string Name { get; } = Convert.ToString(Key, System.Globalization.CultureInfo.InvariantCulture) ?? "";
}
