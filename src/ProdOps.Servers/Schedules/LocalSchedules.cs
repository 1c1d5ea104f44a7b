namespace ProdOps.Servers.Schedules;

/// <summary>The definitions in the files of this machine that its user may read.</summary>
internal static class LocalSchedules
{
    public static IReadOnlyList<ScheduleDefinition> Find()
    {
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return Find(["/etc/systemd/system", "/etc/prodops/schedules", Path.Join(home, ".config/systemd/user"), Path.Join(home, ".config/prodops/schedules")]);
    }

    public static IReadOnlyList<ScheduleDefinition> Find(IEnumerable<string> folders) =>
        [.. folders.SelectMany(Read).DistinctBy(definition => definition.Name).OrderBy(definition => definition.Name, StringComparer.OrdinalIgnoreCase)];

    private static List<ScheduleDefinition> Read(string folder)
    {
        var found = new List<ScheduleDefinition>();
        try
        {
            foreach (string path in Directory.GetFiles(folder).Where(path => path.EndsWith(".timer", StringComparison.Ordinal) || path.EndsWith(".sh", StringComparison.Ordinal)))
                if (ScheduleDefinition.Find(File.ReadAllText(path)) is { } definition) found.Add(definition);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
        }

        return found;
    }
}
