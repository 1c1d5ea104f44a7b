namespace ProdOps;

/// <summary>A way by which people are told.</summary>
public sealed record NotificationChannel
{
    /// <summary>The name that routes refer to.</summary>
    public required string Name { get; init; }

    /// <summary>What kind of way.</summary>
    public NotificationChannelKind Kind { get; init; }

    /// <summary>Where messages go: a mail server <c>host:port</c> (Mail), an URL (Webhook), <c>udp://host:514</c>, <c>tcp://host:514</c>, <c>tls://host:6514</c> or empty for this machine's own (Syslog), a command line (Script).</summary>
    public string Target { get; init; } = "";

    /// <summary>Where a target that is a secret comes from, such as the URL of a webhook; <see langword="null"/> where <see cref="Target"/> says it.</summary>
    public SecretReference? SecretTarget { get; init; }

    /// <summary>Who mails are from.</summary>
    public string? From { get; init; }

    /// <summary>Who mails go to.</summary>
    public IReadOnlyList<string> To { get; init => field = Indexable.Of(value); } = [];

    /// <summary>How a connection to a mail server is secured.</summary>
    public MailSecurity Security { get; init; }

    /// <summary>The user to log in as.</summary>
    public string? User { get; init; }

    /// <summary>Where the user's password comes from.</summary>
    public SecretReference? Password { get; init; }

    /// <summary>Where a bearer token or a routing key (PagerDuty) comes from.</summary>
    public SecretReference? Token { get; init; }

    /// <summary>What a webhook expects.</summary>
    public WebhookTemplate Template { get; init; }

    /// <summary>The body of a webhook in the place of a template, with <c>{title}</c>, <c>{text}</c>, <c>{severity}</c>, <c>{kind}</c>, <c>{id}</c>, <c>{environment}</c> and <c>{time}</c>, each escaped for JSON.</summary>
    public string? Body { get; init; }

    /// <summary>Headers of a webhook, each as <c>Name: value</c>.</summary>
    public IReadOnlyList<string> Headers { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Where the key comes from with which a webhook's body is signed (HMAC-SHA256); <see langword="null"/> for no signature.</summary>
    public SecretReference? SigningKey { get; init; }

    /// <summary>The header that holds the signature, as <c>sha256=</c> and hexadecimal digits.</summary>
    public string SignatureHeader { get; init; } = "X-Hub-Signature-256";

    /// <summary>The full path of a PEM file with the authorities to believe; <see langword="null"/> for those of the system.</summary>
    public string? CaCertificate { get; init; }

    /// <summary>How long one attempt may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The name.</summary>
    /// <returns><see cref="Name"/>.</returns>
    public override string ToString() => Name;
}

/// <summary>The kinds of ways by which people are told.</summary>
public enum NotificationChannelKind
{
    /// <summary>Mail by SMTP.</summary>
    Mail,

    /// <summary>A request to a web address.</summary>
    Webhook,

    /// <summary>A syslog message.</summary>
    Syslog,

    /// <summary>A program, which gets the message as JSON.</summary>
    Script,
}

/// <summary>How a connection to a mail server is secured.</summary>
public enum MailSecurity
{
    /// <summary>TLS from the start at port 465; STARTTLS at all others, which must be offered.</summary>
    Auto,

    /// <summary>STARTTLS; without it nothing is sent.</summary>
    StartTls,

    /// <summary>TLS from the start.</summary>
    Tls,

    /// <summary>Not at all; nobody logs in then.</summary>
    None,
}

/// <summary>What a webhook expects.</summary>
public enum WebhookTemplate
{
    /// <summary>The message as JSON, as <see cref="NotificationMessage"/> has it.</summary>
    Json,

    /// <summary>Slack and what takes its format, Mattermost and Rocket.Chat.</summary>
    Slack,

    /// <summary>Microsoft Teams: an adaptive card.</summary>
    Teams,

    /// <summary>PagerDuty's Events API version 2.</summary>
    PagerDuty,

    /// <summary>ntfy.</summary>
    Ntfy,

    /// <summary>Alertmanager's API version 2.</summary>
    Alertmanager,
}
