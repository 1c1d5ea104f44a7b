using System.Globalization;
using ProdOps.Backup.Storage;

namespace ProdOps.Backup;

internal static partial class BackupErrors
{
    /// <param name="scheme">What stands before the colon. The rest is not repeated: it may hold a password.</param>
    /// <param name="why">What is wrong with the rest.</param>
    public static ProdOpsException LocationInvalid(string scheme, string why) => new(
        "LocationInvalid", ErrorKind.InvalidArgument,
        $"The repository's location begins with '{scheme}:', and {why}.",
        "Write it as restic does: /srv/backup, sftp:user@host:/srv/backup, rest:https://host:8000/, s3:https://host/bucket/prefix, azure:container:/prefix.") { Target = scheme };

    /// <param name="repository">The entry's name. The location is not repeated: it may hold a password.</param>
    public static ProdOpsException EnvironmentUrlInvalid(string repository) => new(
        "LocationInvalid", ErrorKind.InvalidArgument,
        $"The Url of the environment's repository '{repository}' is no place that there is a way to.",
        "Write it as restic does (sftp:user@host:/srv/backup, rest:https://host:8000/, s3:https://host/bucket/prefix, azure:container:/prefix); a folder is a Path.") { Target = repository };

    public static ProdOpsException SchemeUnsupported(string scheme) => new(
        "SchemeUnsupported", ErrorKind.NotSupported,
        $"Repositories in '{scheme}:' places cannot be reached directly.",
        "Have 'rclone serve restic' serve it, and name that server: rest:http://localhost:8080/.") { Target = scheme };

    public static ProdOpsException PlaceCredentialMissing(string location, string what, string advice) => new(
        "PlaceCredentialMissing", ErrorKind.Authentication, $"There is no {what} for '{location}'.", advice) { Target = location };

    /// <summary>The server wants to know who asks, or does not believe it. Asking again is of no use.</summary>
    public static ProdOpsException PlaceLoginFailed(string location, string? user) => new(
        "PlaceLoginFailed", ErrorKind.Authentication,
        user is null ? $"'{location}' asks for a user and a password, and none was given." : $"'{location}' does not accept the password of '{user}'.",
        "Check the user and the password (or keys): in the location, in the environment's User and Secret, or in restic's variables for this kind of place.") { Target = location };

    public static ProdOpsException PlaceDenied(string location, string operation, string status) => new(
        "PlaceDenied", ErrorKind.PermissionDenied,
        $"'{location}' refused to {operation} ({status}).",
        "The login may be limited, or the server set to append only: use a login that may, or do it on the server itself.") { Target = location };

    /// <summary>Packs for places elsewhere are made on this machine first.</summary>
    public static ProdOpsException TemporaryFileFailed(string folder, Exception inner) => new(
        "TemporaryFileFailed", ErrorKind.WriteError,
        $"A pack could not be made in the folder for temporary files, '{folder}': {inner.Message}",
        "Make room there, or let TMPDIR (TMP on Windows) name a folder with some 200 MB free.", inner) { Target = folder };

    /// <summary>A limit on one file, not on all of them: there may be plenty of room.</summary>
    public static ProdOpsException PlaceFileTooLarge(string location, string operation, string status) => new(
        "PlaceFileTooLarge", ErrorKind.WriteError,
        $"'{location}' takes no file of that size: it refused to {operation} ({status}).",
        "Raise the limit of the server or of a proxy before it (nginx: client_max_body_size), or make smaller packs with -PackSize.") { Target = location };

    /// <summary>Deleting is what an append-only server is there to refuse.</summary>
    public static ProdOpsException PlaceAppendOnly(string location, FileHandle file, string status) => new(
        "PlaceAppendOnly", ErrorKind.PermissionDenied,
        $"'{location}' refused to delete the {NameOf(file)} ({status}): it takes new backups and gives none away.",
        "Remove backups where the repository lies, or with a login that may delete.") { Target = location };

    public static ProdOpsException PlaceNotTrusted(string location, string reason, Exception? inner = null) => new(
        "PlaceNotTrusted", ErrorKind.Authentication,
        $"The certificate of '{location}' is not trusted: {reason}.",
        "Name the file of the authority that signed it with -CACertificate, or put it among those the system trusts.", inner) { Target = location };

    public static ProdOpsException PlaceMisbehaves(string location, string what) => new(
        "PlaceMisbehaves", ErrorKind.InvalidData,
        $"'{location}' answers as no server of its kind does: {what}.",
        "Check that the address leads to what it should and not to a proxy or a web site.") { Target = location };

    public static ProdOpsException BucketNotFound(string location, string name) => new(
        "BucketNotFound", ErrorKind.NotFound,
        $"'{location}' has no '{name}'.",
        "Make it with the provider's tools, or correct the name.") { Target = location };

    public static ProdOpsException CaCertificateUnreadable(string path, Exception inner) => new(
        "CaCertificateUnreadable", inner is FileNotFoundException or DirectoryNotFoundException ? ErrorKind.NotFound : ErrorKind.ReadError,
        $"The certificates in '{path}' cannot be read: {inner.Message}",
        "Name a file of certificates in PEM form.", inner) { Target = path };

    /// <summary>What may be different in a moment: no answer, a cut connection, a server that is busy.</summary>
    public static StorageTroubleException PlaceUnreachable(string location, string reason, Exception? inner = null, TimeSpan? retryAfter = null, bool isConnecting = false) => new(
        "PlaceUnreachable", ErrorKind.ResourceUnavailable,
        $"'{location}' cannot be reached: {reason}",
        "Check the network and the server; what was stored already is used again by the next run.", inner) { Target = location, RetryAfter = retryAfter, IsConnecting = isConnecting };

    public static StorageTroubleException PlaceStalled(string location, TimeSpan silence) => new(
        "PlaceStalled", ErrorKind.Timeout,
        string.Create(CultureInfo.InvariantCulture, $"'{location}' has sent and taken nothing for {silence.TotalSeconds:0} s."),
        "Check the network and the server; what was stored already is used again by the next run.") { Target = location };

    public static StorageTroubleException PlaceBusy(string location, string status, TimeSpan? retryAfter) => new(
        "PlaceBusy", ErrorKind.ResourceUnavailable,
        $"'{location}' could not answer ({status}).",
        "Look at the server and its log; what was stored already is used again by the next run.") { Target = location, RetryAfter = retryAfter };
}
