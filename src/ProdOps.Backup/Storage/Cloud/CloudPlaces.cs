using System.Text;
using Amazon.Runtime;
using Amazon.S3;
using Azure;
using Azure.Core.Pipeline;
using Azure.Storage;
using Azure.Storage.Blobs;
using ProdOps.Servers.Secrets;

namespace ProdOps.Backup.Storage;

/// <summary>Makes the clients of object stores. Their own retries are off: one place decides what is tried again.</summary>
internal static class CloudPlaces
{
    /// <summary>S3. Keys are the environment's, or those of Amazon's usual variables.</summary>
    public static S3Storage OpenS3(S3Address address, PlaceCredentials credentials, Secret secret, TransferOptions options)
    {
        string user = credentials.User ?? PlaceOpener.Variable("AWS_ACCESS_KEY_ID") ?? throw BackupErrors.PlaceCredentialMissing(address.Location, "access key", KeyAdvice);
        var http = new PlaceHttp(address.Location, options);
        string region = credentials.Region ?? PlaceOpener.Variable("AWS_DEFAULT_REGION") ?? PlaceOpener.Variable("AWS_REGION") ?? "us-east-1";
        var config = new AmazonS3Config
        {
            MaxErrorRetry = 0,
            HttpClientFactory = new S3HttpFactory(http),
            // Checksums beside the one that we send ourselves, which many servers do not know.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        if (address.Endpoint is { } endpoint)
        {
            config.ServiceURL = endpoint.ToString();
            config.AuthenticationRegion = region;
            config.ForcePathStyle = true;
            config.UseHttp = endpoint.Scheme == "http";
        }
        else
        {
            config.RegionEndpoint = Amazon.RegionEndpoint.GetBySystemName(region);
        }

        string key = Encoding.UTF8.GetString(secret.Bytes.Span);
        AWSCredentials keys = PlaceOpener.Variable("AWS_SESSION_TOKEN") is { } token && credentials.Secret is null ? new SessionAWSCredentials(user, key, token) : new BasicAWSCredentials(user, key);
        return new S3Storage(address, new AmazonS3Client(keys, config), http, user, options);
    }

    /// <summary>Azure. The secret is the account's key, or a shared access signature.</summary>
    public static AzureStorage OpenAzure(AzureAddress address, PlaceCredentials credentials, Secret secret, TransferOptions options)
    {
        string account = credentials.User ?? PlaceOpener.Variable("AZURE_ACCOUNT_NAME") ?? throw BackupErrors.PlaceCredentialMissing(address.Location, "account", AzureAdvice);
        string suffix = PlaceOpener.Variable("AZURE_ENDPOINT_SUFFIX") ?? "core.windows.net";
        return OpenAzure(address, account, new Uri($"https://{account}.blob.{suffix}/{address.Container}"), secret, options);
    }

    /// <summary>Azure at an address of its own.</summary>
    public static AzureStorage OpenAzure(AzureAddress address, string account, Uri container, Secret secret, TransferOptions options)
    {
        var http = new PlaceHttp(address.Location, options);
        var clientOptions = new BlobClientOptions { Transport = new HttpClientTransport(new HttpClient(http.Handler) { Timeout = Timeout.InfiniteTimeSpan }) };
        clientOptions.Retry.MaxRetries = 0;
        clientOptions.Retry.NetworkTimeout = Timeout.InfiniteTimeSpan;
        string key = Encoding.UTF8.GetString(secret.Bytes.Span);
        // A signature is a query (sv=…&sig=…); a key is base64 and has no such thing in it.
        var client = key.Contains("sig=", StringComparison.Ordinal)
            ? new BlobContainerClient(container, new AzureSasCredential(key.TrimStart('?')), clientOptions)
            : new BlobContainerClient(container, ToKey(address, account, key), clientOptions);
        return new AzureStorage(address, client, http, account, options);
    }

    public const string KeyAdvice = "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the repository a User and a Secret in the environment.";
    public const string AzureAdvice = "Set AZURE_ACCOUNT_NAME and AZURE_ACCOUNT_KEY (or AZURE_ACCOUNT_SAS), or give the repository a User and a Secret in the environment.";

    private static StorageSharedKeyCredential ToKey(AzureAddress address, string account, string key)
    {
        try
        {
            return new StorageSharedKeyCredential(account, key);
        }
        catch (FormatException)
        {
            throw BackupErrors.PlaceLoginFailed(address.Location, account);
        }
    }
}
