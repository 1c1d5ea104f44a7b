using ProdOps.Servers.Inventory.Data;

namespace ProdOps.Servers.Inventory.Schema;

/// <summary>A key of a table: what it is called, what it takes, and what it means. The documentation is written from it.</summary>
internal abstract class Key(string name, string description)
{
    public string Name => name;

    /// <summary>What the key means, in one or two sentences.</summary>
    public string Description => description;

    /// <summary>What holds when the key is not there, in words.</summary>
    public string Default { get; init; } = "";

    public bool IsRequired { get; init; }

    /// <summary>What it takes, in words.</summary>
    public abstract string Type { get; }

    /// <summary>The keys of the tables that it takes, if they have keys of their own.</summary>
    public abstract TableSchema? Schema { get; }

    /// <summary>Reads the value; what is wrong with it is reported, and <see langword="null"/> returned.</summary>
    public abstract object? Read(DataNode node, ReadContext context);
}

/// <summary>A key whose values have a type.</summary>
internal sealed class Key<T>(string name, ValueKind<T> kind, string description) : Key(name, description)
{
    public override string Type => kind.Name;

    public override TableSchema? Schema => kind.Schema;

    public override object? Read(DataNode node, ReadContext context) => kind.Read(node, context);
}

/// <summary>What a key can take: its name in words, and how it is read. A value that does not fit is reported and read as the default.</summary>
internal sealed record ValueKind<T>(string Name, Func<DataNode, ReadContext, T?> Read)
{
    public TableSchema? Schema { get; init; }
}

/// <summary>The keys of a sort of table.</summary>
/// <param name="Name">What the table is called in the documentation: <c>Ssh</c>, <c>Servers</c>.</param>
/// <param name="Keys">Its keys, in the order of the documentation.</param>
internal sealed record TableSchema(string Name, IReadOnlyList<Key> Keys)
{
    public Key? Find(string name) => Keys.FirstOrDefault(key => string.Equals(key.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Reads a table by its keys. What is unknown, missing or of the wrong type is reported.</summary>
    public TableValues Read(DataTable table, ReadContext context)
    {
        var values = new Dictionary<Key, object>();
        foreach (var entry in table.Entries)
        {
            if (Find(entry.Name) is not { } key)
            {
                context.Report(EnvironmentProblems.UnknownKey(entry.Position, entry.Name, Name, Nearest.Find(entry.Name, Keys.Select(known => known.Name)), Keys), entry.Name);
                continue;
            }

            // $null means what a missing key means.
            if (entry.Value is DataScalar { Value: null }) continue;
            if (key.Read(entry.Value, context.Below(key.Name)) is { } value) values[key] = value;
        }

        foreach (var key in Keys.Where(key => key.IsRequired && table[key.Name] is null or DataScalar { Value: null }))
            context.Report(EnvironmentProblems.MissingKey(table.Position, key.Name, Name), key.Name);
        return new TableValues(table, values);
    }
}

/// <summary>What a table says, by key.</summary>
internal sealed class TableValues(DataTable table, Dictionary<Key, object> values)
{
    public DataTable Table => table;

    public SourcePosition Position => table.Position;

    /// <summary>A key's value, or the type's default if the table does not have it.</summary>
    public T? Get<T>(Key<T> key) => values.TryGetValue(key, out object? value) ? (T)value : default;

    public SourcePosition PositionOf(Key key) => table.Entries.FirstOrDefault(entry => string.Equals(entry.Name, key.Name, StringComparison.OrdinalIgnoreCase))?.Position ?? Position;
}

/// <summary>A value and where it stands.</summary>
internal sealed record Located<T>(T Value, SourcePosition Position);

/// <summary>Where reading is: the keys that lead here, and who is told what is wrong.</summary>
internal sealed record ReadContext(List<EnvironmentProblem> Problems, string Path = "")
{
    public ReadContext Below(string key) => this with { Path = Path.Length == 0 ? key : $"{Path}.{key}" };

    public ReadContext Item(int index) => this with { Path = $"{Path}[{index}]" };

    public void Report(EnvironmentProblem problem, string? key = null) => Problems.Add(problem with { Key = key is null ? Path : Below(key).Path });
}
