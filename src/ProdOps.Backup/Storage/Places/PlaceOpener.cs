using System.Text;
using ProdOps.Servers.Secrets;

namespace ProdOps.Backup.Storage;

/// <summary>Opens the place of a repository. A folder is used directly; before everything else stand retries, bounds and, if wanted, a cache.</summary>
internal static class PlaceOpener
{
    /// <summary>How many bytes of one repository's indexes, snapshots and trees are kept on this machine.</summary>
    private const long CacheLimit = 4L << 30;

    /// <param name="address">Where.</param>
    /// <param name="credentials">Who asks.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Stops fetching secrets.</param>
    /// <param name="retry">How long a place elsewhere is asked again, if not as usual.</param>
    public static async Task<IStorage> OpenAsync(
        RepositoryAddress address, PlaceCredentials credentials, TransferOptions options, CancellationToken cancellationToken, RetryOptions? retry = null)
    {
        if (address is FolderAddress folder) return new LocalStorage(folder.Location, options.Time);
        IStorage place = address switch
        {
            RestAddress rest => await OpenRestAsync(rest, credentials, options, cancellationToken),
            S3Address s3 => await OpenS3Async(s3, credentials, options, cancellationToken),
            AzureAddress azure => await OpenAzureAsync(azure, credentials, options, cancellationToken),
            SftpAddress sftp when options.ConnectSftp is { } connect => new SftpStorage(sftp, token => connect(sftp, token), options),
            _ => throw BackupErrors.SchemeUnsupported(address.Location[..address.Location.IndexOf(':', StringComparison.Ordinal)]),
        };
        var resilient = new ResilientStorage(place, retry ?? new RetryOptions(), options.Time, options.Activity);
        return options.CacheRoot is { } root ? new CachedStorage(resilient, new CacheFolder(root, CacheLimit, options.Time)) : resilient;
    }

    private static async Task<IStorage> OpenS3Async(S3Address address, PlaceCredentials credentials, TransferOptions options, CancellationToken cancellationToken)
    {
        using var secret = await SecretOfAsync(address, credentials, "AWS_SECRET_ACCESS_KEY", cancellationToken)
            ?? throw BackupErrors.PlaceCredentialMissing(address.Location, "secret key", CloudPlaces.KeyAdvice);
        return CloudPlaces.OpenS3(address, credentials, secret, options);
    }

    private static async Task<IStorage> OpenAzureAsync(AzureAddress address, PlaceCredentials credentials, TransferOptions options, CancellationToken cancellationToken)
    {
        using var secret = await SecretOfAsync(address, credentials, Variable("AZURE_ACCOUNT_KEY") is null ? "AZURE_ACCOUNT_SAS" : "AZURE_ACCOUNT_KEY", cancellationToken)
            ?? throw BackupErrors.PlaceCredentialMissing(address.Location, "key", CloudPlaces.AzureAdvice);
        return CloudPlaces.OpenAzure(address, credentials, secret, options);
    }

    private static async Task<IStorage> OpenRestAsync(RestAddress address, PlaceCredentials credentials, TransferOptions options, CancellationToken cancellationToken)
    {
        string? user = address.User ?? credentials.User ?? Variable("RESTIC_REST_USERNAME");
        using var password = user is null ? null : await SecretOfAsync(address, credentials, "RESTIC_REST_PASSWORD", cancellationToken);
        return new RestStorage(address, new RestClient(address, user, password is null ? default : password.Bytes.Span, options), options);
    }

    private static async ValueTask<Secret?> SecretOfAsync(RepositoryAddress address, PlaceCredentials credentials, string variable, CancellationToken cancellationToken)
    {
        if (address.Password is { } password) return new Secret(Encoding.UTF8.GetBytes(password));
        var source = credentials.Secret ?? (Variable(variable) is null ? null : SecretSource.FromVariable(variable));
        return source is null ? null : await source.ResolveAsync(cancellationToken);
    }

    public static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
