using System.Management.Automation;
using ProdOps.Logging;

namespace ProdOps.Cmdlets.Logging;

/// <summary>The files that a path of this machine names: itself, what its wildcards match, what is in the folder.</summary>
internal static class FilePaths
{
    /// <summary>Must be called on the pipeline thread.</summary>
    public static IReadOnlyList<string> Resolve(SessionState session, string path, bool literal)
    {
        IEnumerable<string> found;
        try
        {
            found = literal ? [session.Path.GetUnresolvedProviderPathFromPSPath(path)] : session.Path.GetResolvedProviderPathFromPSPath(path, out _);
        }
        catch (ItemNotFoundException error)
        {
            throw LoggingErrors.FileNotRead(path, new FileNotFoundException("there is nothing of this name.", error));
        }

        return [.. found.SelectMany(static each => Directory.Exists(each) ? FilesIn(each) : [each])];
    }

    /// <summary>The same, with the error instead of an exception: one on the pipeline thread would end the command. Must be called on the pipeline thread.</summary>
    public static (IReadOnlyList<string> Files, ProdOpsException? Error) TryResolve(SessionState session, string path, bool literal)
    {
        try
        {
            return (Resolve(session, path, literal), null);
        }
        catch (ProdOpsException error)
        {
            return ([], error);
        }
    }

    /// <summary>Folders are read whole, without following links to folders: logs like to link to each other.</summary>
    private static IEnumerable<string> FilesIn(string folder)
    {
        var options = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint | FileAttributes.Device };
        return Directory.EnumerateFiles(folder, "*", options).Where(static path => !IsNoLog(path)).Order(StringComparer.Ordinal);
    }

    // Binary files that every /var/log has: journals, and the records of logins.
    private static bool IsNoLog(string path) => Path.GetFileName(path.AsSpan()) is "wtmp" or "btmp" or "lastlog" or "faillog" or "tallylog"
        || path.EndsWith(".journal", StringComparison.Ordinal) || path.EndsWith(".journal~", StringComparison.Ordinal) || path.Contains("/sysstat/sa", StringComparison.Ordinal);
}
