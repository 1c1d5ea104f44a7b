namespace ProdOps.Backup.Databases;

/// <summary>Names of databases as parts of paths in a snapshot.</summary>
internal static class DumpName
{
    /// <summary>A name as one part of a path in the snapshot.</summary>
    public static string PathPart(string name) => name is "." or ".." ? name.Replace(".", "%2E") : name.Replace("%", "%25").Replace("/", "%2F");

    /// <summary>The name again that <see cref="PathPart"/> made a part of a path.</summary>
    public static string NameOf(string part) => part.Replace("%2F", "/").Replace("%2E", ".").Replace("%25", "%");
}
