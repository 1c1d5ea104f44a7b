using System.Text;
using ProdOps.Backup.Crypto;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;
using ProdOps.Backup.Tests.Storage;

namespace ProdOps.Backup.Tests.Repositories;

/// <summary>What keys are left, and tried, when something goes wrong.</summary>
public sealed class RepositoryKeyTests
{
    private readonly MemoryStorage _storage = new();

    [Fact]
    public async Task A_repository_whose_config_was_stored_can_be_opened_though_the_answer_was_lost()
    {
        _storage.AfterWrite = file =>
        {
            if (file.Kind == FileKind.Config) throw BackupErrors.StorageFull("here");
        };
        Assert.Equal("StorageFull", (await Assert.ThrowsAsync<ProdOpsException>(() => TestRepository.CreateAsync(_storage))).ErrorId);
        _storage.AfterWrite = _ => { };
        await (await TestRepository.OpenAsync(_storage)).DisposeAsync();
    }

    [Fact]
    public async Task A_repository_that_could_not_be_made_leaves_no_key_and_the_reason_is_told_though_that_cannot_be_deleted()
    {
        _storage.BeforeWrite = file => file.Kind == FileKind.Config ? throw BackupErrors.StorageFull("here") : Task.CompletedTask;
        Assert.Equal("StorageFull", (await Assert.ThrowsAsync<ProdOpsException>(() => TestRepository.CreateAsync(_storage))).ErrorId);
        Assert.Empty(_storage.Files);
        _storage.BeforeDelete = (_, _) => throw BackupErrors.StoredFileMissing("it");
        Assert.Equal("StorageFull", (await Assert.ThrowsAsync<ProdOpsException>(() => TestRepository.CreateAsync(_storage))).ErrorId);
    }

    [Fact]
    public async Task A_key_that_holds_no_key_keeps_no_other_from_opening_the_repository()
    {
        await (await TestRepository.CreateAsync(_storage)).DisposeAsync();
        var good = _storage.HandlesOf(FileKind.Key).Single();
        byte[] content = _storage.Files[good];
        byte[] salt = new byte[64], derived = new byte[64], sealedText = new byte[2 + MasterKey.Overhead];
        Scrypt.DeriveKey(TestRepository.Password, salt, TestRepository.CheapKey, derived);
        MasterKey.FromParts(derived.AsSpan(0, 32), derived.AsSpan(32, 16), derived.AsSpan(48)).Seal("{}"u8, sealedText);
        // Of this user on this host: the one that is tried first.
        byte[] bad = Encoding.UTF8.GetBytes(
            $$"""{"created":"2026-11-27T10:00:00Z","username":"{{LocalHost.UserName}}","hostname":"{{LocalHost.Name}}","kdf":"scrypt","N":16,"r":1,"p":1,"salt":"{{Convert.ToBase64String(salt)}}","data":"{{Convert.ToBase64String(sealedText)}}"}""");
        _storage.Files[new FileHandle(FileKind.Key, ObjectId.Of(bad))] = bad;
        _storage.Files.Remove(good, out _);
        Assert.Equal("MasterKeyInvalid", (await Assert.ThrowsAsync<ProdOpsException>(() => TestRepository.OpenAsync(_storage))).ErrorId);

        byte[] other = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(content).Replace($"\"hostname\":\"{LocalHost.Name}\"", "\"hostname\":\"elsewhere\"", StringComparison.Ordinal));
        Assert.NotEqual(content, other);
        _storage.Files[new FileHandle(FileKind.Key, ObjectId.Of(other))] = other;
        await (await TestRepository.OpenAsync(_storage)).DisposeAsync();
    }
}
