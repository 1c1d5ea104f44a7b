using ProdOps.Servers;

namespace ProdOps.LoadBalancing;

/// <summary>The catalogue of what can go wrong with load balancing: one factory an error, a file a subject. Messages never hold a secret.</summary>
internal static partial class LoadBalancingErrors
{
    // What a program says of a whole configuration; a name, or an answer to one command, is short.
    private const int MostSaid = 1000, MostShown = 300;

    /// <summary>What comes from outside, a name or what a program said: on one line, without what could move a terminal's cursor, and not too long.</summary>
    private static string Shown(string text, int most = MostShown)
    {
        string line = ServersErrors.Printable(text.Trim());
        return line.Length > most ? $"{line[..most]}…" : line;
    }

    /// <summary>The same as a sentence.</summary>
    private static string Said(string text) => Shown(text) is var line && (line.EndsWith('.') || line.EndsWith('!')) ? line : $"{Shown(text)}.";
}
