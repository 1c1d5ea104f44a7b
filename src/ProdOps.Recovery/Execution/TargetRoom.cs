using System.Globalization;
using ProdOps.Servers.Commands;

namespace ProdOps.Recovery.Execution;

/// <summary>The file systems of a server with what is free on them, as POSIX's <c>df -Pk</c> tells.</summary>
internal sealed class TargetRoom
{
    // What hangs on another machine would keep df waiting: GNU's can be told to look at disks alone.
    private const string Script = "df -Pkl 2>/dev/null || df -Pk";

    private readonly Dictionary<string, long> _free = new(StringComparer.Ordinal);

    /// <summary>Asks a server.</summary>
    public static async Task<TargetRoom> AskAsync(IServerShell shell, CancellationToken cancellationToken) =>
        Parse((await shell.RunAsync(new ServerCommand(Script) { PosixLocale = true, Idempotent = true }, cancellationToken).ConfigureAwait(false)).Lines);

    /// <summary>Reads what df printed: name, blocks, used, available, capacity, and a mount point, in which there may be spaces.</summary>
    public static TargetRoom Parse(IEnumerable<string> lines)
    {
        var room = new TargetRoom();
        foreach (string line in lines)
        {
            int percent = line.IndexOf("% /", StringComparison.Ordinal);
            if (percent < 0 || line[..percent].Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [.., var available, _]) continue;
            if (long.TryParse(available, NumberStyles.None, CultureInfo.InvariantCulture, out long kilobytes) && kilobytes < 1L << 50) room._free[line[(percent + 2)..]] = kilobytes * 1024;
        }

        return room;
    }

    /// <summary>What does not fit: each file system with how much would be written there, and how much is free.</summary>
    /// <param name="writes">What will be written.</param>
    /// <param name="isMountedLater">Whether something will be mounted at a folder: what is put below it goes there, and not to what is there now.</param>
    public IEnumerable<(string MountPoint, long Needed, long Free)> Lacking(IEnumerable<(string Path, long Size)> writes, Func<string, bool>? isMountedLater = null)
    {
        var needed = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var (path, size) in writes)
            if (MountOf(path, isMountedLater) is { } mount) needed[mount] = needed.GetValueOrDefault(mount) + size;
        return needed.Where(entry => entry.Value > _free[entry.Key]).Select(entry => (entry.Key, entry.Value, _free[entry.Key]));
    }

    private string? MountOf(string path, Func<string, bool>? isMountedLater)
    {
        for (string at = path; at.Length > 0; at = at[..Math.Max(at.LastIndexOf('/'), 0)])
        {
            if (_free.ContainsKey(at)) return at;
            if (isMountedLater?.Invoke(at) == true) return null;
        }

        return _free.ContainsKey("/") ? "/" : null;
    }
}
