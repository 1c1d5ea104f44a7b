using System.Text;

namespace ProdOps.Cmdlets;

public static partial class FormatHelper
{
    /// <summary>Differences of files, with what goes in red and what comes in green; the signs say it without colours.</summary>
    /// <param name="files">Changed files.</param>
    /// <param name="style">The session's <c>$PSStyle</c>, or nothing where there is none.</param>
    public static string Diff(object? files, object? style)
    {
        var text = new StringBuilder();
        foreach (var file in (files as IEnumerable<LoadBalancerFileChange>) ?? [])
        {
            if (file.Diff.Length == 0) text.Append('\n').Append(file.Path);
            foreach (string line in file.Diff.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                bool? good = line.StartsWith("+++", StringComparison.Ordinal) || line.StartsWith("---", StringComparison.Ordinal) ? null : line[0] == '+' ? true : line[0] == '-' ? false : null;
                text.Append('\n').Append(good is null ? line : Mark(line, good, style));
            }
        }

        return text.ToString();
    }
}
