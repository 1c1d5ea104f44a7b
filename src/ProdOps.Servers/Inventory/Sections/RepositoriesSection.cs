using ProdOps.Servers.Inventory.Data;
using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Servers.Inventory.Sections;

/// <summary><c>Repositories</c>: where backups are kept.</summary>
internal static class RepositoriesSection
{
    private static readonly string[] Schemes = ["sftp:", "rest:", "s3:", "azure:"];

    private static readonly Key<string> Path = new("Path", Kinds.FullPath, "The repository's folder; a relative one is below the folder of the environment's file.");

    private static readonly Key<string> Url = new("Url", new("URL", static (node, context) => ReadUrl(node, context)), "Where the repository is, as restic writes it, when it is not a folder of this machine: `sftp:user@host:/folder`, `rest:https://host:8000/`, `s3:https://host/bucket/prefix`, `azure:container:/prefix`.");
    private static readonly Key<string> Server = new("Server", Kinds.Name, "The server whose disks it lies on, where path and URL do not show it: a mounted export.") { Default = "this machine for a path, else the server with the URL's host" };
    private static readonly Key<string> Site = new("Site", Kinds.Name, "The site that it lies in.") { Default = "its server's" };
    private static readonly Key<SecretReference> Password = new("Password", SecretKeys.Kind, "The repository's password.");

    private static readonly Key<string> User = new("User", Kinds.Text, "Who asks at the place: the user of a REST server, the id of an S3 access key, the name of an Azure account.") { Default = "the one in the URL, else restic's variable" };
    private static readonly Key<SecretReference> Secret = new("Secret", SecretKeys.Kind, "What proves it: the REST user's password, the S3 secret key, the Azure account's key or shared access signature.") { Default = "restic's variable" };
    private static readonly Key<string> Region = new("Region", Kinds.Text, "The region of an S3 bucket.") { Default = "`$env:AWS_DEFAULT_REGION`, else us-east-1" };
    private static readonly Key<string> CaCertificate = new("CACertificate", Kinds.FullPath, "A file of certificates in PEM form to trust instead of the system's.") { Default = "`$env:RESTIC_CACERT`, else the system's" };

    private static readonly Key<long?> LimitUpload = new("LimitUpload", Kinds.SizeLimit, "How many bytes a second may be sent there.") { Default = "no limit" };
    private static readonly Key<long?> LimitDownload = new("LimitDownload", Kinds.SizeLimit, "How many bytes a second may be read from there.") { Default = "no limit" };

    public static TableSchema Schema { get; } = new("Repositories", [Path, Url, Server, Site, Password, User, Secret, Region, CaCertificate, LimitUpload, LimitDownload]);

    public static ValueKind<IReadOnlyList<Named<RepositoryEntry>>> Kind { get; } = TableKinds.ByName(Schema, static values =>
        new RepositoryEntry(values.Position, values.Get(Path), values.Get(Url), new Located<string?>(values.Get(Server), values.PositionOf(Server)), values.Get(Site), new PlaceAccess(
            values.Get(Password), values.Get(User), values.Get(Secret), values.Get(Region), values.Get(CaCertificate), values.Get(LimitUpload), values.Get(LimitDownload))));

    private static string? ReadUrl(DataNode node, ReadContext context)
    {
        if (Kinds.ReadText(node, context, "a URL in quotes") is not { } text) return null;
        if (SecretKeys.HasPassword(text)) context.Report(EnvironmentProblems.PasswordInUrl(node.Position, context.Path));
        // What follows the scheme is read by whoever opens the place.
        else if (Schemes.Any(scheme => text.Length > scheme.Length && text.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))) return text;
        else context.Report(EnvironmentProblems.InvalidValue(node.Position, "Url", text, "Write it as restic does: sftp:user@host:/folder, rest:https://host:8000/, s3:https://host/bucket/prefix, azure:container:/prefix; a folder of this machine is a Path."));
        return null;
    }
}

/// <summary>A repository as the file has it.</summary>
internal sealed record RepositoryEntry(SourcePosition Position, string? Path, string? Url, Located<string?> Server, string? Site, PlaceAccess Access);

/// <summary>What opens a repository and its place.</summary>
internal sealed record PlaceAccess(
    SecretReference? Password, string? User, SecretReference? Secret, string? Region, string? CaCertificate, long? LimitUpload, long? LimitDownload);
