namespace ProdOps.Backup.Storage;

/// <content>Writing a file: under another name first, which is given back whatever happens.</content>
internal sealed partial class SftpStorage
{
    private const string TemporaryFolder = "tmp";
    private static readonly TimeSpan TemporaryAge = TimeSpan.FromDays(1);

    private static readonly TimeSpan RemovalPatience = TimeSpan.FromMilliseconds(500);

    protected override async ValueTask SendAsync(FileHandle file, UploadContent content, CancellationToken cancellationToken) => await RunAsync("write", file, async (files, watch) =>
    {
        await PrepareAsync(files, watch);
        string path = PathOf(file), temporary = PathOf($"{TemporaryFolder}/{(file.Kind == FileKind.Config ? "config-" + Guid.NewGuid().ToString("n") : file.Id.ToString())}");
        try
        {
            await files.WriteAsync(temporary, content, _filePermissions, Options.Upload?.Slice ?? int.MaxValue, Moved(Options.Upload, watch), watch.Token);
            if (file.Kind == FileKind.Config && await files.FindAsync(path, watch.Token) is not null) throw BackupErrors.StoredFileExists(Describe(file));
            await PublishAsync(files, file, temporary, path, watch);
            return true;
        }
        catch (Exception error) when (error is SftpStatusException or ProdOpsException && files.Session.IsAlive)
        {
            bool isFull = false;
            try
            {
                // Asked before it is removed, and what else was under way has given its room back: afterwards a disk that was full no longer is.
                isFull = error is SftpStatusException { Status: SftpStatus.Failure } && await IsFullAsync(files, content.Length, watch.Token);
            }
            finally
            {
                try
                {
                    await RemoveQuietlyAsync(files, temporary, watch.Token);
                }
                catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested && files.Session.IsAlive)
                {
                    await GiveBackAsync(files, temporary);
                }
            }

            if (isFull) throw BackupErrors.StorageFull(Describe(file), error);
            throw;
        }
        catch (OperationCanceledException) when (files.Session.IsAlive)
        {
            await GiveBackAsync(files, temporary);
            throw;
        }
    }, cancellationToken);

    private async Task PublishAsync(SftpFiles files, FileHandle file, string temporary, string path, StallWatch watch)
    {
        try
        {
            await files.RenameAsync(temporary, path, replace: file.Kind != FileKind.Config, watch.Token);
        }
        catch (SftpStatusException error) when (error.Status == SftpStatus.NoSuchFile && file.Kind == FileKind.Pack)
        {
            // Old repositories made the folders of packs as they came to need them.
            await files.MakeFolderAsync(path[..path.LastIndexOf('/')], _folderPermissions, watch.Token);
            await files.RenameAsync(temporary, path, replace: true, watch.Token);
        }
        catch (SftpStatusException error) when (error.Status == SftpStatus.Failure && file.Kind != FileKind.Config && !files.Session.CanReplace)
        {
            if (await files.FindAsync(path, watch.Token) is null) throw;
            // Without OpenSSH's rename: one of the same name has the same content, or is what an earlier attempt left.
            await files.RemoveAsync(path, watch.Token);
            await files.RenameAsync(temporary, path, replace: false, watch.Token);
        }
    }

    /// <summary>Before the first file: finds out who else may read the repository, and clears away what killed runs left, by the server's own clock.</summary>
    private async Task PrepareAsync(SftpFiles files, StallWatch watch)
    {
        if (_isReady) return;
        if (await files.FindAsync(PathOf("keys"), watch.Token) is null) throw BackupErrors.RepositoryNotFound(Location);
        if (await files.FindAsync(PathOf("config"), watch.Token) is { Permissions: { } permissions } && (permissions & 0x20) != 0) (_filePermissions, _folderPermissions) = (0x1A0, 0x1E8);
        await files.MakeFolderAsync(PathOf(TemporaryFolder), _folderPermissions, watch.Token);
        var left = await files.ListAsync(PathOf(TemporaryFolder), watch.Alive, watch.Token);
        if (left.Any(entry => !entry.Attributes.IsFolder))
        {
            string probe = PathOf($"{TemporaryFolder}/clock-{Guid.NewGuid():n}");
            await files.WriteAsync(probe, new MemoryContent(default), _filePermissions, int.MaxValue, static (_, _) => ValueTask.CompletedTask, watch.Token);
            uint? now = (await files.FindAsync(probe, watch.Token))?.ModifiedTime;
            await files.RemoveAsync(probe, watch.Token);
            foreach (var (name, attributes) in left.Where(entry => !entry.Attributes.IsFolder && !entry.Name.Contains('/')))
            {
                if (attributes.ModifiedTime + TemporaryAge.TotalSeconds < now) await RemoveQuietlyAsync(files, PathOf($"{TemporaryFolder}/{name}"), watch.Token);
            }
        }

        _isReady = true;
    }

    /// <summary>
    /// Removes what was not written to its end. A full disk stops the other packs under way as well, whether they have failed by themselves or not: their room is not left taken. Nobody who stops
    /// waits for a server that is silent.
    /// </summary>
    private static async Task GiveBackAsync(SftpFiles files, string temporary)
    {
        using var patience = new CancellationTokenSource(RemovalPatience);
        await RemoveQuietlyAsync(files, temporary, patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static async Task RemoveQuietlyAsync(SftpFiles files, string path, CancellationToken cancellationToken)
    {
        try
        {
            await files.RemoveAsync(path, cancellationToken);
        }
        catch (Exception error) when (error is SftpStatusException or IOException)
        {
            // A day later somebody clears it away.
        }
    }

    private async Task<bool> IsFullAsync(SftpFiles files, long needed, CancellationToken cancellationToken)
    {
        try
        {
            return await files.GetFreeSpaceAsync(_address.Path, cancellationToken) is { } free && free < needed + (1 << 20);
        }
        catch (Exception error) when (error is SftpStatusException or IOException)
        {
            return false;
        }
    }
}
