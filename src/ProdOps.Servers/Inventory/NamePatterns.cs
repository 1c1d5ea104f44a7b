namespace ProdOps.Servers.Inventory;

/// <summary>Names and wildcards of which any may fit; none at all fit everything. A thousand names cost no more than one.</summary>
internal sealed class NamePatterns
{
    private readonly HashSet<string> _names;
    private readonly string[] _wildcards;

    public NamePatterns(IReadOnlyCollection<string> patterns)
    {
        _names = patterns.Where(static pattern => !NamePattern.HasWildcards(pattern)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        _wildcards = [.. patterns.Where(NamePattern.HasWildcards)];
    }

    /// <summary>The names, if there are only names.</summary>
    public IReadOnlyCollection<string>? OnlyNames => _names.Count > 0 && _wildcards.Length == 0 ? _names : null;

    public bool Fit(string name)
    {
        if (_names.Count + _wildcards.Length == 0 || _names.Contains(name)) return true;
        foreach (string wildcard in _wildcards) if (NamePattern.IsMatch(wildcard, name)) return true;
        return false;
    }
}
