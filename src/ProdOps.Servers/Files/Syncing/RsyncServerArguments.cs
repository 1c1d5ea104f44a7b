using System.Globalization;

namespace ProdOps.Servers.Files.Syncing;

/// <summary>
/// Decides whether what the source's rsync wants to be run on the target is what this machine told it to ask for. A server that was
/// broken into could ask for anything: <c>--sender</c> to read the target's files, <c>--daemon</c>, another path. So nothing passes but the
/// very options that were given, in whatever order, and the letters by which the two rsyncs tell each other what they know
/// (<c>e.iLsfxCIvu</c>, rsync's options.c, maybe_add_e_option).
/// </summary>
internal static class RsyncServerArguments
{
    private const int MaximumCapabilities = 40;

    /// <summary>The words of the target's command line behind <c>rsync</c>, without the last two, <c>.</c> and the path.</summary>
    /// <param name="words">What the source's rsync gave its remote shell.</param>
    /// <param name="run">What it was told.</param>
    /// <returns><see langword="null"/> for anything else than what it was told.</returns>
    public static IReadOnlyList<string>? Accept(IReadOnlyList<string> words, SyncRun run)
    {
        if (words is not [RsyncScripts.Host, "rsync", "--server", .., ".", RsyncScripts.Path]) return null;
        var expected = LongOptions(run);
        string? letters = null;
        var others = new List<string>();
        foreach (string word in words.Take(3..^2))
        {
            if (word.StartsWith("--", StringComparison.Ordinal))
            {
                if (!expected.ContainsKey(word) || others.Contains(word)) return null;
                others.Add(word);
            }
            else
            {
                if (letters is not null || !AreExpected(word, run)) return null;
                letters = word;
            }
        }

        return letters is null || expected.Any(option => option.Value && !others.Contains(option.Key)) ? null : ["--server", letters, .. others];
    }

    /// <summary>The long options that may come, and whether they must.</summary>
    private static Dictionary<string, bool> LongOptions(SyncRun run)
    {
        var options = new Dictionary<string, bool>
        {
            [RsyncScripts.Timeout(run.Options)] = true,
            [run.NameAll ? "--log-format=%i%I" : "--log-format=%i"] = true,
            ["--stats"] = false,
        };
        if (run.Options.Delete) options["--delete-delay"] = true;
        if (run.BandwidthKibibytes > 0) options[string.Create(CultureInfo.InvariantCulture, $"--bwlimit={run.BandwidthKibibytes}")] = false;
        return options;
    }

    private static bool AreExpected(string word, SyncRun run)
    {
        if (word.Length < 2 || word[0] != '-') return false;
        int end = word.IndexOf('e');
        string letters = end < 0 ? word[1..] : word[1..end];
        return letters.Order().SequenceEqual(run.Letters.Order()) && (end < 0 || AreCapabilities(word.AsSpan(end + 1)));
    }

    /// <summary>A version of the protocol that is not finished yet, which has numbers around the dot, and letters.</summary>
    private static bool AreCapabilities(ReadOnlySpan<char> text)
    {
        int dot = text.IndexOf('.');
        if (dot is < 0 or > 3 || text.Length > MaximumCapabilities || text[..dot].ContainsAnyExceptInRange('0', '9')) return false;
        foreach (char c in text[(dot + 1)..].TrimStart("0123456789"))
            if (!char.IsAsciiLetter(c)) return false;
        return true;
    }
}
