using System.Runtime.CompilerServices;

namespace ProdOps.Backup.Storage;

/// <summary>
/// A repository in a folder of a server, over SFTP on the servers layer's connections. A file is written to another name, synced where the server can, and
/// renamed: under its own name it is complete.
/// </summary>
internal sealed partial class SftpStorage : RemoteStorage
{
    private readonly SftpAddress _address;
    private readonly Func<CancellationToken, Task<SftpSession>> _connect;
    private readonly SemaphoreSlim _connecting = new(1);
    private SftpFiles? _files;
    private bool _isReady;
    private uint _filePermissions = 0x180, _folderPermissions = 0x1C0;

    /// <param name="address">Where.</param>
    /// <param name="connect">Makes a session; what keeps it from doing so is an error of the servers' catalogue.</param>
    /// <param name="options">How.</param>
    public SftpStorage(SftpAddress address, Func<CancellationToken, Task<SftpSession>> connect, TransferOptions options) : base(options) =>
        (_address, _connect) = (address, connect);

    public override string Location => _address.Location;

    public override int Connections => Options.Connections ?? 5;

    public override ValueTask<bool> ExistsAsync(CancellationToken cancellationToken) =>
        RunAsync("look at the folder", null, async (files, watch) => await files.FindAsync(_address.Path, watch.Token) is { IsFolder: true }, cancellationToken);

    public override async ValueTask CreateAsync(CancellationToken cancellationToken) => await RunAsync("make the folders", null, async (files, watch) =>
    {
        for (int slash = _address.Path.IndexOf('/', 1); slash > 0; slash = _address.Path.IndexOf('/', slash + 1))
        {
            string above = _address.Path[..slash];
            if (await files.FindAsync(above, watch.Token) is null) await files.MakeFolderAsync(above, 0x1ED, watch.Token);
        }

        await files.MakeFolderAsync(_address.Path, _folderPermissions, watch.Token);
        await Task.WhenAll(RepositoryLayout.Folders.Select(name => files.MakeFolderAsync(PathOf(name), _folderPermissions, watch.Token)));
        await Task.WhenAll(RepositoryLayout.PackFolders.Select(name => files.MakeFolderAsync(PathOf(name), _folderPermissions, watch.Token)));
        return true;
    }, cancellationToken);

    public override async IAsyncEnumerable<StoredFile> ListAsync(FileKind kind, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (kind == FileKind.Config) yield break;
        string folder = RepositoryLayout.FolderOf(kind);
        var found = await RunAsync($"list {folder}", null, async (files, watch) =>
        {
            if (kind != FileKind.Pack) return (List<StoredFile>)[.. Files(kind, "", await files.ListAsync(PathOf(folder), watch.Alive, watch.Token))];
            var subfolders = await files.ListAsync(PathOf(folder), watch.Alive, watch.Token);
            var all = new List<StoredFile>();
            foreach (string[] some in subfolders.Select(entry => entry.Name).Where(name => RepositoryLayout.IsPackFolder(name)).Distinct().Chunk(16))
            {
                var lists = await Task.WhenAll(some.Select(async name => (Name: name, Entries: await files.ListAsync(PathOf($"{folder}/{name}"), watch.Alive, watch.Token))));
                foreach (var (name, entries) in lists) all.AddRange(Files(kind, name + "/", entries));
            }

            return all;
        }, cancellationToken);
        foreach (var file in found) yield return file;
    }

    public override ValueTask<long?> FindAsync(FileHandle file, CancellationToken cancellationToken) =>
        RunAsync("look for", file, async (files, watch) => await files.FindAsync(PathOf(file), watch.Token) is { IsFolder: false } attributes ? attributes.Size : null, cancellationToken);

    public override async ValueTask ReadAsync(FileHandle file, long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (buffer.IsEmpty) return;
        int read = await RunAsync("read", file, (files, watch) => files.ReadAsync(PathOf(file), offset, buffer, Moved(Options.Download, watch), watch.Token), cancellationToken);
        if (read < buffer.Length) throw BackupErrors.StoredFileTruncated(Describe(file), offset + buffer.Length, offset + read);
    }

    public override async ValueTask<byte[]> ReadAllAsync(FileHandle file, CancellationToken cancellationToken) => await RunAsync("read", file, async (files, watch) =>
    {
        // What the server says of the size is only where to begin: memory is taken for what comes.
        byte[] content = GC.AllocateUninitializedArray<byte>(64 << 10);
        for (int length = 0; ;)
        {
            int read = await files.ReadAsync(PathOf(file), length, content.AsMemory(length), Moved(Options.Download, watch), watch.Token);
            length += read;
            if (length < content.Length) return content[..length];
            if (length >= MaximumWhole) throw BackupErrors.FileDamaged(file, Location, "it is too large");
            Array.Resize(ref content, content.Length * 2);
        }
    }, cancellationToken);

    public override async ValueTask DeleteAsync(FileHandle file, CancellationToken cancellationToken) => await RunAsync("delete", file, async (files, watch) =>
    {
        await files.RemoveAsync(PathOf(file), watch.Token);
        return true;
    }, cancellationToken);

    public override ValueTask<long?> GetFreeSpaceAsync(CancellationToken cancellationToken) =>
        RunAsync("ask for the free space", null, (files, watch) => files.GetFreeSpaceAsync(_address.Path, watch.Token), cancellationToken);

    public override async ValueTask DisposeAsync()
    {
        if (_files is not null) await _files.Session.DisposeAsync();
        _connecting.Dispose();
    }

    private static IEnumerable<StoredFile> Files(FileKind kind, string before, List<(string Name, SftpAttributes Attributes)> entries)
    {
        foreach (var (name, attributes) in entries)
        {
            if (!attributes.IsFolder && attributes.Size is { } size && RepositoryLayout.TryParse(kind, before + name, out var id))
                yield return new StoredFile(id, size) { Written = attributes.ModifiedTime is { } modified ? DateTimeOffset.FromUnixTimeSeconds(modified) : null };
        }
    }

    private static Func<int, CancellationToken, ValueTask> Moved(RateLimit? limit, StallWatch watch) => async (bytes, token) =>
    {
        await watch.PaceAsync(limit, bytes, token);
        watch.Alive();
    };

    private string PathOf(string name) => _address.Path == "/" ? "/" + name : $"{_address.Path}/{name}";

    private string PathOf(FileHandle file) => PathOf(RepositoryLayout.PathOf(file));

    private async ValueTask<T> RunAsync<T>(string operation, FileHandle? file, Func<SftpFiles, StallWatch, Task<T>> action, CancellationToken cancellationToken)
    {
        using var watch = new StallWatch(Options, cancellationToken);
        SftpFiles? files = null;
        try
        {
            files = await ConnectAsync(watch.Token);
            return await action(files, watch);
        }
        catch (OperationCanceledException) when (watch.HasStalled)
        {
            if (files is not null) await files.Session.DisposeAsync();
            throw BackupErrors.PlaceStalled(Location, Options.MaximumSilence);
        }
        catch (SftpStatusException error)
        {
            throw Translate(error, operation, file);
        }
        catch (IOException error)
        {
            throw BackupErrors.PlaceUnreachable(Location, error.Message, error);
        }
        catch (InvalidDataException error)
        {
            throw BackupErrors.PlaceMisbehaves(Location, error.Message);
        }
    }

    private ProdOpsException Translate(SftpStatusException error, string operation, FileHandle? file)
    {
        string what = file is { } named ? Describe(named) : Location;
        return error.Status switch
        {
            SftpStatus.NoSuchFile => BackupErrors.StoredFileMissing(what, error),
            SftpStatus.PermissionDenied => BackupErrors.StorageAccessDenied(what, error),
            SftpStatus.NoConnection or SftpStatus.ConnectionLost => BackupErrors.PlaceUnreachable(Location, error.Message, error),
            _ when operation == "read" => BackupErrors.StorageReadFailed(what, error.Message, error),
            _ => BackupErrors.StorageWriteFailed(what, error.Message, error),
        };
    }

    private async Task<SftpFiles> ConnectAsync(CancellationToken cancellationToken)
    {
        if (_files is { Session.IsAlive: true } alive) return alive;
        await _connecting.WaitAsync(cancellationToken);
        try
        {
            if (_files is { Session.IsAlive: true } made) return made;
            if (_files is not null) await _files.Session.DisposeAsync();
            return _files = new SftpFiles(await _connect(cancellationToken));
        }
        catch (ProdOpsException error) when (error.Kind is ErrorKind.ResourceUnavailable or ErrorKind.Timeout)
        {
            throw BackupErrors.PlaceUnreachable(Location, error.Message, error, isConnecting: true);
        }
        finally
        {
            _connecting.Release();
        }
    }
}
