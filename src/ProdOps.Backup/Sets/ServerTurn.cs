using System.Security.Cryptography;
using System.Text;
using ProdOps.Backup.Storage;

namespace ProdOps.Backup.Sets;

/// <summary>
/// One backup at a time of a server, also by several processes of one user, as schedules start them at the same minute. It spares the server; nothing depends on
/// it: where no file can be locked, or another backup takes longer than the set waits, both go on.
/// </summary>
internal static class ServerTurn
{
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);

    /// <summary>Where this user's processes meet, or <see langword="null"/> where there is no such folder.</summary>
    public static string? DefaultFolder => CacheFolder.DefaultRoot is { } root ? Path.Join(Path.GetDirectoryName(root), "turns") : null;

    /// <summary>Waits for this server's turn; disposing the result gives it on.</summary>
    /// <param name="folder">Where the files to lock are.</param>
    /// <param name="server">The server.</param>
    /// <param name="patience">How long to wait.</param>
    /// <param name="activity">Hears of the waiting.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task<IDisposable?> TakeAsync(string? folder, Server server, TimeSpan patience, IActivity activity, TimeProvider time, CancellationToken cancellationToken)
    {
        if (folder is null) return null;
        string path = Path.Join(folder, FileNameOf(server));
        long begun = time.GetTimestamp();
        for (bool told = false; ; told = true)
        {
            if (TryTake(folder, path, out var taken)) return taken;
            if (time.GetElapsedTime(begun) >= patience)
            {
                activity.Warning($"another backup of {server.Name} has been running for longer than {patience}: this one begins beside it.");
                return null;
            }

            if (!told) activity.Verbose($"waits for another backup of {server.Name} to end.");
            await Task.Delay(Poll, time, cancellationToken);
        }
    }

    /// <returns>False if somebody else has it. A folder that cannot be written to is no reason to wait.</returns>
    private static bool TryTake(string folder, string path, out IDisposable? taken)
    {
        taken = null;
        try
        {
            Directory.CreateDirectory(folder);
            // .NET takes an advisory lock on the file (flock), which ends with the process whatever happens to it.
            taken = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (IOException) when (File.Exists(path))
        {
            return false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    /// <summary>The same for all that mean the same machine: by its address, whatever it is called.</summary>
    private static string FileNameOf(Server server)
    {
        string place = server.IsLocal ? "localhost" : $"{server.Address ?? server.Name}:{server.Ssh.Port ?? 22}";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(place.ToLowerInvariant())))[..32];
    }
}
