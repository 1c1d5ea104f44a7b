namespace ProdOps;

/// <summary>Something that one server has otherwise than another, or than itself at another time.</summary>
public sealed record ServerConfigurationDifference
{
    /// <summary>What it is compared with: server and moment.</summary>
    public required string Reference { get; init; }

    /// <summary>What is compared: server and moment.</summary>
    public required string Server { get; init; }

    /// <summary>What sort of thing differs.</summary>
    public ServerConfigurationKind Kind { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>What became of it.</summary>
    public ServerConfigurationChange Change { get; init; }

    /// <summary>Whether two servers differ in this by their nature: addresses, host keys, what is of the moment.</summary>
    public bool IsExpected { get; init; }

    /// <summary>The names of what differs, e.g. <c>Version</c>; empty for what only one of them has.</summary>
    public IReadOnlyList<string> Properties { get; init => field = Indexable.Of(value); } = [];

    /// <summary>What the reference has; <see langword="null"/> if it has no such thing.</summary>
    public ServerConfigurationItem? ReferenceItem { get; init; }

    /// <summary>What the other has; <see langword="null"/> if it has no such thing.</summary>
    public ServerConfigurationItem? Item { get; init; }

    /// <summary>What differs.</summary>
    /// <returns>E.g. <c>Changed Package nginx</c>.</returns>
    public override string ToString() => $"{Change} {Kind} {Name}";
}

/// <summary>How something differs from the reference.</summary>
public enum ServerConfigurationChange
{
    /// <summary>The reference does not have it.</summary>
    Added,

    /// <summary>Only the reference has it.</summary>
    Removed,

    /// <summary>Both have it, and not alike.</summary>
    Changed,
}
