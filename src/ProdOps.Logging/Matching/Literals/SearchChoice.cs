namespace ProdOps.Logging.Matching.Literals;

/// <summary>
/// Which literals are searched for where a line must hold one of each of several groups. The estimate of how frequent they are decides at
/// first, and what is met in the lines then.
/// </summary>
internal sealed class SearchChoice
{
    /// <summary>After so many bytes it is judged whether a search pays.</summary>
    private const int Trial = 256 << 10;

    /// <summary>Alone on a line the automaton runs at a quarter of its speed on all lines: with more lines read in vain it reads all.</summary>
    private const double BearableShare = 0.2;

    /// <summary>With fewer lines read in vain no other literals are tried.</summary>
    private const double GoodShare = 0.02;

    /// <summary>So many groups are looked for in a line before it is read; a look costs a fraction of reading.</summary>
    private const int MostLooks = 3, LookShare = 6;

    private readonly IReadOnlyList<Lazy<LiteralSearch>> _searches;
    private int _tried;
    private int _best;
    private double _bestShare = double.MaxValue;
    private bool _isChosen;
    private long _bytes;
    private long _vainBytes;

    private SearchChoice(IReadOnlyList<Lazy<LiteralSearch>> searches)
    {
        _searches = searches;
        Current = searches.Count > 0 ? searches[0].Value : null;
    }

    /// <summary>What to search for; null if it does not pay to search for anything.</summary>
    public LiteralSearch? Current { get; private set; }

    /// <summary>The searches for those groups that are estimated to cost no more than so many nanoseconds a byte, the cheapest first.</summary>
    public static SearchChoice For(IReadOnlyList<IReadOnlyList<Literal>> groups, double maximumCost) => new([.. groups
        .Where(LiteralSearch.IsPossibleFor)
        .Select(group => (Cost: LiteralCost.Of(group), Search: new Lazy<LiteralSearch>(() => LiteralSearch.For(group)!)))
        .Where(group => group.Cost <= maximumCost)
        .OrderBy(group => group.Cost).Select(group => group.Search)]);

    /// <summary>The same to begin anew.</summary>
    public SearchChoice Clone() => new(_searches);

    /// <summary>Whether a line that holds one literal of the group that is searched for may hold one of each other group.</summary>
    public bool HoldsOthers(ReadOnlySpan<byte> line)
    {
        for (int i = 0; i < _searches.Count && i <= MostLooks; i++)
        {
            if (_searches[i].Value is var search && search != Current && search.IndexOf(line) < 0) return false;
        }

        return true;
    }

    /// <summary>So many bytes hold none of the literals.</summary>
    public void Passed(int bytes) => _bytes += bytes;

    /// <summary>A line of so many bytes holds one, and does not match.</summary>
    public void ReadInVain(int bytes)
    {
        _bytes += bytes;
        _vainBytes += bytes;
        if (_bytes > Trial) Judge();
    }

    /// <summary>A line of so many bytes holds one, and none of another group.</summary>
    public void LookedInVain(int bytes)
    {
        _bytes += bytes;
        _vainBytes += bytes / LookShare;
        if (_bytes > Trial) Judge();
    }

    private void Judge()
    {
        double share = _vainBytes / (double)_bytes;
        (_bytes, _vainBytes) = (0, 0);
        if (_isChosen)
        {
            if (share > BearableShare) Current = null;
            return;
        }

        if (share < _bestShare) (_best, _bestShare) = (_tried, share);
        if (share > GoodShare && ++_tried < _searches.Count)
        {
            Current = _searches[_tried].Value;
            return;
        }

        _isChosen = true;
        Current = _bestShare > BearableShare ? null : _searches[_best].Value;
    }
}
