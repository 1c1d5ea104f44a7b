using System.Net;
using System.Runtime.CompilerServices;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace ProdOps.Backup.Storage;

/// <summary>A repository in a bucket of S3, or of a server that speaks its protocol, in restic's default layout.</summary>
internal sealed class S3Storage(S3Address address, AmazonS3Client client, PlaceHttp http, string user, TransferOptions options) : RemoteStorage(options)
{
    private static readonly string[] LoginErrors = ["InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken", "AuthorizationHeaderMalformed", "InvalidSecurity"];

    public override string Location => address.Location;

    public override int Connections => Options.Connections ?? 5;

    public override ValueTask<bool> ExistsAsync(CancellationToken cancellationToken) => RunAsync("look at the bucket", async watch =>
    {
        try
        {
            await client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = address.Bucket, Prefix = Below(""), MaxKeys = 1 }, watch.Token);
            return true;
        }
        catch (AmazonS3Exception error) when (error.ErrorCode == "NoSuchBucket" || error.StatusCode == HttpStatusCode.NotFound)
        {
            return false;
        }
    }, cancellationToken);

    public override async ValueTask CreateAsync(CancellationToken cancellationToken)
    {
        if (await ExistsAsync(cancellationToken)) return;
        await RunAsync("make the bucket", async watch =>
        {
            try
            {
                await client.PutBucketAsync(new PutBucketRequest { BucketName = address.Bucket }, watch.Token);
            }
            catch (AmazonS3Exception error) when (error.ErrorCode is "BucketAlreadyOwnedByYou")
            {
                // Somebody was first.
            }

            return true;
        }, cancellationToken);
    }

    public override async IAsyncEnumerable<StoredFile> ListAsync(FileKind kind, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (kind == FileKind.Config) yield break;
        var request = new ListObjectsV2Request { BucketName = address.Bucket, Prefix = Below(RepositoryLayout.FolderOf(kind) + "/") };
        do
        {
            ListObjectsV2Response page;
            try
            {
                page = await RunAsync($"list {RepositoryLayout.FolderOf(kind)}", async watch => await client.ListObjectsV2Async(request, watch.Token), cancellationToken);
            }
            catch (ProdOpsException error) when (error.ErrorId == "BucketNotFound" && kind != FileKind.Pack)
            {
                // Whoever looks whether there is a repository finds none.
                yield break;
            }

            foreach (var file in page.S3Objects ?? [])
            {
                if (file.Key.StartsWith(request.Prefix, StringComparison.Ordinal) && file.Size is >= 0 and { } size && RepositoryLayout.TryParse(kind, file.Key.AsSpan(request.Prefix.Length), out var id))
                    yield return new StoredFile(id, size) { Written = file.LastModified is { } modified ? new DateTimeOffset(modified.ToUniversalTime()) : null };
            }

            if (page.IsTruncated == true && page.NextContinuationToken == request.ContinuationToken) throw BackupErrors.PlaceMisbehaves(Location, "its list does not end");
            request.ContinuationToken = page.IsTruncated == true ? page.NextContinuationToken : null;
        }
        while (request.ContinuationToken is not null);
    }

    public override ValueTask<long?> FindAsync(FileHandle file, CancellationToken cancellationToken) => RunAsync($"look for {RepositoryLayout.PathOf(file)}", async watch =>
    {
        try
        {
            var found = await client.GetObjectMetadataAsync(new GetObjectMetadataRequest { BucketName = address.Bucket, Key = KeyOf(file) }, watch.Token);
            return (long?)found.ContentLength;
        }
        catch (AmazonS3Exception error) when (error.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    }, cancellationToken);

    public override async ValueTask ReadAsync(FileHandle file, long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (buffer.IsEmpty) return;
        int read = await RunAsync($"read {RepositoryLayout.PathOf(file)}", async watch =>
        {
            var request = new GetObjectRequest { BucketName = address.Bucket, Key = KeyOf(file), ByteRange = new ByteRange(offset, offset + buffer.Length - 1) };
            using var response = await GetAsync(file, request, offset + buffer.Length, watch);
            if (response.ContentLength > buffer.Length) throw BackupErrors.PlaceMisbehaves(Location, $"it does not know ranges: asked for {buffer.Length} bytes, it sends {response.ContentLength}");
            return await FillAsync(response.ResponseStream, buffer, watch);
        }, cancellationToken);
        if (read < buffer.Length) throw BackupErrors.StoredFileTruncated(Describe(file), offset + buffer.Length, offset + read);
    }

    public override ValueTask<byte[]> ReadAllAsync(FileHandle file, CancellationToken cancellationToken) => RunAsync($"read {RepositoryLayout.PathOf(file)}", async watch =>
    {
        using var response = await GetAsync(file, new GetObjectRequest { BucketName = address.Bucket, Key = KeyOf(file) }, 0, watch);
        return await DrainAsync(file, response.ResponseStream, response.ContentLength, watch);
    }, cancellationToken);

    public override async ValueTask DeleteAsync(FileHandle file, CancellationToken cancellationToken)
    {
        try
        {
            await RunAsync($"delete {RepositoryLayout.PathOf(file)}", async watch =>
            {
                await client.DeleteObjectAsync(new DeleteObjectRequest { BucketName = address.Bucket, Key = KeyOf(file) }, watch.Token);
                return true;
            }, cancellationToken);
        }
        catch (ProdOpsException error) when (error.ErrorId == "PlaceDenied" && file.Kind != FileKind.Lock)
        {
            throw BackupErrors.PlaceAppendOnly(Location, file, "AccessDenied");
        }
    }

    public override ValueTask DisposeAsync()
    {
        client.Dispose();
        // The client leaves to us what it did not make.
        http.Dispose();
        return ValueTask.CompletedTask;
    }

    protected override async ValueTask SendAsync(FileHandle file, UploadContent content, CancellationToken cancellationToken)
    {
        if (file.Kind == FileKind.Config && await FindAsync(file, cancellationToken) is not null && !await HoldsAsync(file, content, cancellationToken)) throw BackupErrors.StoredFileExists(Describe(file));
        await RunAsync($"write {RepositoryLayout.PathOf(file)}", async watch =>
        {
            await using var stream = new UploadStream(content, Options.Upload, watch);
            var request = new PutObjectRequest
            {
                BucketName = address.Bucket,
                Key = KeyOf(file),
                InputStream = stream,
                AutoCloseStream = false,
                AutoResetStreamPosition = true,
                UseChunkEncoding = false,
                // Over TLS nobody can change it on the way, so that it need not be read twice to be signed.
                DisablePayloadSigning = address.Endpoint?.Scheme != "http",
                ContentType = "application/octet-stream",
            };
            request.Headers.ContentLength = content.Length;
            // A file's name is its SHA-256, so the server can prove what it got; the config's is not.
            if (file.Kind != FileKind.Config) request.ChecksumSHA256 = ToBase64(file);
            await client.PutObjectAsync(request, watch.Token);
            return true;
        }, cancellationToken);
    }

    private static string ToBase64(FileHandle file)
    {
        Span<byte> bytes = stackalloc byte[Repositories.ObjectId.Size];
        file.Id.CopyTo(bytes);
        return Convert.ToBase64String(bytes);
    }

    private async Task<GetObjectResponse> GetAsync(FileHandle file, GetObjectRequest request, long expected, StallWatch watch)
    {
        try
        {
            return await client.GetObjectAsync(request, watch.Token);
        }
        catch (AmazonS3Exception error) when (error.ErrorCode != "NoSuchBucket" && error.StatusCode == HttpStatusCode.NotFound)
        {
            throw BackupErrors.StoredFileMissing(Describe(file), error);
        }
        catch (AmazonS3Exception error) when (error.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
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
        catch (AmazonServiceException error) when (error.StatusCode != 0)
        {
            throw Translate(error, operation);
        }
        catch (Exception error) when (Inner<HttpRequestException>(error) is { } request)
        {
            throw http.Translate(request);
        }
        catch (Exception error) when (error is AmazonClientException or AmazonServiceException or IOException)
        {
            throw BackupErrors.PlaceUnreachable(Location, error.Message, error);
        }
    }

    private ProdOpsException Translate(AmazonServiceException error, string operation)
    {
        string status = string.IsNullOrEmpty(error.ErrorCode) ? $"HTTP {(int)error.StatusCode}" : error.ErrorCode;
        if (LoginErrors.Contains(error.ErrorCode) || error.StatusCode == HttpStatusCode.Unauthorized) return BackupErrors.PlaceLoginFailed(Location, user);
        if (error.ErrorCode == "NoSuchBucket") return BackupErrors.BucketNotFound(Location, address.Bucket);
        if (error.ErrorCode == "EntityTooLarge" || error.StatusCode == HttpStatusCode.RequestEntityTooLarge) return BackupErrors.PlaceFileTooLarge(Location, operation, status);
        if (error.ErrorCode is "SlowDown" or "RequestTimeout" or "RequestTimeTooSkewed" or "Throttling" or "OperationAborted" || error.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout
            || (error.StatusCode >= HttpStatusCode.InternalServerError && error.StatusCode != HttpStatusCode.NotImplemented))
        {
            return BackupErrors.PlaceBusy(Location, status, retryAfter: null);
        }

        return error.StatusCode == HttpStatusCode.Forbidden ? BackupErrors.PlaceDenied(Location, operation, status) : BackupErrors.PlaceMisbehaves(Location, $"asked to {operation}, it says {status}");
    }

    private static T? Inner<T>(Exception? error) where T : Exception
    {
        for (; error is not null; error = error.InnerException)
        {
            if (error is T found) return found;
        }

        return null;
    }

    private string KeyOf(FileHandle file) => Below(RepositoryLayout.PathOf(file));

    private string Below(string name) => address.Prefix.Length == 0 ? name : $"{address.Prefix}/{name}";
}

/// <summary>Has Amazon's client use our connections.</summary>
internal sealed class S3HttpFactory(PlaceHttp http) : HttpClientFactory
{
    public override HttpClient CreateHttpClient(IClientConfig clientConfig) => new(http.Handler, disposeHandler: true) { Timeout = Timeout.InfiniteTimeSpan };

    public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;

    public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;
}
