using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ProdOps.Backup.Archiving;
using ProdOps.Backup.Checking;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;
using ProdOps.Backup.Tests.FileSystem;
using ProdOps.Backup.Tests.Repositories;
using ProdOps.Backup.Tests.TestTools;

namespace ProdOps.Backup.Tests.Storage;

/// <summary>A source folder and a repository in some place, which both programs use by the same address.</summary>
internal sealed class PlaceLab : IDisposable
{
    /// <summary>As in earnest, but for the waiting.</summary>
    public static readonly RetryOptions QuickRetries = new() { FirstDelay = TimeSpan.FromMilliseconds(5), LongestDelay = TimeSpan.FromMilliseconds(50), Total = TimeSpan.FromMinutes(1) };

    private readonly ScratchFolder _folder = new(StillFolder.Take());

    public PlaceLab() => Directory.CreateDirectory(Source);

    public string Source => _folder["source"];

    public string this[string name] => _folder[name];

    /// <summary>A place as users open it, but that retries do not wait.</summary>
    public static async Task<IStorage> OpenAsync(string address, IActivity? activity = null, TransferOptions? options = null)
    {
        options = (options ?? new TransferOptions()) with { Activity = activity ?? SilentActivity.Instance };
        return await PlaceOpener.OpenAsync(RepositoryAddress.Parse(address) ?? new FolderAddress(address), PlaceCredentials.None, options, default, QuickRetries);
    }

    public static async Task InitializeAsync(string address)
    {
        await using var repository = await TestRepository.CreateAsync(await OpenAsync(address));
    }

    public async Task<BackupSnapshot> BackupAsync(string address, IActivity? activity = null, bool force = false, TransferOptions? options = null)
    {
        return await BackupAsync(await OpenAsync(address, activity, options), activity, force);
    }

    public async Task<BackupSnapshot> BackupAsync(IStorage storage, IActivity? activity = null, bool force = false)
    {
        await using var repository = await Repository.OpenAsync(storage, TestRepository.Password, TimeProvider.System, default);
        var request = new BackupRequest
        {
            Paths = [Source], HostName = LocalHost.Name, UserName = LocalHost.UserName, Force = force, Writing = new BlobWriterOptions { PackSize = 4 << 20 },
        };
        return await BackupRun.RunAsync(repository, request, activity ?? SilentActivity.Instance, default);
    }

    /// <summary>Every byte is read by us through the place, and by restic.</summary>
    public static async Task CheckAsync(string address, string? resticAddress = null)
    {
        await using var repository = await Repository.OpenAsync(await OpenAsync(address), TestRepository.Password, TimeProvider.System, default);
        var result = await RepositoryCheck.RunAsync(repository, new CheckOptions { ReadData = PackSubset.All }, SilentActivity.Instance, default);
        Assert.True(result.Success, string.Join('\n', result.Problems));
        Assert.Contains("no errors were found", new ResticProgram(resticAddress ?? address).Run("check", "--read-data"));
    }

    public void AssertResticRestoresTheSource(string address, string snapshot = "latest")
    {
        using var target = new ScratchFolder(_folder.Path);
        new ResticProgram(address).Run("restore", snapshot, "--target", target.Path);
        MetadataWalk.AssertEqual(MetadataWalk.Of(Source), MetadataWalk.Of(target.Path + Source));
    }

    /// <summary>Some files, and one that takes several packs.</summary>
    public void Fill(int seed, int megabytes = 10)
    {
        Write("large", TestRepository.RandomBytes(megabytes << 20, seed));
        for (int i = 0; i < 20; i++) Write($"d{i % 3}/f{i}", TestRepository.Text(5000 + 400 * i, seed + i));
    }

    public void Write(string name, byte[] content)
    {
        string path = Path.Combine(Source, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
    }

    /// <summary>A certificate for the loopback address that nobody has signed, and its key.</summary>
    public static void WriteCertificate(string certificate, string key)
    {
        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=place", ecdsa, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        var now = TimeProvider.System.GetUtcNow();
        using var made = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
        File.WriteAllText(certificate, made.ExportCertificatePem());
        File.WriteAllText(key, ecdsa.ExportPkcs8PrivateKeyPem());
    }

    public void Dispose() => _folder.Dispose();
}

/// <summary>A test that needs rclone and restic on the PATH.</summary>
internal sealed class RcloneFactAttribute : FactAttribute
{
    public RcloneFactAttribute() => Skip = Requirements.Missing("rclone", "restic");
}
