namespace ProdOps.Logging.Patterns;

/// <summary>
/// Puts masked messages that are much alike into one pattern: a tree of fixed depth, by the number of words and then by the first ones, whose leaves are lists of groups
/// (Drain: He, Zhu, Zheng and Lyu, "An Online Log Parsing Approach with Fixed Depth Tree", 2017). The same messages in the same order give the same patterns.
/// </summary>
internal sealed class PatternTree
{
    /// <summary>How many groups there are at most: what comes then and fits none is one group together.</summary>
    public const int MostGroups = 10_000;

    private const string Wildcard = "<*>";
    private const int WordsInTree = 2, MostChildren = 32, MostInLeaf = 200, MostRemembered = 50_000;

    // Half of the words must be the same.
    private const double Likeness = 0.5;

    private readonly Dictionary<string, Node> _byLength = [];
    private readonly Dictionary<string, PatternGroup> _remembered = new(StringComparer.Ordinal);
    private readonly List<PatternGroup> _groups = [];
    private PatternGroup? _others;

    /// <summary>The groups, in the order in which they came first.</summary>
    public IReadOnlyList<PatternGroup> Groups => _groups;

    /// <summary>The group that a masked message belongs to, which may change the group's pattern.</summary>
    public PatternGroup Add(string masked)
    {
        if (_remembered.TryGetValue(masked, out var known)) return known;
        string[] tokens = Tokens(masked);
        var leaf = LeafOf(tokens);
        var group = Best(leaf.Groups, tokens);
        if (group is not null) group.Generalize(tokens);
        else if (_groups.Count < MostGroups && leaf.Groups.Count < MostInLeaf) leaf.Groups.Add(group = Create(tokens));
        else return _others ??= Create([Wildcard]);
        if (_remembered.Count < MostRemembered) _remembered.Add(masked, group);
        return group;
    }

    /// <summary>The words of a masked message. A word ends with a space, and with the sign between a name and its value.</summary>
    internal static string[] Tokens(string masked)
    {
        var tokens = new List<string>();
        int start = 0;
        for (int i = 0; i < masked.Length; i++)
        {
            if (masked[i] == ' ')
            {
                if (i > start) tokens.Add(masked[start..i]);
                start = i + 1;
            }
            else if (masked[i] == '=' && i > start && i + 1 < masked.Length && masked[i + 1] is not (' ' or '=') && char.IsLetterOrDigit(masked[i - 1]))
            {
                tokens.Add(masked[start..(i + 1)]);
                start = i + 1;
            }
        }

        if (start < masked.Length) tokens.Add(masked[start..]);
        return [.. tokens];
    }

    private PatternGroup Create(string[] tokens)
    {
        var group = new PatternGroup(tokens);
        _groups.Add(group);
        return group;
    }

    private Node LeafOf(string[] tokens)
    {
        string length = tokens.Length.ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (!_byLength.TryGetValue(length, out var node)) _byLength.Add(length, node = new Node());
        for (int i = 0; i < Math.Min(WordsInTree, tokens.Length); i++)
        {
            // A word that varies leads nowhere, and neither does one of too many.
            string word = tokens[i].Contains(Wildcard, StringComparison.Ordinal) ? Wildcard : tokens[i];
            if (!node.Children.TryGetValue(word, out var child))
            {
                if (word != Wildcard && node.Children.Count >= MostChildren) word = Wildcard;
                if (!node.Children.TryGetValue(word, out child)) node.Children.Add(word, child = new Node());
            }

            node = child;
        }

        return node;
    }

    private static PatternGroup? Best(List<PatternGroup> groups, string[] tokens)
    {
        PatternGroup? best = null;
        (int Same, int Open) most = (0, 0);
        foreach (var group in groups)
        {
            var likeness = group.Compare(tokens);
            if (likeness.Same + likeness.Open < tokens.Length * Likeness || (best is not null && likeness.CompareTo(most) <= 0)) continue;
            best = group;
            most = likeness;
        }

        return best;
    }

    private sealed class Node
    {
        public Dictionary<string, Node> Children { get; } = new(StringComparer.Ordinal);

        public List<PatternGroup> Groups { get; } = [];
    }
}
