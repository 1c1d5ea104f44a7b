using ProdOps.LoadBalancing.Publishing;

namespace ProdOps.LoadBalancing.Tests.Publishing;

public sealed class TextDiffTests
{
    [Fact]
    public void The_same_text_has_no_difference() => Assert.Equal("", TextDiff.Unified("/a", "x\ny\n", "x\ny\n"));

    [Fact]
    public void A_change_is_shown_with_what_is_around_it() => Assert.Equal(
        "--- /a\n+++ /a\n@@ -2,7 +2,7 @@\n b\n c\n d\n-e\n+E\n f\n g\n h\n", TextDiff.Unified("/a", "a\nb\nc\nd\ne\nf\ng\nh\ni\n", "a\nb\nc\nd\nE\nf\ng\nh\ni\n"));

    [Fact]
    public void A_new_file_is_all_plus() => Assert.Equal("--- /dev/null\n+++ /a\n@@ -0,0 +1,2 @@\n+x\n+y\n", TextDiff.Unified("/a", null, "x\ny\n"));

    [Fact]
    public void Any_difference_leads_from_one_text_to_the_other()
    {
        var random = new Random(7);
        for (int round = 0; round < 2_000; round++)
        {
            string[] old = Lines(), fresh = random.Next(3) == 0 ? Lines() : [.. old.Where(_ => random.Next(5) > 0).SelectMany(line => random.Next(6) == 0 ? new[] { line, "new" } : [line])];
            string diff = TextDiff.Unified("/a", Text(old), Text(fresh));
            Assert.Equal(fresh, Apply(old, diff));
        }

        string[] Lines() => [.. Enumerable.Range(0, random.Next(30)).Select(_ => $"line {random.Next(8)}")];
        static string Text(string[] lines) => string.Concat(lines.Select(line => line + "\n"));
    }

    private static List<string> Apply(string[] old, string diff)
    {
        var result = new List<string>();
        int at = 0;
        foreach (string line in diff.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(2))
        {
            if (line.StartsWith("@@", StringComparison.Ordinal))
            {
                string[] range = line.Split(' ')[1][1..].Split(',');
                int begin = int.Parse(range[0], System.Globalization.CultureInfo.InvariantCulture) - (range[1] == "0" ? 0 : 1);
                while (at < begin) result.Add(old[at++]);
                continue;
            }

            if (line[0] != '+') Assert.Equal(old[at++], line[1..]);
            if (line[0] != '-') result.Add(line[1..]);
        }

        result.AddRange(old[at..]);
        return result;
    }
}
