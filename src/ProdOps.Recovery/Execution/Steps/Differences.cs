using System.Globalization;

namespace ProdOps.Recovery.Execution.Steps;

/// <summary>What comparing scripts print: a line <c>INDEX WHAT</c> for each difference, and <c>end</c> last.</summary>
internal static class Differences
{
    public static IReadOnlyList<string> Read(IReadOnlyList<string> lines, int count, Func<int, string, string> describe)
    {
        // Without its end the list may lack what matters.
        if (lines.Count == 0 || lines[^1] != "end") throw RecoveryErrors.JobFailed(0, "the comparison on the server was not finished");
        var found = new List<string>();
        foreach (string line in lines.SkipLast(1))
        {
            int space = line.IndexOf(' ');
            if (space > 0 && int.TryParse(line.AsSpan(0, space), NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < count) found.Add(describe(index, line[(space + 1)..]));
        }

        return found;
    }
}
