using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Servers.Files;

/// <summary>
/// The name of a file or folder of this machine that a copy has not completed. The number at its end is the process that works on it, so
/// that what a killed process left can be told from what is in use.
/// </summary>
internal sealed class LocalPartial : IDisposable
{
    private static readonly TimeSpan FilesKept = TimeSpan.FromDays(7), FoldersKept = TimeSpan.FromHours(1);

    // The names this process works on. Its number alone would make what an earlier copy of this session left look used.
    private static readonly ConcurrentDictionary<string, bool> InUse = new(StringComparer.Ordinal);

    private readonly string _name;

    /// <param name="beginning">How the name begins.</param>
    public LocalPartial(string beginning)
    {
        _name = string.Create(CultureInfo.InvariantCulture, $"{beginning}.{Guid.NewGuid():n}.{Environment.ProcessId}");
        InUse[_name] = true;
        Name = FileNames.Encode(_name);
    }

    public byte[] Name { get; }

    /// <summary>A partial file: one that was left with this beginning, else a new one.</summary>
    public static LocalPartial TakeOver(TargetFolder folder, string beginning, long size)
    {
        var partial = new LocalPartial(beginning);
        try
        {
            if (!partial.TryTakeOver(folder, beginning, size)) folder.CreateFile(partial.Name).Dispose();
            return partial;
        }
        catch
        {
            partial.Dispose();
            throw;
        }
    }

    /// <summary>Removes what copies left that nobody went on with: folders after an hour, files, which could be, after a week.</summary>
    public static void RemoveOld(TargetFolder folder, DateTimeOffset now)
    {
        var listing = new DirectoryListing();
        folder.ReadEntries(listing);
        for (int i = 0; i < listing.Count; i++)
        {
            var stat = listing.StatOf(i);
            if (!IsAbandoned(FileNames.Decode(listing.NameOf(i)), CopyNames.Staging)) continue;
            if (now - stat.ChangeTime.ToDateTimeOffset() > (stat.Type == FileType.Directory ? FoldersKept : FilesKept)) folder.Remove(listing.NameOf(i));
        }
    }

    public void Dispose() => InUse.TryRemove(_name, out _);

    private bool TryTakeOver(TargetFolder folder, string beginning, long size)
    {
        var listing = new DirectoryListing();
        folder.ReadEntries(listing);
        for (int i = 0; i < listing.Count; i++)
        {
            if (listing.StatOf(i) is not { Type: FileType.File } stat || stat.Size > size || !IsAbandoned(FileNames.Decode(listing.NameOf(i)), beginning)) continue;
            try
            {
                folder.Rename(listing.NameOf(i), Name);
                return true;
            }
            catch (FileSystemException e) when (e.Kind == ErrorKind.NotFound)
            {
                // Another copy was faster.
            }
        }
        return false;
    }

    private static bool IsAbandoned(string name, string beginning) =>
        name.StartsWith(beginning, StringComparison.Ordinal)
        && int.TryParse(name.AsSpan(name.LastIndexOf('.') + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int process)
        && (process == Environment.ProcessId ? !InUse.ContainsKey(name) : !IsRunning(process));

    private static bool IsRunning(int process)
    {
        try
        {
            using var running = Process.GetProcessById(process);
            return !running.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
