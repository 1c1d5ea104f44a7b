namespace ProdOps.Recovery.Capture.Reading;

/// <summary>The items as they are read: the first of a kind and a name counts, and what has no usable name is no item.</summary>
internal sealed class ItemList
{
    private readonly Dictionary<(ServerConfigurationKind, string), int> _places = [];
    private readonly List<ServerConfigurationItem> _items = [];

    public IReadOnlyList<ServerConfigurationItem> Items => _items;

    public List<ServerConfigurationGap> NotRead { get; } = [];

    public void Gap(string what, string reason)
    {
        if (NotRead.Count < 1000) NotRead.Add(new ServerConfigurationGap(what, reason));
    }

    /// <summary>Adds an item. Properties without a value are left out.</summary>
    public void Add(ServerConfigurationKind kind, string name, ServerConfigurationClass @class, string reason, long? size = null, params ReadOnlySpan<(string Name, string? Value)> properties)
    {
        if (name.Length == 0 || !_places.TryAdd((kind, name), _items.Count)) return;
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (property, value) in properties)
            if (!string.IsNullOrEmpty(value)) values[property] = value;
        _items.Add(new ServerConfigurationItem { Kind = kind, Name = name, Class = @class, Reason = reason, Size = size, Properties = values });
    }

    public ServerConfigurationItem? Find(ServerConfigurationKind kind, string name) => _places.TryGetValue((kind, name), out int place) ? _items[place] : null;

    /// <summary>Puts something else in an item's place.</summary>
    public void Change(ServerConfigurationItem item, Func<ServerConfigurationItem, ServerConfigurationItem> change) => _items[_places[(item.Kind, item.Name)]] = change(item);

    /// <summary>Takes an item with one more property.</summary>
    public void Set(ServerConfigurationItem item, string property, string value) =>
        Change(item, old => old with { Properties = new Dictionary<string, string>(old.Properties, StringComparer.Ordinal) { [property] = value } });
}
