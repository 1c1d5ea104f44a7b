using ProdOps.Servers.Inventory.Data;
using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Servers.Inventory.Sections;

/// <summary><c>Monitoring.Channels</c>: the ways by which people are told. A channel has one of the keys that say which way, and those others that such a way can use.</summary>
internal static class NotificationChannelsSection
{
    public static readonly Key<string> From = new("From", Kinds.Text, "Who mails are from: `'prodops@example.org'`.");
    public static readonly Key<IReadOnlyList<string>> To = new("To", Kinds.Texts, "Who mails go to.");
    private static readonly Key<HookTarget> Mail = new("Mail", new("host or `host:port`", static (node, context) => Plain(AddressKinds.HostAndPort.Read(node, context))), "A mail server. Without a port 587, or 465 with `Security = 'Tls'`.");
    private static readonly Key<HookTarget> Webhook = new("Webhook", new("URL; one that is a secret itself as a secret, see Secrets", static (node, context) =>
        node is DataTable ? SecretKeys.Kind.Read(node, context) is { } secret ? new HookTarget("", secret) : null : Plain(AddressKinds.Hook.Read(node, context))) { Schema = SecretKeys.Schema }, "A web address that messages are posted to.");

    private static readonly Key<HookTarget> Syslog = new("Syslog", new(AddressKinds.Syslog.Name, static (node, context) => Plain(AddressKinds.Syslog.Read(node, context))), "A syslog server.");
    private static readonly Key<HookTarget> Script = new("Script", new("text", static (node, context) => Plain(Kinds.ReadText(node, context, "a command line in quotes"))), "A command line of this machine; it gets the message as JSON.");
    private static readonly Key<MailSecurity?> Security = new("Security", Kinds.Choice<MailSecurity>(), "How the connection to a mail server is secured.") { Default = "`'Auto'`: TLS at port 465, STARTTLS at all others, which must be offered" };
    private static readonly Key<string> User = new("User", Kinds.Text, "The user to log in as.") { Default = "nobody logs in" };
    private static readonly Key<SecretReference> Password = new("Password", SecretKeys.Kind, "The user's password.");
    private static readonly Key<SecretReference> Token = new("Token", SecretKeys.Kind, "A bearer token; of PagerDuty the routing key.");
    private static readonly Key<WebhookTemplate?> Template = new("Template", Kinds.Choice<WebhookTemplate>(), "What the web address expects.") { Default = "`'Json'`" };
    private static readonly Key<string> Body = new("Body", HealthKinds.AnyText, "The body that is posted, in the place of a template, with `{title}`, `{text}`, `{severity}`, `{kind}`, `{id}`, `{environment}` and `{time}`.");
    private static readonly Key<IReadOnlyList<string>> Headers = new("Headers", HealthKinds.Headers, "Headers of the request; none that hold a secret.");
    public static readonly Key<SecretReference> SigningKey = new("SigningKey", SecretKeys.Kind, "A key that the receiver knows as well: each body is signed with it (HMAC-SHA256), so that the receiver can tell that it is ours and unchanged.") { Default = "nothing is signed" };
    public static readonly Key<string> SignatureHeader = new("SignatureHeader", Kinds.Name, "The header that the signature stands in, as `sha256=` and hexadecimal digits.") { Default = "`'X-Hub-Signature-256'`, as of GitHub's webhooks" };
    private static readonly Key<string> CaCertificate = new("CaCertificate", Kinds.FullPath, "A PEM file with the authorities to believe.") { Default = "those of the system" };
    private static readonly Key<TimeSpan?> Timeout = new("Timeout", HealthKinds.Lasting(TimeSpan.FromMilliseconds(1)), "How long one attempt may take.") { Default = "`'15s'`" };

    /// <summary>The ways there are, and the keys that are for such a way.</summary>
    public static IReadOnlyList<ChannelSort> Sorts { get; } =
    [
        new(NotificationChannelKind.Mail, Mail, [From, To, Security, User, Password, CaCertificate]),
        new(NotificationChannelKind.Webhook, Webhook, [Template, Body, Headers, SigningKey, SignatureHeader, User, Password, Token, CaCertificate]),
        new(NotificationChannelKind.Syslog, Syslog, [CaCertificate]),
        new(NotificationChannelKind.Script, Script, []),
    ];

    public static TableSchema Schema { get; } = new("Monitoring.Channels", [.. Sorts.Select(sort => sort.Key), .. Sorts.SelectMany(sort => sort.Uses).Distinct(), Timeout]);

    public static ValueKind<IReadOnlyList<Named<NotificationChannelEntry>>> Kind { get; } = TableKinds.ByName(Schema, static values => new NotificationChannelEntry(values, Bind(values)));

    private static NotificationChannel Bind(TableValues values)
    {
        var sort = Sorts.FirstOrDefault(sort => values.Get(sort.Key) is not null);
        var target = sort is null ? null : values.Get(sort.Key);
        var channel = new NotificationChannel
        {
            Name = "",
            Kind = sort?.Kind ?? default,
            Target = target?.Target ?? "",
            SecretTarget = target?.Secret,
            From = values.Get(From),
            To = values.Get(To) ?? [],
            Security = values.Get(Security) ?? MailSecurity.Auto,
            User = values.Get(User),
            Password = values.Get(Password),
            Token = values.Get(Token),
            Template = values.Get(Template) ?? WebhookTemplate.Json,
            Body = values.Get(Body),
            Headers = values.Get(Headers) ?? [],
            CaCertificate = values.Get(CaCertificate),
        };
        return channel with { SigningKey = values.Get(SigningKey), SignatureHeader = values.Get(SignatureHeader) ?? channel.SignatureHeader, Timeout = values.Get(Timeout) ?? channel.Timeout };
    }

    private static HookTarget? Plain(string? text) => text is null ? null : new HookTarget(text, null);
}

/// <summary>Where messages go: said in the file, or a secret.</summary>
internal sealed record HookTarget(string Target, SecretReference? Secret);

/// <summary>A sort of channel.</summary>
/// <param name="Kind">What kind of way.</param>
/// <param name="Key">The key that says where messages go.</param>
/// <param name="Uses">The keys that are of use to it, besides those that all channels have.</param>
internal sealed record ChannelSort(NotificationChannelKind Kind, Key<HookTarget> Key, IReadOnlyList<Key> Uses);

/// <summary>A channel as the file has it.</summary>
/// <param name="Values">What the file says, with positions.</param>
/// <param name="Channel">The same as an object, still without a name.</param>
internal sealed record NotificationChannelEntry(TableValues Values, NotificationChannel Channel);
