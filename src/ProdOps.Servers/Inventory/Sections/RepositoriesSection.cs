using ProdOps.Servers.Inventory.Data;
using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Servers.Inventory.Sections;

/// <summary><c>Repositories</c>: where backups are kept.</summary>
internal static class RepositoriesSection
{
    private static readonly Key<string> Path = new("Path", new("path", static (node, context) =>
        Kinds.ReadText(node, context, "a path in quotes") is { } text ? Kinds.FullPathOf(text, node) : null), "The repository's folder; a relative one is below the folder of the environment's file.");

    private static readonly Key<string> Url = new("Url", new("URL", static (node, context) => ReadUrl(node, context)), "The repository's URL, when it is not a folder of this machine: `sftp://user@host/folder`.");
    private static readonly Key<SecretReference> Password = new("Password", SecretKeys.Kind, "The repository's password.");

    public static TableSchema Schema { get; } = new("Repositories", [Path, Url, Password]);

    public static ValueKind<IReadOnlyList<Named<RepositoryEntry>>> Kind { get; } = TableKinds.ByName(Schema, static values =>
        new RepositoryEntry(values.Position, values.Get(Path), values.Get(Url), values.Get(Password)));

    private static string? ReadUrl(DataNode node, ReadContext context)
    {
        if (Kinds.ReadText(node, context, "a URL in quotes") is not { } text) return null;
        if (SecretKeys.HasPassword(text)) context.Report(EnvironmentProblems.PasswordInUrl(node.Position, context.Path));
        else if (Uri.TryCreate(text, UriKind.Absolute, out var url) && text.Contains("://", StringComparison.Ordinal) && url.Scheme.Length > 1) return text;
        else context.Report(EnvironmentProblems.InvalidValue(node.Position, "Url", text, "Write a URL such as sftp://user@host/folder, or a folder of this machine as Path."));
        return null;
    }
}

/// <summary>A repository as the file has it.</summary>
internal sealed record RepositoryEntry(SourcePosition Position, string? Path, string? Url, SecretReference? Password);
