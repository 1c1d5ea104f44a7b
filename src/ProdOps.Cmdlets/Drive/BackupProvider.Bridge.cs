using System.Diagnostics.CodeAnalysis;
using System.Management.Automation;
using ProdOps.Backup;
using ProdOps.Backup.Browsing;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Servers;

namespace ProdOps.Cmdlets.Drive;

// A provider's methods are synchronous and the engine's are not: they run on the thread pool while the provider's thread waits.
public sealed partial class BackupProvider
{
    private RepositoryView? _view;

    /// <summary>The repository of the last path that was looked at.</summary>
    private RepositoryView View => _view ?? throw new InvalidOperationException("No path was looked at yet.");

    /// <summary>Finds what a path leads to.</summary>
    /// <param name="path">The path, with the drive's root.</param>
    /// <param name="location">The server and snapshot.</param>
    /// <param name="entry">The entry in the snapshot, if there is a snapshot and it has one.</param>
    private bool TryFind(string path, [NotNullWhen(true)] out DriveLocation? location, out TreeEntry? entry)
    {
        var drive = FindDrive(path);
        string inside = InsideOf(drive, path);
        var place = drive.FindPlace(SessionState);
        var shells = SessionShells.Current;
        (_view, location, entry) = Run(async (activity, token) =>
        {
            var view = await drive.OpenAsync(place, shells, token);
            var found = DriveLocation.Find(await view.GetSnapshotsAsync(activity, token), inside);
            TreeEntry? node = found?.Snapshot is null ? null : await view.FindEntryAsync(found.Snapshot, found.Path, activity, token);
            return (view, found, node);
        });
        return location is not null;
    }

    private bool IsRoot(string path) => PSDriveInfo is BackupDriveInfo drive && InsideOf(drive, path).Trim('/').Length == 0;

    private static string InsideOf(BackupDriveInfo drive, string path) => path.Replace('\\', '/')[Math.Min(drive.Root.Length, path.Length)..];

    /// <summary>A path with a provider's name in front comes without a drive; its root tells.</summary>
    private BackupDriveInfo FindDrive(string path) => PSDriveInfo as BackupDriveInfo
        ?? ProviderInfo.Drives.OfType<BackupDriveInfo>()
            .Where(drive => path.StartsWith(drive.Root, StringComparison.Ordinal) && (path.Length == drive.Root.Length || path[drive.Root.Length] is '/' or '\\'))
            .MaxBy(drive => drive.Root.Length)
        ?? throw BackupErrors.NoSuchDrive(path);

    private T Run<T>(Func<IActivity, CancellationToken, Task<T>> work)
    {
        var activity = new ProviderActivity();
        try
        {
            return Task.Run(() => work(activity, _stop.Token)).GetAwaiter().GetResult();
        }
        finally
        {
            activity.WriteTo(this);
        }
    }

    /// <summary>What the engine cannot do ends the command with its own error, not with PowerShell's "cannot find path".</summary>
    private void Guard(Action work)
    {
        try
        {
            work();
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
        catch (Exception e) when (e is ProdOpsException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            var record = ErrorMapper.ToErrorRecord(e);
            // PowerShell drops the record and makes one of the exception, unless that brings a record itself.
            var carrier = new RuntimeException(e.Message, e, record);
            ThrowTerminatingError(new ErrorRecord(carrier, record.FullyQualifiedErrorId, record.CategoryInfo.Category, record.TargetObject) { ErrorDetails = record.ErrorDetails });
        }
    }

    private string Resolve(string path) => SessionState.Path.GetUnresolvedProviderPathFromPSPath(path);

    private static string TrimSlash(string path) => path.Length > 1 ? path.TrimEnd('/', '\\') : path;
}
