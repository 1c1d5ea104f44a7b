using System.Security.Cryptography;
using System.Text.Json;
using ProdOps.Backup.Chunking;
using ProdOps.Backup.Crypto;
using ProdOps.Backup.Storage;

namespace ProdOps.Backup.Repositories;

/// <summary>An open restic repository. Owns its storage. Members may be called from several threads at once.</summary>
internal sealed partial class Repository : IAsyncDisposable
{
    private readonly UnlockedKey _key;
    private bool _sharesStorage;

    private Repository(IStorage storage, UnlockedKey key, RepositoryConfig config, TimeProvider timeProvider)
    {
        Storage = storage;
        _key = key;
        Config = config;
        TimeProvider = timeProvider;
    }

    public IStorage Storage { get; }

    public RepositoryConfig Config { get; }

    public TimeProvider TimeProvider { get; }

    public MasterKey Key => _key.Key;

    /// <summary>The key file that opened the repository.</summary>
    public ObjectId KeyId => _key.Id;

    public string Location => Storage.Location;

    /// <summary>Makes a new repository and opens it. Fails if there is one already.</summary>
    public static async Task<Repository> InitializeAsync(
        IStorage storage, ReadOnlyMemory<byte> passwordUtf8, RepositoryInitializeOptions options, TimeProvider timeProvider,
        CancellationToken cancellationToken)
    {
        if (options.Version is < RepositoryConfig.MinVersion or > RepositoryConfig.MaxVersion)
            throw BackupErrors.UnsupportedRepositoryVersion(storage.Location, options.Version);
        if (await storage.FindAsync(FileHandle.Config, cancellationToken) is not null
            || await AnyAsync(storage, FileKind.Key, cancellationToken)
            || await AnyAsync(storage, FileKind.Snapshot, cancellationToken))
        {
            throw BackupErrors.RepositoryExists(storage.Location);
        }

        var master = MasterKey.Generate();
        var keyFile = await Task.Run(
            () => KeyFile.Create(passwordUtf8, master, options.UserName, options.HostName, timeProvider, options.KeyParameters), cancellationToken);
        var config = new RepositoryConfig(
            options.Version, new ObjectId(RandomNumberGenerator.GetBytes(ObjectId.Size)), options.Polynomial ?? ChunkerPolynomial.Generate());

        await storage.CreateAsync(cancellationToken);
        // The key before the config: a repository with a config is complete.
        byte[] json = keyFile.ToJson();
        var key = new UnlockedKey(master, ObjectId.Of(json));
        await storage.WriteAsync(new FileHandle(FileKind.Key, key.Id), json, cancellationToken);
        try
        {
            await storage.WriteAsync(FileHandle.Config, Seal(master, config.ToJson()), cancellationToken);
        }
        catch
        {
            await TakeBackAsync(storage, key.Id, timeProvider);
            throw;
        }

        return new Repository(storage, key, config, timeProvider);
    }

    /// <summary>Removes the key of a repository whose config was not stored. One of which only the answer was lost is complete, and keeps it. What fails here is not what is to be told.</summary>
    private static async Task TakeBackAsync(IStorage storage, ObjectId key, TimeProvider timeProvider)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1), timeProvider);
        try
        {
            if (await storage.FindAsync(FileHandle.Config, limit.Token) is null) await storage.DeleteAsync(new FileHandle(FileKind.Key, key), limit.Token);
        }
        catch (Exception error) when (error is ProdOpsException or OperationCanceledException)
        {
            // A key without a config opens nothing.
        }
    }

    /// <summary>Opens a repository by a password.</summary>
    public static async Task<Repository> OpenAsync(
        IStorage storage, ReadOnlyMemory<byte> passwordUtf8, TimeProvider timeProvider, CancellationToken cancellationToken) =>
        await OpenAsync(storage, await UnlockAsync(storage, passwordUtf8, cancellationToken), timeProvider, cancellationToken);

    /// <summary>Opens a repository by a key that <see cref="UnlockAsync"/> gave, now or earlier in this process.</summary>
    public static async Task<Repository> OpenAsync(
        IStorage storage, UnlockedKey key, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        if (await storage.FindAsync(FileHandle.Config, cancellationToken) is null) throw await NoConfigAsync(storage, cancellationToken);
        byte[] stored = await storage.ReadAllAsync(FileHandle.Config, cancellationToken);
        if (stored.Length < MasterKey.Overhead || !key.Key.TryOpen(stored, stored.AsSpan(16..^16)))
            throw BackupErrors.FileDamaged(FileHandle.Config, storage.Location, "its seal is broken");
        try
        {
            var json = stored.AsMemory(16..^16);
            long version = RepositoryConfig.ReadVersion(json);
            if (version > RepositoryConfig.MaxVersion) throw BackupErrors.UnsupportedRepositoryVersion(storage.Location, version);
            var config = RepositoryConfig.Parse(json);
            storage.Cache?.Begin(config.Id);
            return new Repository(storage, key, config, timeProvider);
        }
        catch (JsonException error)
        {
            throw BackupErrors.FileDamaged(FileHandle.Config, storage.Location, error.Message, error);
        }
    }

    /// <summary>
    /// The same repository once more, with no index loaded, for a run beside others: what one of them has claimed and not stored yet must not
    /// be built upon by another. Dispose it before this one.
    /// </summary>
    public Repository OpenBeside() => new(Storage, _key, Config, TimeProvider) { _sharesStorage = true };

    public async ValueTask DisposeAsync()
    {
        while (_openers.TryTake(out var opener)) opener.Dispose();
        if (!_sharesStorage) await Storage.DisposeAsync();
    }

    private static async Task<ProdOpsException> NoConfigAsync(IStorage storage, CancellationToken cancellationToken)
    {
        if (!await storage.ExistsAsync(cancellationToken)) return BackupErrors.RepositoryNotFound(storage.Location);
        return await AnyAsync(storage, FileKind.Key, cancellationToken)
            ? BackupErrors.ConfigMissing(storage.Location)
            : BackupErrors.NotARepository(storage.Location);
    }

    private static async Task<bool> AnyAsync(IStorage storage, FileKind kind, CancellationToken cancellationToken)
    {
        await foreach (var _ in storage.ListAsync(kind, cancellationToken)) return true;
        return false;
    }

    private static byte[] Seal(MasterKey key, ReadOnlySpan<byte> plaintext)
    {
        byte[] stored = GC.AllocateUninitializedArray<byte>(plaintext.Length + MasterKey.Overhead);
        key.Seal(plaintext, stored);
        return stored;
    }
}
