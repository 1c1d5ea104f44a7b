namespace ProdOps.Servers.Ssh.Config;

/// <summary>A list of algorithms as ssh_config gives it: as it stands, or as a change (<c>+</c> append, <c>-</c> take out, <c>^</c> put first) of the defaults.</summary>
internal sealed record AlgorithmSpec(string Text, SshConfigOrigin Origin)
{
    /// <summary>The algorithms to use, in order (kex-names.c, kex_assemble_names). Patterns stand for all that match.</summary>
    /// <param name="defaults">What is used where nothing is said.</param>
    /// <param name="all">All that there is; names beyond it are dropped.</param>
    public IReadOnlyList<string> Apply(IReadOnlyList<string> defaults, IReadOnlyList<string> all)
    {
        string names = Text[1..];
        return Text[0] switch
        {
            '-' => [.. defaults.Where(name => !SshPattern.MatchesList(name, names))],
            '+' => [.. defaults.Concat(Expand(names, all)).Distinct()],
            '^' => [.. Expand(names, all).Concat(defaults).Distinct()],
            _ => [.. Expand(Text, all).Distinct()],
        };
    }

    /// <summary>As <see cref="Apply(IReadOnlyList{string}, IReadOnlyList{string})"/>, where all that there is are the defaults.</summary>
    public IReadOnlyList<string> Apply(IReadOnlyList<string> defaults) => Apply(defaults, defaults);

    private static IEnumerable<string> Expand(string patterns, IReadOnlyList<string> all) =>
        patterns.Split(',').SelectMany(pattern => all.Where(name => SshPattern.Matches(name, pattern)));
}
