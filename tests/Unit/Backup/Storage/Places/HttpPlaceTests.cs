using System.Text;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;
using ProdOps.Servers.Secrets;

namespace ProdOps.Backup.Tests.Storage;

/// <summary>What all places that are reached over HTTP have in common, against a server that says what a test wants.</summary>
public sealed class HttpPlaceTests
{
    private const string Time = "2026-03-05T06:07:08.000Z";

    [Theory]
    [InlineData("rest")]
    [InlineData("s3")]
    [InlineData("azure")]
    public async Task A_file_that_is_too_large_for_the_server_is_no_full_disk_and_is_not_sent_again(string kind)
    {
        int sent = 0;
        using var server = new CannedHttpServer(request =>
        {
            if (request.StartsWith("PUT", StringComparison.Ordinal) || request.StartsWith("POST", StringComparison.Ordinal)) sent++;
            return (413, "");
        });
        await using var storage = await OpenAsync(kind, server.Port);
        var error = await Assert.ThrowsAsync<ProdOpsException>(async () => await storage.WriteAsync(new FileHandle(FileKind.Pack, ObjectId.Of("x"u8)), "x"u8.ToArray(), default));
        Assert.Equal(("PlaceFileTooLarge", ErrorKind.WriteError, 1), (error.ErrorId, error.Kind, sent));
        Assert.Contains("-PackSize", error.Recommendation);
    }

    [Theory]
    [InlineData("rest")]
    [InlineData("s3")]
    [InlineData("azure")]
    public async Task A_place_that_is_given_back_has_no_connection_left(string kind)
    {
        using var server = new CannedHttpServer(static _ => (404, ""));
        await using (var storage = await OpenAsync(kind, server.Port))
        {
            Assert.Null(await storage.FindAsync(new FileHandle(FileKind.Pack, ObjectId.Of("x"u8)), default));
            Assert.Equal(1, server.Connections);
        }

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (server.Connections > 0) await Task.Delay(5, limit.Token);
    }

    [Theory]
    [InlineData("s3")]
    [InlineData("azure")]
    public async Task Object_stores_tell_when_a_file_was_written(string kind)
    {
        string id = ObjectId.Of("x"u8).ToString();
        using var server = new CannedHttpServer(_ => (200, kind == "s3"
            ? $"""<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>bucket</Name><KeyCount>1</KeyCount><IsTruncated>false</IsTruncated><Contents><Key>snapshots/{id}</Key><LastModified>{Time}</LastModified><Size>9</Size></Contents></ListBucketResult>"""
            : $"""<?xml version="1.0"?><EnumerationResults ContainerName="bucket"><Blobs><Blob><Name>snapshots/{id}</Name><Properties><Last-Modified>Thu, 05 Mar 2026 06:07:08 GMT</Last-Modified><Etag>0x1</Etag><Content-Length>9</Content-Length><BlobType>BlockBlob</BlobType></Properties></Blob></Blobs><NextMarker /></EnumerationResults>"""));
        await using var storage = await OpenAsync(kind, server.Port);
        var file = Assert.Single(await storage.ListAsync(FileKind.Snapshot, default).ToListAsync());
        Assert.Equal((id, 9L), (file.Id.ToString(), file.Size));
        Assert.Equal(DateTimeOffset.Parse(Time, System.Globalization.CultureInfo.InvariantCulture), file.Written);
    }

    private static async Task<IStorage> OpenAsync(string kind, int port)
    {
        const string Key = "a2V5";
        if (kind == "azure")
        {
            using var secret = new Secret(Encoding.UTF8.GetBytes(Key));
            var place = CloudPlaces.OpenAzure((AzureAddress)RepositoryAddress.Parse("azure:bucket:/")!, "account", new Uri($"http://127.0.0.1:{port}/account/bucket"), secret, new TransferOptions());
            return new ResilientStorage(place, PlaceLab.QuickRetries, TimeProvider.System, SilentActivity.Instance);
        }

        string address = kind == "s3" ? $"s3:http://127.0.0.1:{port}/bucket" : $"rest:http://127.0.0.1:{port}/b/";
        var credentials = kind == "s3" ? new PlaceCredentials { User = "me", Secret = SecretSource.FromBytes(Encoding.UTF8.GetBytes(Key)) } : PlaceCredentials.None;
        return await PlaceOpener.OpenAsync(RepositoryAddress.Parse(address)!, credentials, new TransferOptions(), default, PlaceLab.QuickRetries);
    }
}
