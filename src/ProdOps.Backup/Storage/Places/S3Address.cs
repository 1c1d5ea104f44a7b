namespace ProdOps.Backup.Storage;

/// <summary>
/// A bucket of S3 or of a server that speaks its protocol: <c>s3:https://host:9000/bucket/prefix</c>, <c>s3:host/bucket/prefix</c>; a bucket alone,
/// <c>s3:bucket</c>, is one of Amazon's.
/// </summary>
internal sealed class S3Address : RepositoryAddress
{
    private S3Address(Uri? endpoint, bool writtenWithScheme, string bucket, string prefix)
    {
        (Endpoint, WrittenWithScheme, Bucket, Prefix) = (endpoint, writtenWithScheme, bucket, prefix);
    }

    /// <summary>The server; <see langword="null"/> for Amazon's own by region.</summary>
    public Uri? Endpoint { get; }

    public bool WrittenWithScheme { get; }

    public string Bucket { get; }

    /// <summary>What all names in the bucket begin with, without slashes around it; may be empty.</summary>
    public string Prefix { get; }

    public override string Location
    {
        get
        {
            string path = Prefix.Length == 0 ? Bucket : $"{Bucket}/{Prefix}";
            if (Endpoint is null) return $"s3:{path}";
            return WrittenWithScheme ? $"s3:{Endpoint.Scheme}://{Endpoint.Authority}/{path}" : $"s3:{Endpoint.Authority}/{path}";
        }
    }

    public static new S3Address Parse(string text)
    {
        bool scheme = text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("https://", StringComparison.OrdinalIgnoreCase);
        if (!scheme) text = text.TrimStart('/');
        if (!scheme && !text.TrimEnd('/').Contains('/')) return new S3Address(null, false, CheckBucket(text.TrimEnd('/')), "");
        if (!Uri.TryCreate(scheme ? text : "https://" + text, UriKind.Absolute, out var url) || url.Host.Length == 0 || url.Query.Length > 0 || url.Fragment.Length > 0)
            throw Invalid("no server, bucket and prefix follow: s3:https://host/bucket/prefix");
        if (url.UserInfo.Length > 0) throw Invalid("keys do not stand in it: they are AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the environment's User and Secret");
        string[] path = CleanPath("s3", Uri.UnescapeDataString(url.AbsolutePath)).Split('/', 2);
        return new S3Address(new Uri(url.GetLeftPart(UriPartial.Authority)), scheme, CheckBucket(path[0]), path.Length > 1 ? path[1] : "");
    }

    private static string CheckBucket(string bucket) =>
        bucket.Length is >= 3 and <= 255 && bucket.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_') && char.IsAsciiLetterOrDigit(bucket[0])
            ? bucket : throw Invalid("it names no bucket");

    private static ProdOpsException Invalid(string why) => BackupErrors.LocationInvalid("s3", why);
}
