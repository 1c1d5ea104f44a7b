namespace ProdOps.Backup.Databases;

/// <summary>Names of databases as parts of paths in a snapshot.</summary>
internal static class DumpName
{
    /// <summary>A name as one part of a path in the snapshot, where another file may have that name already.</summary>
    public static string PathPart(string name, string taken) => name == taken ? $"%{(int)name[0]:X2}{PathPart(name[1..])}" : PathPart(name);

    /// <summary>A name as one part of a path in the snapshot.</summary>
    public static string PathPart(string name) => name is "." or ".." ? name.Replace(".", "%2E") : name.Replace("%", "%25").Replace("/", "%2F");

    /// <summary>The name again that was made a part of a path.</summary>
    /// <param name="part">The part.</param>
    /// <param name="taken">The name that is another file's, whose first letter is a number then; empty if there is none.</param>
    public static string NameOf(string part, string taken = "") =>
        taken.Length > 0 && part == PathPart(taken, taken) ? taken : part.Replace("%2F", "/").Replace("%2E", ".").Replace("%25", "%");
}
