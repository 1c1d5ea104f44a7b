using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using System.Text;
using ProdOps.Backup;
using ProdOps.Backup.Storage;
using ProdOps.Cmdlets.Servers;
using ProdOps.Servers.Connections;
using ProdOps.Servers.Inventory.Schema;
using ProdOps.Servers.Secrets;

namespace ProdOps.Cmdlets.Places;

/// <summary>Where a repository is, and what the environment's file says about it.</summary>
/// <param name="Address">Where.</param>
/// <param name="Entry">Its entry in the environment, if it has one.</param>
internal sealed record RepositoryPlace(RepositoryAddress Address, EnvironmentRepository? Entry)
{
    // What the pipeline hands on is a location without its password; the session remembers the password until it ends.
    private static readonly ConditionalWeakTable<Runspace, Dictionary<string, RepositoryAddress>> Remembered = [];

    /// <summary>The location, without secrets.</summary>
    public string Location => Address.Location;

    /// <summary>What the environment says about who asks there.</summary>
    /// <param name="vault">Reads the session's vaults, where there is a session.</param>
    public PlaceCredentials Credentials(ISecretVault? vault) => Entry is null ? PlaceCredentials.None : new PlaceCredentials
    {
        User = Entry.User,
        Secret = Entry.Secret is { } secret ? SecretSource.From(secret, vault) : null,
        Region = Entry.Region,
    };

    /// <summary>How the environment says that bytes go there.</summary>
    /// <param name="shells">The session's connections, for places that are reached by SSH.</param>
    public TransferOptions Transfer(ServerShells? shells = null) => new()
    {
        Upload = Entry?.LimitUpload is { } upload ? new RateLimit(upload, TimeProvider.System) : null,
        Download = Entry?.LimitDownload is { } download ? new RateLimit(download, TimeProvider.System) : null,
        CacheRoot = CacheFolder.DefaultRoot,
        // Without a command in hand there is no vault to ask.
        ConnectSftp = Address is SftpAddress && shells is not null ? new SftpConnector(shells, environment: null, static server => new ConnectionTarget(server), SilentActivity.Instance).ConnectAsync : null,
        CaCertificate = Entry?.CACertificate ?? (Environment.GetEnvironmentVariable("RESTIC_CACERT") is { Length: > 0 } file ? file : null),
    };

    /// <summary>The place that a text names: a repository of the environment, a location as restic writes it, or a folder. Runs on the pipeline thread.</summary>
    /// <param name="session">The session.</param>
    /// <param name="named">The text; without one what restic's variables say.</param>
    /// <param name="environment">The environment's file, if it was named.</param>
    /// <exception cref="ProdOpsException">There is no text, or it names nothing.</exception>
    public static RepositoryPlace Find(SessionState session, string? named, string? environment = null)
    {
        string text = string.IsNullOrEmpty(named) ? FromVariables() ?? throw BackupErrors.RepositoryNotNamed() : named;
        var address = RepositoryAddress.Parse(text);
        if (address is null or FolderAddress)
        {
            string path = address?.Location ?? text;
            if (address is null && Kinds.IsName(text) && FindByName(session, text, environment) is { } entry) return Of(entry);
            address = new FolderAddress(Path.GetFullPath(session.Path.GetUnresolvedProviderPathFromPSPath(path)));
        }

        return new RepositoryPlace(Remember(address), FindByLocation(session, address.Location, environment));
    }

    /// <summary>What restic's variables say, or <see langword="null"/>.</summary>
    public static string? FromVariables()
    {
        if (Environment.GetEnvironmentVariable("RESTIC_REPOSITORY") is { Length: > 0 } named) return named;
        if (Environment.GetEnvironmentVariable("RESTIC_REPOSITORY_FILE") is not { Length: > 0 } file) return null;
        try
        {
            return File.ReadAllText(file).Trim() is { Length: > 0 } text ? text : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw BackupErrors.StorageReadFailed(file, error.Message, error);
        }
    }

    /// <summary>The place of an entry of the environment.</summary>
    public static RepositoryPlace Of(EnvironmentRepository entry) => new(AddressOf(entry), entry);

    private static RepositoryAddress AddressOf(EnvironmentRepository entry) =>
        entry.Url is { } url ? RepositoryAddress.Parse(url) ?? throw BackupErrors.EnvironmentUrlInvalid(entry.Name) : new FolderAddress(entry.Path!);

    /// <summary>A folder of that name is meant only where the environment has no such repository, or cannot be read.</summary>
    private static EnvironmentRepository? FindByName(SessionState session, string name, string? environment)
    {
        try
        {
            var loaded = SessionEnvironment.Of(session, environment).Load();
            return loaded?.Repositories.FirstOrDefault(repository => repository.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        }
        catch (ProdOpsException) when (environment is null && Directory.Exists(session.Path.GetUnresolvedProviderPathFromPSPath(name)))
        {
            return null;
        }
    }

    /// <summary>What is known of a place that was not named by its name must not fail because of an environment that was not asked for.</summary>
    private static EnvironmentRepository? FindByLocation(SessionState session, string location, string? environment) =>
        SessionEnvironment.Of(session, environment).TryLoad()?.Repositories.FirstOrDefault(entry => IsAt(entry, location));

    private static bool IsAt(EnvironmentRepository entry, string location)
    {
        try
        {
            return AddressOf(entry).Location.Equals(location, StringComparison.Ordinal);
        }
        catch (ProdOpsException)
        {
            return false;
        }
    }

    private static RepositoryAddress Remember(RepositoryAddress address)
    {
        if (Runspace.DefaultRunspace is not { } runspace) return address;
        var known = Remembered.GetOrCreateValue(runspace);
        lock (known)
        {
            if (address.Password is { } password)
            {
                SecretRedactor.Shared.Learn(Encoding.UTF8.GetBytes(password));
                known[address.Location] = address;
            }
            else if (known.TryGetValue(address.Location, out var before))
            {
                return before;
            }
        }

        return address;
    }
}
