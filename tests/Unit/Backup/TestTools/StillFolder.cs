namespace ProdOps.Backup.Tests.TestTools;

/// <summary>
/// Folders above which nothing changes while tests run. The folders above a source are in its snapshot with their times, and the one for
/// temporary files changes whenever anybody makes a file there: nothing would ever be unchanged.
/// </summary>
internal static class StillFolder
{
    private const int Count = 400;

    private static readonly string Root = MakeAll();
    private static int _taken = -1;

    /// <summary>A folder that no other test has had.</summary>
    public static string Take()
    {
        int number = Interlocked.Increment(ref _taken);
        return number < Count ? Path.Combine(Root, $"{number}") : throw new InvalidOperationException("There are more labs than folders: raise the count.");
    }

    private static string MakeAll()
    {
        string root = Path.Combine(AppContext.BaseDirectory, "labs");
        if (Directory.Exists(root)) Directory.Delete(root, recursive: true);
        for (int i = 0; i < Count; i++) Directory.CreateDirectory(Path.Combine(root, $"{i}"));
        return root;
    }
}
