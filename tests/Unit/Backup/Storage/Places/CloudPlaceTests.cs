using System.Diagnostics;
using System.Text;
using ProdOps.Backup.Checking;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;
using ProdOps.Backup.Tests.Repositories;
using ProdOps.Servers.Secrets;

namespace ProdOps.Backup.Tests.Storage;

/// <summary>
/// Object stores, against the servers that can be had without an account: <c>s3rver</c> and Azurite (npm install -g s3rver azurite). They are not in Debian;
/// where they are not on the PATH these tests are skipped.
/// </summary>
public sealed class CloudPlaceTests : IDisposable
{
    private const string Key = "S3RVER";

    /// <summary>Azurite's account and key, which its documentation publishes.</summary>
    private const string Account = "devstoreaccount1", AccountKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private readonly PlaceLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [UnixFact("s3rver", "restic")]
    public async Task Both_programs_work_on_one_bucket()
    {
        await using var server = await StartS3Async();
        string address = $"s3:https://127.0.0.1:{server.Port}/backups/shop/a";
        await using (await TestRepository.CreateAsync(await OpenS3Async(address)))
        {
        }

        _lab.Fill(1, megabytes: 9);
        var first = await _lab.BackupAsync(await OpenS3Async(address));
        Assert.Equal((BackupStatus.Complete, address), (first.Status, first.Repository));
        Restic(address, "backup", "--host", LocalHost.Name, _lab.Source);
        _lab.Write("more", TestRepository.Text(30_000, 1));
        var third = await _lab.BackupAsync(await OpenS3Async(address));
        Assert.NotEqual(first.Id, third.Parent);
        Assert.Contains("no errors were found", Restic(address, "check", "--read-data"));
        await CheckAsync(await OpenS3Async(address));
        await using var storage = await OpenS3Async(address);
        await AssertMissingAsync(storage);
        await storage.DeleteAsync(new FileHandle(FileKind.Snapshot, ObjectId.Parse(third.Id)), default);
        Assert.Equal(2, await storage.ListAsync(FileKind.Snapshot, default).CountAsync());
    }

    [UnixFact("s3rver")]
    public async Task A_wrong_key_a_missing_bucket_and_a_second_repository_are_told_as_what_they_are()
    {
        await using var server = await StartS3Async();
        string address = $"s3:https://127.0.0.1:{server.Port}/backups";
        Assert.False(await (await OpenS3Async(address)).ExistsAsync(default));
        var none = await Assert.ThrowsAsync<ProdOpsException>(async () => await Repository.OpenAsync(await OpenS3Async(address), TestRepository.Password, TimeProvider.System, default));
        Assert.Equal("RepositoryNotFound", none.ErrorId);
        await using (await TestRepository.CreateAsync(await OpenS3Async(address)))
        {
        }

        Assert.Equal("RepositoryExists", (await Assert.ThrowsAsync<ProdOpsException>(async () => await TestRepository.CreateAsync(await OpenS3Async(address)))).ErrorId);
        var wrong = await Assert.ThrowsAsync<ProdOpsException>(async () => await (await OpenS3Async(address, "nobody")).ListAsync(FileKind.Key, default).CountAsync());
        Assert.Equal("PlaceLoginFailed", wrong.ErrorId);
        var nobody = await Assert.ThrowsAsync<ProdOpsException>(() => PlaceOpener.OpenAsync(RepositoryAddress.Parse(address)!, PlaceCredentials.None, new TransferOptions(), default));
        Assert.Equal("PlaceCredentialMissing", nobody.ErrorId);
    }

    [UnixFact("azurite-blob")]
    public async Task A_container_of_Azurite_holds_a_whole_repository()
    {
        await using var server = await LoopbackServer.StartAsync(
            "azurite-blob", "--silent", "--skipApiVersionCheck", "--blobHost", "127.0.0.1", "--blobPort", "{port}", "--location", _lab["azure"]);
        IStorage Open(string key)
        {
            var address = (AzureAddress)RepositoryAddress.Parse("azure:backups:/shop")!;
            using var secret = new Secret(Encoding.UTF8.GetBytes(key));
            var place = CloudPlaces.OpenAzure(address, Account, new Uri($"http://127.0.0.1:{server.Port}/{Account}/backups"), secret, new TransferOptions());
            return new ResilientStorage(place, PlaceLab.QuickRetries, TimeProvider.System, SilentActivity.Instance);
        }

        Assert.False(await Open(AccountKey).ExistsAsync(default));
        await using (await TestRepository.CreateAsync(Open(AccountKey)))
        {
        }

        _lab.Fill(1, megabytes: 9);
        var first = await _lab.BackupAsync(Open(AccountKey));
        var second = await _lab.BackupAsync(Open(AccountKey));
        Assert.Equal(first.Id, second.Parent);
        await CheckAsync(Open(AccountKey));
        await using var storage = Open(AccountKey);
        await AssertMissingAsync(storage);
        Assert.Equal("StoredFileExists", (await Assert.ThrowsAsync<ProdOpsException>(async () => await storage.WriteAsync(FileHandle.Config, new byte[] { 1 }, default))).ErrorId);
        var wrong = await Assert.ThrowsAsync<ProdOpsException>(async () => await Open(Convert.ToBase64String("wrong"u8)).ListAsync(FileKind.Key, default).CountAsync());
        // Azure itself says AuthenticationFailed, Azurite AuthorizationFailure.
        Assert.Contains(wrong.ErrorId, new[] { "PlaceLoginFailed", "PlaceDenied" });
    }

    private static async Task AssertMissingAsync(IStorage storage)
    {
        var missing = new FileHandle(FileKind.Pack, ObjectId.Of("x"u8));
        Assert.Null(await storage.FindAsync(missing, default));
        await storage.DeleteAsync(missing, default);
        Assert.Equal("StoredFileMissing", (await Assert.ThrowsAsync<ProdOpsException>(async () => await storage.ReadAllAsync(missing, default))).ErrorId);
        Assert.Equal("StoredFileTruncated", (await Assert.ThrowsAsync<ProdOpsException>(async () => await storage.ReadAsync(FileHandle.Config, 0, new byte[100_000], default))).ErrorId);
    }

    private static async Task CheckAsync(IStorage storage)
    {
        await using var repository = await Repository.OpenAsync(storage, TestRepository.Password, TimeProvider.System, default);
        var result = await RepositoryCheck.RunAsync(repository, new CheckOptions { ReadData = PackSubset.All }, SilentActivity.Instance, default);
        Assert.True(result.Success, string.Join('\n', result.Problems));
    }

    private string Certificate => _lab["certificate.pem"];

    /// <summary>Over TLS: it stores the signatures that restic's client puts between the bytes in the clear along with them.</summary>
    private Task<LoopbackServer> StartS3Async()
    {
        PlaceLab.WriteCertificate(Certificate, _lab["key.pem"]);
        return LoopbackServer.StartAsync(
            "s3rver", "-d", Directory.CreateDirectory(_lab["s3"]).FullName, "-a", "127.0.0.1", "-p", "{port}", "--silent", "--cert", Certificate, "--key", _lab["key.pem"]);
    }

    private Task<IStorage> OpenS3Async(string address, string user = Key) => PlaceOpener.OpenAsync(
        RepositoryAddress.Parse(address)!, new PlaceCredentials { User = user, Secret = SecretSource.FromBytes(Encoding.UTF8.GetBytes(Key)) },
        new TransferOptions { CaCertificate = Certificate }, default, PlaceLab.QuickRetries);

    private string Restic(string address, params string[] arguments)
    {
        var start = new ProcessStartInfo("restic", ["--no-cache", "--cacert", Certificate, "-r", address, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["RESTIC_PASSWORD"] = Encoding.UTF8.GetString(TestRepository.Password);
        start.Environment["AWS_ACCESS_KEY_ID"] = start.Environment["AWS_SECRET_ACCESS_KEY"] = Key;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors.Result + output);
        return output;
    }
}
