using ProdOps.Servers.Inventory.Data;

namespace ProdOps.Servers.Inventory.Schema;

/// <summary>Secrets: the file says where they are and never holds them. What stands there in the clear is refused and not repeated.</summary>
internal static class SecretKeys
{
    private static readonly Key<string> File = new("File", Kinds.Text, "A file that holds the secret and that its owner alone can read. A relative path is below the folder of the environment's file.");
    private static readonly Key<string> Variable = new("Variable", Kinds.Text, "An environment variable that holds it.");
    private static readonly Key<string> Secret = new("Secret", Kinds.Text, "The name of a secret of the SecretManagement module.");
    private static readonly Key<string> Command = new("Command", Kinds.Text, "A command that prints it. It is run without a shell.");

    private static readonly string[] SecretNames = ["Password", "Passphrase", "Secret", "Token", "ApiKey", "AccessKey", "SecretKey", "Credential"];

    private static readonly string[] SecretHeaders = ["Authorization", "Proxy-Authorization", "Cookie", "X-Auth-Key", "Routing-Key"];

    public static TableSchema Schema { get; } = new("Secrets", [File, Variable, Secret, Command]);

    public static ValueKind<SecretReference> Kind { get; } = new("secret, see Secrets", static (node, context) =>
    {
        if (node is not DataTable table)
        {
            context.Report(EnvironmentProblems.SecretInClear(node.Position, context.Path));
            return null;
        }

        var values = Schema.Read(table, context);
        SecretReference[] given =
        [
            .. from source in new[] { (SecretKind.File, File), (SecretKind.Variable, Variable), (SecretKind.Secret, Secret), (SecretKind.Command, Command) }
               let text = values.Get(source.Item2)
               where text is not null
               select new SecretReference(source.Item1, source.Item1 == SecretKind.File ? Kinds.FullPathOf(text, node) : text),
        ];
        if (given.Length == 1) return given[0];
        // A table with an unknown or an empty key has been told about already.
        if (given.Length > 1 || table.Entries.Count == 0) context.Report(EnvironmentProblems.SecretSourceCount(node.Position, context.Path));
        return null;
    }) { Schema = Schema };

    /// <summary>True for a URL of the form <c>scheme://user:password@host</c>.</summary>
    public static bool HasPassword(string text)
    {
        int begin = text.IndexOf("://", StringComparison.Ordinal);
        if (begin < 0) return false;
        var rest = text.AsSpan(begin + 3);
        int slash = rest.IndexOf('/');
        var authority = slash < 0 ? rest : rest[..slash];
        int at = authority.LastIndexOf('@');
        return at > 0 && authority[..at].Contains(':');
    }

    /// <summary>True for a header of HTTP whose value gives leave to do something.</summary>
    public static bool IsSecretHeader(string name) =>
        IsSecretName(name.Replace("-", "", StringComparison.Ordinal)) || SecretHeaders.Contains(name, StringComparer.OrdinalIgnoreCase);

    private static bool IsSecretName(string name) => SecretNames.Any(word => name.EndsWith(word, StringComparison.OrdinalIgnoreCase));
}
