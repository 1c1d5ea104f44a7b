using ProdOps.Logging.Collecting.Rotation;

namespace ProdOps.Logging.Collecting.Files;

/// <summary>Which files a source is of: paths with the shell's wildcards.</summary>
/// <param name="include">What belongs to it.</param>
/// <param name="exclude">What does not, all the same.</param>
internal sealed class FilePatterns(IReadOnlyList<string> include, IReadOnlyList<string> exclude)
{
    /// <summary>The patterns that find the files, and what they were before they were rotated.</summary>
    public IReadOnlyList<string> ToProbe { get; } = [.. include.SelectMany(WithRotated).Distinct(StringComparer.Ordinal)];

    /// <summary>Whether a file belongs to it, itself or as a rotated one.</summary>
    public bool Matches(string path) => !IsExcluded(path) && (IsLog(path) || RotatedName.ReadingsOf(path).Any(reading => IsLog(reading.BasePath) || RotatedName.ReadingsOf(reading.BasePath).Any(inner => IsLog(inner.BasePath))));

    /// <summary>Whether a path is that of a log of the source.</summary>
    public bool IsLog(string path) => include.Any(pattern => GlobPattern.IsMatch(pattern, path)) && !IsExcluded(path);

    private bool IsExcluded(string path) => exclude.Any(pattern => GlobPattern.IsMatch(pattern, path));

    // x.log.1, x.log-20261126.gz; and where the extension comes last x-20261126.log, x.1.log.gz. What else these find does not match.
    private static IEnumerable<string> WithRotated(string pattern)
    {
        yield return pattern;
        if (pattern.EndsWith('*')) yield break;
        yield return pattern + "[.-]*";
        int name = pattern.LastIndexOf('/') + 1, dot = pattern.LastIndexOf('.');
        if (dot > name && !pattern.AsSpan(dot).ContainsAny('*', '?', '[')) yield return $"{pattern[..dot]}[._-]*{pattern[dot..]}*";
    }
}
