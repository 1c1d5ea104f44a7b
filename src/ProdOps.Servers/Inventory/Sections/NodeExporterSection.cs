using ProdOps.Servers.Inventory.Data;
using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Servers.Inventory.Sections;

/// <summary><c>NodeExporter</c> of a server: whether monitoring asks its node_exporter over HTTP in the place of a shell over SSH, and where.</summary>
internal static class NodeExporterSection
{
    private const string Usual = $"http://{HealthCheckHosts.ServerPlaceholder}:9100/metrics";

    // Said of a server so that the defaults do not hold for it.
    private static readonly NodeExporterOptions Off = new() { Url = "" };

    private static readonly Key<string> Url = new("Url", AddressKinds.OfServer("http://{server}:9100/metrics"), "The address of its metrics; `{server}` in it stands for the server's address.") { Default = $"`'{Usual}'`" };
    private static readonly Key<string> User = new("User", Kinds.Text, "The user to log in as.") { Default = "nobody logs in" };
    private static readonly Key<SecretReference> Password = new("Password", SecretKeys.Kind, "The user's password.");
    private static readonly Key<SecretReference> Token = new("Token", SecretKeys.Kind, "A bearer token, instead of a user.");
    private static readonly Key<string> CaCertificate = new("CaCertificate", Kinds.FullPath, "A PEM file with the authorities to believe.") { Default = "those of the system" };

    private static readonly TableSchema Schema = new("Servers.NodeExporter", [Url, User, Password, Token, CaCertificate]);

    public static ValueKind<NodeExporterOptions> Kind { get; } = new($"`$true` for `'{Usual}'`, `$false`, a URL, or a table, see Servers.NodeExporter", static (node, context) => node switch
    {
        DataScalar { Value: true } => new NodeExporterOptions { Url = Usual },
        DataScalar { Value: false } => Off,
        DataTable table => Bind(Schema.Read(table, context), context),
        _ => AddressKinds.OfServer(Usual).Read(node, context) is { } url ? new NodeExporterOptions { Url = url } : null,
    }) { Schema = Schema };

    /// <summary>What holds for a server of what was said of it; <see langword="null"/> for a shell over SSH.</summary>
    public static NodeExporterOptions? Of(NodeExporterOptions? said) => said is null || said.Url.Length == 0 ? null : said;

    private static NodeExporterOptions Bind(TableValues values, ReadContext context)
    {
        if (values.Get(User) is not null && values.Get(Token) is not null) context.Report(EnvironmentProblems.NodeExporterLoginTwice(values.PositionOf(Token)));
        else if (values.Get(Password) is not null && values.Get(User) is null) context.Report(EnvironmentProblems.MonitoringKeyUnused(values.PositionOf(Password), Password.Name, User.Name), Password.Name);
        return new NodeExporterOptions
        {
            Url = values.Get(Url) ?? Usual,
            User = values.Get(User),
            Password = values.Get(Password),
            Token = values.Get(Token),
            CaCertificate = values.Get(CaCertificate),
        };
    }
}
