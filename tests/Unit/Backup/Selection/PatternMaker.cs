namespace ProdOps.Backup.Tests.Selection;

/// <summary>Names and patterns drawn from so small a world that they often meet.</summary>
internal static class PatternMaker
{
    private static readonly string[] Names = ["a", "b", "ab", "aB", "a.txt", "b.TXT", "é", "É.txt", "a*b", "[a]", "x-y", "a b", ".hid", "b]", "ba"];
    private static readonly string[] Globs =
        ["*", "?", "a*", "*b", "*.txt", "*.TXT", "[ab]", "[^a]", "[a-c]*", "?b", "*a*b*", "\\[a\\]", "a\\*b", "[é-ü]", "É*", "*[.]*", "??", "[^.]*", "[\\*a]*", "x[\\-]y", "x[*\\-]y"];

    public static string Name(Random random) => Names[random.Next(Names.Length)];

    public static string Path(Random random) => "/" + string.Join('/', Enumerable.Range(0, random.Next(1, 6)).Select(_ => Name(random)));

    /// <param name="random">Where chance comes from.</param>
    /// <param name="root">Before an absolute pattern.</param>
    public static string Pattern(Random random, string root = "")
    {
        var parts = Enumerable.Range(0, random.Next(1, 4)).Select(_ => random.Next(10) switch
        {
            < 4 => Name(random),
            < 8 => Globs[random.Next(Globs.Length)],
            8 => "**",
            _ => random.Next(3) == 0 ? "." : "a",
        });
        string pattern = string.Join('/', parts) + (random.Next(8) == 0 ? "/" : "");
        return random.Next(3) == 0 ? root + "/" + pattern : pattern;
    }
}
