using System.Runtime.CompilerServices;
using System.Xml;
using Azure;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace ProdOps.Backup.Storage;

/// <summary>A repository in a container of Azure's blob storage, in restic's default layout.</summary>
internal sealed class AzureStorage(AzureAddress address, BlobContainerClient container, PlaceHttp http, string user, TransferOptions options) : RemoteStorage(options)
{
    /// <summary>Files up to this size are sent in one request; no pack is larger.</summary>
    private const long OneRequest = 256L << 20;

    public override string Location => address.Location;

    public override int Connections => Options.Connections ?? 5;

    public override ValueTask<bool> ExistsAsync(CancellationToken cancellationToken) =>
        RunAsync("look at the container", async watch => (await container.ExistsAsync(watch.Token)).Value, cancellationToken);

    public override async ValueTask CreateAsync(CancellationToken cancellationToken) => await RunAsync("make the container", async watch =>
    {
        await container.CreateIfNotExistsAsync(cancellationToken: watch.Token);
        return true;
    }, cancellationToken);

    public override async IAsyncEnumerable<StoredFile> ListAsync(FileKind kind, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (kind == FileKind.Config) yield break;
        string prefix = Below(RepositoryLayout.FolderOf(kind) + "/");
        string? next = null;
        do
        {
            Page<BlobItem>? page;
            try
            {
                page = await RunAsync($"list {RepositoryLayout.FolderOf(kind)}", async watch =>
                {
                    await foreach (var one in container.GetBlobsAsync(new GetBlobsOptions { Prefix = prefix }, watch.Token).AsPages(next).WithCancellation(watch.Token)) return one;
                    return null;
                }, cancellationToken);
            }
            catch (ProdOpsException error) when (error.ErrorId == "BucketNotFound" && kind != FileKind.Pack)
            {
                // Whoever looks whether there is a repository finds none.
                yield break;
            }

            foreach (var blob in page?.Values ?? [])
            {
                if (blob.Name.StartsWith(prefix, StringComparison.Ordinal) && blob.Properties.ContentLength is >= 0 and { } size && RepositoryLayout.TryParse(kind, blob.Name.AsSpan(prefix.Length), out var id))
                    yield return new StoredFile(id, size) { Written = blob.Properties.LastModified };
            }

            next = page?.ContinuationToken;
        }
        while (!string.IsNullOrEmpty(next));
    }

    public override ValueTask<long?> FindAsync(FileHandle file, CancellationToken cancellationToken) => RunAsync($"look for {RepositoryLayout.PathOf(file)}", async watch =>
    {
        try
        {
            return (long?)(await BlobOf(file).GetPropertiesAsync(cancellationToken: watch.Token)).Value.ContentLength;
        }
        catch (RequestFailedException error) when (error.Status == 404)
        {
            return null;
        }
    }, cancellationToken);

    public override async ValueTask ReadAsync(FileHandle file, long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (buffer.IsEmpty) return;
        int read = await RunAsync($"read {RepositoryLayout.PathOf(file)}", async watch =>
        {
            using var response = await GetAsync(file, new HttpRange(offset, buffer.Length), offset + buffer.Length, watch);
            return await FillAsync(response.Content, buffer, watch);
        }, cancellationToken);
        if (read < buffer.Length) throw BackupErrors.StoredFileTruncated(Describe(file), offset + buffer.Length, offset + read);
    }

    public override ValueTask<byte[]> ReadAllAsync(FileHandle file, CancellationToken cancellationToken) => RunAsync($"read {RepositoryLayout.PathOf(file)}", async watch =>
    {
        using var response = await GetAsync(file, default, 0, watch);
        return await DrainAsync(file, response.Content, response.Details.ContentLength, watch);
    }, cancellationToken);

    public override async ValueTask DeleteAsync(FileHandle file, CancellationToken cancellationToken)
    {
        try
        {
            await RunAsync($"delete {RepositoryLayout.PathOf(file)}", async watch =>
            {
                await BlobOf(file).DeleteIfExistsAsync(cancellationToken: watch.Token);
                return true;
            }, cancellationToken);
        }
        catch (ProdOpsException error) when (error.ErrorId == "PlaceDenied" && file.Kind != FileKind.Lock)
        {
            throw BackupErrors.PlaceAppendOnly(Location, file, "it may not be deleted with this login");
        }
    }

    public override ValueTask DisposeAsync()
    {
        http.Dispose();
        return ValueTask.CompletedTask;
    }

    protected override async ValueTask SendAsync(FileHandle file, UploadContent content, CancellationToken cancellationToken)
    {
        try
        {
            await RunAsync($"write {RepositoryLayout.PathOf(file)}", async watch =>
            {
                await using var stream = new UploadStream(content, Options.Upload, watch);
                var request = new BlobUploadOptions
                {
                    TransferOptions = new StorageTransferOptions { InitialTransferSize = OneRequest, MaximumTransferSize = OneRequest },
                    Conditions = file.Kind == FileKind.Config ? new BlobRequestConditions { IfNoneMatch = ETag.All } : null,
                };
                await BlobOf(file).UploadAsync(stream, request, watch.Token);
                return true;
            }, cancellationToken);
        }
        catch (ProdOpsException error) when (error.ErrorId == "StoredFileExists")
        {
            // An earlier attempt may have stored it, and only its answer been lost.
            if (!await HoldsAsync(file, content, cancellationToken)) throw;
        }
    }

    private async Task<BlobDownloadStreamingResult> GetAsync(FileHandle file, HttpRange range, long expected, StallWatch watch)
    {
        try
        {
            return (await BlobOf(file).DownloadStreamingAsync(new BlobDownloadOptions { Range = range }, watch.Token)).Value;
        }
        catch (RequestFailedException error) when (error.Status == 404 && error.ErrorCode != "ContainerNotFound")
        {
            throw BackupErrors.StoredFileMissing(Describe(file), error);
        }
        catch (RequestFailedException error) when (error.Status == 416)
        {
            throw BackupErrors.StoredFileTruncated(Describe(file), expected, 0);
        }
    }

    private async ValueTask<T> RunAsync<T>(string operation, Func<StallWatch, Task<T>> action, CancellationToken cancellationToken)
    {
        using var watch = new StallWatch(Options, cancellationToken);
        try
        {
            return await action(watch);
        }
        catch (OperationCanceledException) when (watch.HasStalled)
        {
            throw BackupErrors.PlaceStalled(Location, Options.MaximumSilence);
        }
        catch (RequestFailedException error) when (error.Status != 0)
        {
            throw Translate(error, operation);
        }
        catch (RequestFailedException error)
        {
            throw error.InnerException is HttpRequestException request ? http.Translate(request) : BackupErrors.PlaceUnreachable(Location, error.Message, error);
        }
        catch (HttpRequestException error)
        {
            throw http.Translate(error);
        }
        catch (XmlException error)
        {
            // The package reads even an error's empty body.
            throw BackupErrors.PlaceMisbehaves(Location, $"asked to {operation}, it gives an answer that cannot be read: {error.Message}");
        }
        catch (Exception error) when (error is IOException or AggregateException)
        {
            throw BackupErrors.PlaceUnreachable(Location, error.Message, error);
        }
    }

    private ProdOpsException Translate(RequestFailedException error, string operation)
    {
        string status = string.IsNullOrEmpty(error.ErrorCode) ? $"HTTP {error.Status}" : error.ErrorCode;
        if (error.ErrorCode is "AuthenticationFailed" or "InvalidAuthenticationInfo" or "NoAuthenticationInformation" || error.Status == 401) return BackupErrors.PlaceLoginFailed(Location, user);
        if (error.ErrorCode is "ContainerNotFound") return BackupErrors.BucketNotFound(Location, address.Container);
        if (error.ErrorCode is "BlobAlreadyExists" or "ConditionNotMet") return BackupErrors.StoredFileExists(Location);
        if (error.Status == 413) return BackupErrors.PlaceFileTooLarge(Location, operation, status);
        if (error.Status is 408 or 429 or >= 500 || error.ErrorCode is "ContainerBeingDeleted") return BackupErrors.PlaceBusy(Location, status, retryAfter: null);
        return error.Status == 403 ? BackupErrors.PlaceDenied(Location, operation, status) : BackupErrors.PlaceMisbehaves(Location, $"asked to {operation}, it says {status}");
    }

    private BlobClient BlobOf(FileHandle file) => container.GetBlobClient(Below(RepositoryLayout.PathOf(file)));

    private string Below(string name) => address.Prefix.Length == 0 ? name : $"{address.Prefix}/{name}";
}
