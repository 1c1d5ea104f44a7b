using System.Management.Automation;
using System.Management.Automation.Provider;
using ProdOps.Backup.Repositories;
using ProdOps.Cmdlets.Backup;
using ProdOps.Cmdlets.Places;
using ProdOps.Cmdlets.Servers;

namespace ProdOps.Cmdlets.Drive;

/// <summary>
/// Shows a repository as a drive: servers, below them their backups by time, below those the files. It can be read and not written.
/// </summary>
[CmdletProvider("Backup", ProviderCapabilities.None)]
public sealed partial class BackupProvider : NavigationCmdletProvider
{
    private readonly CancellationTokenSource _stop = new();

    /// <inheritdoc/>
    protected override System.Collections.ObjectModel.Collection<PSDriveInfo> InitializeDefaultDrives() =>
        [new BackupDriveInfo(new PSDriveInfo("Backup", ProviderInfo, BackupDriveInfo.EnvironmentRoot, "The backups in the repository that $env:RESTIC_REPOSITORY names.", credential: null))];

    /// <inheritdoc/>
    protected override object NewDriveDynamicParameters() => new BackupDriveParameters();

    /// <inheritdoc/>
    protected override PSDriveInfo? NewDrive(PSDriveInfo drive)
    {
        if (drive is BackupDriveInfo) return drive;
        var given = DynamicParameters as BackupDriveParameters ?? new BackupDriveParameters();
        BackupDriveInfo? mounted = null;
        Guard(() =>
        {
            // Shown by Get-PSDrive, so it is the location without secrets.
            string root = drive.Root == BackupDriveInfo.EnvironmentRoot ? drive.Root : TrimSlash(RepositoryPlace.Find(SessionState, drive.Root).Location);
            var password = PasswordSources.FromParameters(
                given.Password, given.PasswordFile is null ? null : Resolve(given.PasswordFile), given.PasswordVariable, given.PasswordCommand);
            var made = new BackupDriveInfo(new PSDriveInfo(drive.Name, ProviderInfo, root, drive.Description, drive.Credential), password);
            // A wrong password is told now and not at the first look.
            var place = made.FindPlace(SessionState);
            var shells = SessionShells.Current;
            Run((_, token) => made.OpenAsync(place, shells, token));
            mounted = made;
        });
        return mounted;
    }

    /// <inheritdoc/>
    protected override PSDriveInfo RemoveDrive(PSDriveInfo drive)
    {
        if (drive is BackupDriveInfo mounted) Task.Run(mounted.CloseAsync).GetAwaiter().GetResult();
        return drive;
    }

    /// <inheritdoc/>
    protected override void StopProcessing() => _stop.Cancel();

    /// <inheritdoc/>
    protected override bool IsValidPath(string path) => true;

    /// <inheritdoc/>
    protected override bool ItemExists(string path)
    {
        // The root is there even if its repository cannot be opened: what looks into it then tells why.
        if (IsRoot(path)) return true;
        bool exists = false;
        Guard(() => exists = TryFind(path, out var location, out var entry) && (location.Snapshot is null || entry is not null));
        return exists;
    }

    /// <inheritdoc/>
    protected override bool IsItemContainer(string path)
    {
        if (IsRoot(path)) return true;
        bool container = false;
        Guard(() => container = TryFind(path, out var location, out var entry) && (location.Snapshot is null || entry?.Node.Subtree is not null));
        return container;
    }

    /// <inheritdoc/>
    protected override bool HasChildItems(string path) => IsItemContainer(path);

    /// <inheritdoc/>
    protected override void GetItem(string path) => Guard(() =>
    {
        if (!TryFind(path, out var location, out var entry)) return;
        if (location.Server is null) WriteItemObject(Run(DescribeAsync), path, isContainer: true);
        else if (location.Snapshot is null) WriteItemObject(ToServer(location.Server, location.Snapshots), path, isContainer: true);
        else if (location.Path == "/") WriteSnapshot(location.Snapshot, path);
        else if (entry is { } found) WriteEntry(Run(async (activity, token) => (await View.BrowseAsync(location.Snapshot, activity, token)).ToItem(found)), path);
    });

    /// <inheritdoc/>
    protected override void GetChildItems(string path, bool recurse) => GetChildItems(path, recurse, uint.MaxValue);

    /// <inheritdoc/>
    protected override void GetChildItems(string path, bool recurse, uint depth) => Guard(() => WriteChildren(path, recurse ? depth : 0));

    /// <inheritdoc/>
    protected override void GetChildNames(string path, ReturnContainers returnContainers) => Guard(() =>
    {
        if (!TryFind(path, out var location, out _)) return;
        if (location.Snapshot is null)
        {
            foreach (string name in NamesAt(location)) WriteItemObject(name, MakePath(path, name), isContainer: true);
            if (location.Server is not null) WriteItemObject(SnapshotNames.Latest, MakePath(path, SnapshotNames.Latest), isContainer: true);
            return;
        }

        foreach (var item in List(location)) WriteItemObject(item.Name, MakePath(path, item.Name), item.Type == BackupItemType.Directory);
    });

    private void WriteChildren(string path, uint depth)
    {
        if (!TryFind(path, out var location, out var entry)) return;
        if (location.Snapshot is not null)
        {
            if (entry?.Node.Subtree is null) GetItem(path);
            else WriteItems(location, path, depth);
            return;
        }

        if (location.Server is null)
        {
            foreach (var server in location.Snapshots.GroupBy(snapshot => snapshot.HostName).OrderBy(server => server.Key, StringComparer.Ordinal))
                WriteItemObject(ToServer(server.Key, [.. server]), MakePath(path, server.Key), isContainer: true);
        }
        else
        {
            foreach (var (name, snapshot) in SnapshotNames.Name(location.Snapshots)) WriteSnapshot(snapshot, MakePath(path, name));
            // Seen in a listing and completed; a recursion would go through the newest twice.
            if (depth == 0) WriteSnapshot(location.Snapshots[^1], MakePath(path, SnapshotNames.Latest));
        }

        if (depth == 0) return;
        foreach (string name in NamesAt(location))
        {
            if (Stopping) return;
            WriteChildren(MakePath(path, name), depth == uint.MaxValue ? depth : depth - 1);
        }
    }

    private void WriteItems(DriveLocation location, string path, uint depth)
    {
        foreach (var item in List(location))
        {
            if (Stopping) return;
            string child = MakePath(path, item.Name);
            WriteEntry(item, child);
            if (depth > 0 && item.Type == BackupItemType.Directory)
                WriteItems(location with { Path = item.Path }, child, depth == uint.MaxValue ? depth : depth - 1);
        }
    }

    private List<BackupItem> List(DriveLocation location) => Run(async (activity, token) =>
    {
        var browser = await View.BrowseAsync(location.Snapshot!, activity, token);
        return await browser.ListAsync(location.Path, recurse: false, literal: true, token).ToListAsync(token);
    });

    private static IEnumerable<string> NamesAt(DriveLocation location) => location.Server is null
        ? location.Snapshots.Select(snapshot => snapshot.HostName).Distinct().Order(StringComparer.Ordinal)
        : SnapshotNames.Name(location.Snapshots).Select(named => named.Name);

    private async Task<BackupRepository> DescribeAsync(IActivity activity, CancellationToken cancellationToken)
    {
        var repository = View.Repository;
        if (!repository.IsIndexLoaded) await repository.LoadIndexAsync(activity, cancellationToken);
        return await BackupModel.DescribeAsync(repository, activity, cancellationToken);
    }

    private BackupServer ToServer(string name, IReadOnlyList<SnapshotFile> snapshots) => new()
    {
        Name = name,
        SnapshotCount = snapshots.Count,
        OldestSnapshot = snapshots[0].Time.ToDateTimeOffset(),
        LatestSnapshot = snapshots[^1].Time.ToDateTimeOffset(),
        Repository = View.Repository.Location,
    };

    private void WriteSnapshot(SnapshotFile snapshot, string path) =>
        WriteItemObject(Mark(BackupModel.ToSnapshot(snapshot, View.Repository.Location)), path, isContainer: true);

    private void WriteEntry(BackupItem item, string path) => WriteItemObject(Mark(item), path, item.Type == BackupItemType.Directory);

    /// <summary>A type name of its own gives the object the drive's view, which shows names instead of full paths.</summary>
    private static PSObject Mark(object value)
    {
        var marked = new PSObject(value);
        marked.TypeNames.Insert(0, value.GetType().FullName + "#Drive");
        return marked;
    }
}
