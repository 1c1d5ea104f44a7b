using System.Text.Json;
using ProdOps.Backup.Selection;
using ProdOps.Backup.Tests.FileSystem;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Tests.Selection;

/// <summary>What a walk with our rules keeps is what restic says it would back up.</summary>
public sealed class SelectionInteropTests
{
    private static readonly SourceFileSystem Files = SourceFileSystem.Local;

    [LinuxFact("restic")]
    public void Random_patterns_keep_what_restic_keeps()
    {
        using var scratch = new ScratchFolder();
        using var repository = new ScratchFolder();
        var random = new Random(2026);
        Fill(scratch.Path, random, depth: 0);
        var restic = new Restic(repository.Path);
        int distinct = 0;
        var seen = new HashSet<int>();
        for (int run = 0; run < 30; run++)
        {
            string Pattern() => (random.Next(5) == 0 ? "!" : "") + PatternMaker.Pattern(random, scratch.Path);
            var rules = new SelectionRules
            {
                // Few patterns leave much to compare, many of them test their order.
                Excludes = [.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => Pattern())],
                InsensitiveExcludes = [.. Enumerable.Range(0, random.Next(0, 3)).Select(_ => Pattern())],
            };
            var kept = AssertSame(restic, rules, scratch.Path);
            if (seen.Add(kept.Count)) distinct++;
        }
        Assert.True(distinct > 5, "the patterns hardly made a difference");
    }

    [LinuxFact("restic")]
    public void Tags_caches_sizes_and_files_of_patterns_keep_what_restic_keeps()
    {
        using var scratch = new ScratchFolder();
        using var repository = new ScratchFolder();
        Shell.Run(scratch.Path, """
            mkdir -p cache/sub fake short tagged/sub header noheader both linked
            for d in * cache/sub tagged/sub; do printf x > $d/file; printf xx > $d/other; done
            printf 'Signature: 8a477f597d28d172789f06886806bc55\n# comment' | tee cache/CACHEDIR.TAG both/CACHEDIR.TAG > /dev/null
            printf 'Signature: 8a477f597d28d172789f06886806bc56' > fake/CACHEDIR.TAG
            printf 'Signature' > short/CACHEDIR.TAG
            touch tagged/.nobackup both/.nobackup; mkdir linked/.nobackup
            printf 'yes and more' > header/.skip; printf 'no' > noheader/.skip
            head -c 5000 /dev/zero > big; head -c 1024 /dev/zero > exact
            printf '# comment\n\n*ther\n$NAME\n' > patterns
            """);
        var restic = new Restic(repository.Path);
        AssertSame(restic, new SelectionRules { ExcludeCaches = true }, scratch.Path);
        AssertSame(restic, new SelectionRules { ExcludeIfPresent = [".nobackup", ".skip:yes"] }, scratch.Path);
        AssertSame(restic, new SelectionRules { ExcludeCaches = true, ExcludeIfPresent = [".nobackup"], ExcludeLargerThan = 1024 }, scratch.Path);
        AssertSame(restic, new SelectionRules { ExcludeFiles = [scratch["patterns"]], OneFileSystem = true }, scratch.Path);
        AssertSame(restic, new SelectionRules { ExcludeCaches = true }, scratch["cache/sub"]);
        AssertSame(restic, new SelectionRules { ExcludeCaches = true }, scratch["cache/file"]);
    }

    [LinuxFact]
    public void Mount_points_are_kept_empty_on_one_file_system()
    {
        // /proc is mounted on / everywhere, and /proc/self below it is on the same file system as /proc.
        var everything = new EntrySelection(new SelectionRules { OneFileSystem = true }, Files, ["/"u8.ToArray()], _ => { });
        Assert.True(everything.Includes("/proc"u8, Files.GetStat("/proc"u8)));
        Assert.False(everything.Includes("/proc/self"u8, Files.GetStat("/proc/self"u8)));
        Assert.False(everything.Includes("/proc/sys"u8, Files.GetStat("/proc/sys"u8)));
        var both = new EntrySelection(new SelectionRules { OneFileSystem = true }, Files, ["/"u8.ToArray(), "/proc"u8.ToArray()], _ => { });
        Assert.True(both.Includes("/proc/sys"u8, Files.GetStat("/proc/sys"u8)));
        Assert.True(both.Includes("/etc"u8, Files.GetStat("/etc"u8)));
    }

    [LinuxFact]
    public void A_tag_that_lacks_its_header_is_told_of()
    {
        using var scratch = new ScratchFolder();
        File.WriteAllText(scratch["CACHEDIR.TAG"], "nonsense");
        var warnings = new List<string>();
        var selection = new EntrySelection(new SelectionRules { ExcludeCaches = true }, Files, [], warnings.Add);
        Assert.False(selection.ReadTags(scratch.PathBytes).Any);
        Assert.Contains("CACHEDIR.TAG", Assert.Single(warnings), StringComparison.Ordinal);
    }

    private static HashSet<string> AssertSame(Restic restic, SelectionRules rules, string root)
    {
        var kept = new HashSet<string>();
        var selection = new EntrySelection(rules, Files, [ScratchFolder.Bytes(root)], _ => { });
        string parent = Path.GetDirectoryName(root)!;
        if (!selection.ReadTags(ScratchFolder.Bytes(parent)).Exclude(ScratchFolder.Bytes(Path.GetFileName(root))))
            Walk(selection, ScratchFolder.Bytes(root), Files.GetStat(ScratchFolder.Bytes(root)), kept);
        var expected = Ask(restic, rules, root);
        Assert.True(expected.SetEquals(kept),
            $"{rules}\nexcludes: {string.Join(" , ", rules.Excludes)}\nignoring case: {string.Join(" , ", rules.InsensitiveExcludes)}\n" +
            $"only restic keeps: {string.Join(" ", expected.Except(kept).Take(9))}\nonly we keep: {string.Join(" ", kept.Except(expected).Take(9))}");
        return kept;
    }

    private static void Walk(EntrySelection selection, byte[] path, FileStat stat, HashSet<string> kept)
    {
        if (!selection.Includes(path, stat)) return;
        kept.Add(FileNames.Decode(path));
        if (stat.Type != FileType.Directory) return;
        var listing = new DirectoryListing();
        Files.ReadDirectory(path, listing);
        var tags = selection.ReadTags(path, listing);
        for (int i = 0; i < listing.Count; i++)
        {
            if (!tags.Exclude(listing.NameOf(i))) Walk(selection, [.. path, (byte)'/', .. listing.NameOf(i)], listing.StatOf(i), kept);
        }
    }

    private static HashSet<string> Ask(Restic restic, SelectionRules rules, string root)
    {
        var arguments = new List<string> { "backup", "--force", "--dry-run", "-vv", "--json" };
        foreach (string pattern in rules.Excludes) arguments.Add("--exclude=" + pattern);
        foreach (string pattern in rules.InsensitiveExcludes) arguments.Add("--iexclude=" + pattern);
        foreach (string file in rules.ExcludeFiles) arguments.Add("--exclude-file=" + file);
        foreach (string tag in rules.ExcludeIfPresent) arguments.Add("--exclude-if-present=" + tag);
        if (rules.ExcludeCaches) arguments.Add("--exclude-caches");
        if (rules.OneFileSystem) arguments.Add("--one-file-system");
        if (rules.ExcludeLargerThan is { } size) arguments.Add("--exclude-larger-than=" + size);
        arguments.Add(root);
        string quoted = string.Join(' ', arguments.Select(a => "'" + a.Replace("'", "'\\''", StringComparison.Ordinal) + "'"));

        var items = new HashSet<string>();
        // A root that is itself left out makes restic fail: it has nothing to store.
        foreach (string line in restic.RunText(quoted + " || true").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            using var message = JsonDocument.Parse(line);
            if (message.RootElement.GetProperty("message_type").GetString() != "verbose_status") continue;
            string item = message.RootElement.GetProperty("item").GetString()!.TrimEnd('/');
            if (item.StartsWith(root, StringComparison.Ordinal)) items.Add(item);
        }
        return items;
    }

    private static void Fill(string folder, Random random, int depth)
    {
        for (int i = 0; i < 5; i++)
        {
            string path = Path.Combine(folder, PatternMaker.Name(random));
            if (Path.Exists(path)) continue;
            if (depth < 3 && random.Next(3) > 0)
            {
                Directory.CreateDirectory(path);
                Fill(path, random, depth + 1);
            }
            else File.WriteAllText(path, "x");
        }
    }
}
