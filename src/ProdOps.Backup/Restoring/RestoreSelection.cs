using ProdOps.Backup.Selection;

namespace ProdOps.Backup.Restoring;

/// <summary>Which items the patterns of a request take, as restic's restore does; where both kinds are given, what is included and not excluded.</summary>
internal sealed class RestoreSelection(RestoreRequest request)
{
    private readonly PatternSet _include = PatternSet.Parse(request.Include);
    private readonly PatternSet _includeIgnoreCase = PatternSet.Parse(request.IncludeIgnoreCase, ignoreCase: true);
    private readonly PatternSet _exclude = PatternSet.Parse(request.Exclude);
    private readonly PatternSet _excludeIgnoreCase = PatternSet.Parse(request.ExcludeIgnoreCase, ignoreCase: true);

    public bool TakesEverything => TakesAll && _exclude.IsEmpty && _excludeIgnoreCase.IsEmpty;

    private bool TakesAll => _include.IsEmpty && _includeIgnoreCase.IsEmpty;

    /// <summary>Whether an item is restored, and whether a folder is looked into for items that are.</summary>
    public (bool Selected, bool Entered) Decide(ReadOnlySpan<byte> path, bool isFolder)
    {
        // An excluded folder may hold what no pattern excludes; like restic's, the walk does not go there.
        if (_exclude.Matches(path) || _excludeIgnoreCase.Matches(path)) return (false, false);
        if (TakesAll) return (true, isFolder);
        var (matches, below) = _include.MatchWithChildren(path);
        var (matchesToo, belowToo) = _includeIgnoreCase.MatchWithChildren(path);
        return (matches || matchesToo, isFolder && (below || belowToo));
    }
}
