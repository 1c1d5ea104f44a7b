namespace ProdOps.Servers.FileSystem;

/// <summary>Where a user's own files of ProdOps lie; each is <see langword="null"/> for a user without a home.</summary>
internal static class UserFolders
{
    /// <summary>What can be lost without harm but some work.</summary>
    public static string? State => Find("XDG_STATE_HOME", ".local/state");

    /// <summary>What must not be lost.</summary>
    public static string? Data => Find("XDG_DATA_HOME", ".local/share");

    private static string? Find(string variable, string belowHome)
    {
        if (OperatingSystem.IsWindows())
        {
            string local = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
            return local.Length == 0 ? null : Path.Combine(local, "prodops");
        }

        // XDG Base Directory Specification: a relative path is to be ignored.
        if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } folder && Path.IsPathRooted(folder)) return Path.Combine(folder, "prodops");
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return home.Length == 0 ? null : Path.Combine(home, belowHome, "prodops");
    }
}
