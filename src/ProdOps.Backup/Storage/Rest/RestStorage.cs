using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using ProdOps.Backup.Repositories;

namespace ProdOps.Backup.Storage;

/// <summary>
/// A repository behind restic's REST protocol (doc/REST_backend.rst), versions 1 and 2: rest-server, <c>rclone serve restic</c> and others. The server has
/// the packs' folders for itself.
/// </summary>
internal sealed class RestStorage(RestAddress address, RestClient client, TransferOptions options) : RemoteStorage(options)
{
    private const string ListType = "application/vnd.x.restic.rest.v2";
    private const string OctetStream = "application/octet-stream";

    /// <summary>Longer than any entry of a listing that holds an id.</summary>
    private const int ListBuffer = 64 << 10;

    public override string Location => address.Location;

    public override int Connections => Options.Connections ?? 5;

    public override async ValueTask<bool> ExistsAsync(CancellationToken cancellationToken)
    {
        using var watch = new StallWatch(Options, cancellationToken);
        using var response = await client.SendAsync(HttpMethod.Get, "keys/", AskForSizes, watch);
        if (response.IsSuccessStatusCode) return true;
        return response.StatusCode == HttpStatusCode.NotFound ? false : throw client.Refused(response, "list the keys");
    }

    public override async ValueTask CreateAsync(CancellationToken cancellationToken)
    {
        using var watch = new StallWatch(Options, cancellationToken);
        using var response = await client.SendAsync(HttpMethod.Post, "?create=true", prepare: null, watch);
        if (!response.IsSuccessStatusCode) throw client.Refused(response, "make a repository");
    }

    public override async IAsyncEnumerable<StoredFile> ListAsync(FileKind kind, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (kind == FileKind.Config) yield break;
        using var watch = new StallWatch(Options, cancellationToken);
        using var response = await client.SendAsync(HttpMethod.Get, RepositoryLayout.FolderOf(kind) + "/", AskForSizes, watch);
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            await RequireNoRepositoryAsync(response, kind, cancellationToken);
            yield break;
        }

        if (!response.IsSuccessStatusCode) throw client.Refused(response, $"list {RepositoryLayout.FolderOf(kind)}");
        await foreach (var (id, size) in ReadListAsync(response, kind, watch))
        {
            if (size is { } known) yield return new StoredFile(id, known);
            // Version 1 tells names only. What was deleted meanwhile is no file any more.
            else if (await FindAsync(new FileHandle(kind, id), cancellationToken) is { } found) yield return new StoredFile(id, found);
            watch.Alive();
        }
    }

    public override async ValueTask<long?> FindAsync(FileHandle file, CancellationToken cancellationToken)
    {
        using var watch = new StallWatch(Options, cancellationToken);
        using var response = await client.SendAsync(HttpMethod.Head, PathOf(file), prepare: null, watch);
        if (response.StatusCode == HttpStatusCode.NotFound) return null;
        if (!response.IsSuccessStatusCode) throw client.Refused(response, $"look for {PathOf(file)}");
        return response.Content.Headers.ContentLength ?? throw BackupErrors.PlaceMisbehaves(Location, $"it does not tell the size of {PathOf(file)}");
    }

    public override async ValueTask ReadAsync(FileHandle file, long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (buffer.IsEmpty) return;
        using var watch = new StallWatch(Options, cancellationToken);
        using var response = await client.SendAsync(
            HttpMethod.Get, PathOf(file), request => request.Headers.Range = new RangeHeaderValue(offset, offset + buffer.Length - 1), watch);
        if (response.StatusCode == HttpStatusCode.NotFound) throw BackupErrors.StoredFileMissing(Describe(file));
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
            throw BackupErrors.StoredFileTruncated(Describe(file), offset + buffer.Length, response.Content.Headers.ContentRange?.Length ?? 0);
        if (response.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.PartialContent)) throw client.Refused(response, $"read {PathOf(file)}");
        await using var body = await client.GuardAsync(() => response.Content.ReadAsStreamAsync(watch.Token), watch);
        if (response.StatusCode == HttpStatusCode.OK) await SkipAsync(file, body, offset, watch);
        else if (response.Content.Headers.ContentRange?.From is { } from && from != offset)
            throw BackupErrors.PlaceMisbehaves(Location, $"asked for {PathOf(file)} from byte {offset}, it gives it from byte {from}");
        int read = await client.GuardAsync(async () => await FillAsync(body, buffer, watch), watch);
        if (read < buffer.Length) throw BackupErrors.StoredFileTruncated(Describe(file), offset + buffer.Length, offset + read);
    }

    public override async ValueTask<byte[]> ReadAllAsync(FileHandle file, CancellationToken cancellationToken)
    {
        using var watch = new StallWatch(Options, cancellationToken);
        using var response = await client.SendAsync(HttpMethod.Get, PathOf(file), prepare: null, watch);
        if (response.StatusCode == HttpStatusCode.NotFound) throw BackupErrors.StoredFileMissing(Describe(file));
        if (response.StatusCode != HttpStatusCode.OK) throw client.Refused(response, $"read {PathOf(file)}");
        await using var body = await client.GuardAsync(() => response.Content.ReadAsStreamAsync(watch.Token), watch);
        return await client.GuardAsync(async () => await DrainAsync(file, body, response.Content.Headers.ContentLength, watch), watch);
    }

    public override async ValueTask DeleteAsync(FileHandle file, CancellationToken cancellationToken)
    {
        using var watch = new StallWatch(Options, cancellationToken);
        using var response = await client.SendAsync(HttpMethod.Delete, PathOf(file), prepare: null, watch);
        if (response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.NotFound) return;
        if (response.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.MethodNotAllowed && file.Kind != FileKind.Lock)
            throw BackupErrors.PlaceAppendOnly(Location, file, $"HTTP {(int)response.StatusCode}");
        throw client.Refused(response, $"delete {PathOf(file)}");
    }

    public override ValueTask DisposeAsync()
    {
        client.Dispose();
        return ValueTask.CompletedTask;
    }

    protected override async ValueTask SendAsync(FileHandle file, UploadContent content, CancellationToken cancellationToken)
    {
        using var watch = new StallWatch(Options, cancellationToken);
        using var response = await client.SendAsync(HttpMethod.Post, PathOf(file), request =>
        {
            request.Content = new StreamContent(new UploadStream(content, Options.Upload, watch), TransferOptions.SliceSize);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(OctetStream);
            request.Content.Headers.ContentLength = content.Length;
        }, watch);
        if (response.IsSuccessStatusCode) return;
        // Servers refuse to replace a file. If an earlier attempt stored it and only the answer was lost, all is well.
        if (response.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.Conflict or HttpStatusCode.MethodNotAllowed)
        {
            if (await HoldsAsync(file, content, cancellationToken)) return;
            if (file.Kind == FileKind.Config && await FindAsync(file, cancellationToken) is not null) throw BackupErrors.StoredFileExists(Describe(file));
        }

        throw client.Refused(response, $"write {PathOf(file)}");
    }

    private static string PathOf(FileHandle file) => file.Kind == FileKind.Config ? "config" : $"{RepositoryLayout.FolderOf(file.Kind)}/{file.Id}";

    private static void AskForSizes(HttpRequestMessage request) => request.Headers.Accept.ParseAdd(ListType);

    /// <summary>A list that is not there is an empty one only where there is no repository yet: to take it for empty elsewhere would be to forget all that it names.</summary>
    private async Task RequireNoRepositoryAsync(HttpResponseMessage response, FileKind kind, CancellationToken cancellationToken)
    {
        // rclone tells an empty list of a folder that is not there, and 404 when it could not look.
        if (response.Headers.Server.ToString().StartsWith("rclone/", StringComparison.OrdinalIgnoreCase)) throw BackupErrors.PlaceBusy(Location, "HTTP 404 for a list", retryAfter: null);
        if (await FindAsync(FileHandle.Config, cancellationToken) is not null)
            throw BackupErrors.PlaceMisbehaves(Location, $"it has a repository and no list of {RepositoryLayout.FolderOf(kind)} (HTTP 404)");
    }

    private async IAsyncEnumerable<(ObjectId Id, long? Size)> ReadListAsync(HttpResponseMessage response, FileKind kind, StallWatch watch)
    {
        await using var body = await client.GuardAsync(() => response.Content.ReadAsStreamAsync(watch.Token), watch);
        var parser = new RestListingParser();
        var found = new List<(ObjectId Id, long? Size)>();
        byte[] buffer = new byte[ListBuffer];
        int kept = 0;
        bool isLast = false;
        while (!isLast)
        {
            int read = await client.GuardAsync(async () => await FillAsync(body, buffer.AsMemory(kept), watch), watch);
            isLast = read < buffer.Length - kept;
            found.Clear();
            int used;
            try
            {
                used = parser.Parse(buffer.AsSpan(0, kept + read), isLast, found);
            }
            catch (JsonException error)
            {
                throw BackupErrors.PlaceMisbehaves(Location, $"its list of {RepositoryLayout.FolderOf(kind)} cannot be read, {error.Message}");
            }

            foreach (var file in found) yield return file;
            kept = kept + read - used;
            if (kept == buffer.Length) throw BackupErrors.PlaceMisbehaves(Location, $"its list of {RepositoryLayout.FolderOf(kind)} has an entry without end");
            buffer.AsSpan(used, kept).CopyTo(buffer);
        }
    }

    /// <summary>A server that does not know ranges sends the whole file.</summary>
    private async Task SkipAsync(FileHandle file, Stream body, long length, StallWatch watch)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(TransferOptions.SliceSize);
        try
        {
            for (long left = length; left > 0;)
            {
                int read = await client.GuardAsync(async () => await FillAsync(body, buffer.AsMemory(0, (int)Math.Min(left, buffer.Length)), watch), watch);
                if (read == 0) throw BackupErrors.StoredFileTruncated(Describe(file), length, length - left);
                left -= read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
