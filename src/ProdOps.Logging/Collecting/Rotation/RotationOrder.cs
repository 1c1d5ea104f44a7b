namespace ProdOps.Logging.Collecting.Rotation;

/// <summary>Puts rotated files of one log in the order in which they were written.</summary>
internal static class RotationOrder
{
    /// <summary>The files, oldest first. Numbers and dates in names order files of one kind beyond doubt; times order those of different kinds.</summary>
    /// <param name="files">The files.</param>
    /// <param name="pathOf">A file's path.</param>
    /// <param name="modifiedOf">When it was last written to.</param>
    /// <param name="nameOf">What its name says; <see langword="null"/> where it says nothing.</param>
    public static List<T> Of<T>(IEnumerable<T> files, Func<T, string> pathOf, Func<T, long> modifiedOf, Func<T, RotatedName?> nameOf)
    {
        // An insertion keeps to both as far as can be. What was put out of the way is newer than the file that was renamed just before.
        var ordered = new List<T>();
        foreach (var file in files.OrderBy(modifiedOf).ThenBy(file => nameOf(file)?.IsBackup == true).ThenBy(pathOf, StringComparer.Ordinal))
        {
            int later = nameOf(file) is { } name ? ordered.FindIndex(other => nameOf(other) is { } o && RotatedName.Compare(name, o) < 0) : -1;
            ordered.Insert(later < 0 ? ordered.Count : later, file);
        }

        return ordered;
    }
}
