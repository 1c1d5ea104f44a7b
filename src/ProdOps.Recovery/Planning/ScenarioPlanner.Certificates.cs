using ProdOps.Servers.Commands;
using static ProdOps.ServerConfigurationClass;
using static ProdOps.ServerConfigurationKind;

namespace ProdOps.Recovery.Planning;

/// <content>Certificates that have ended.</content>
internal sealed partial class ScenarioPlanner
{
    /// <summary>Ports on which TLS begins at once: of the web, LDAP, mail.</summary>
    private static readonly string[] TlsPorts = ["443", "8443", "465", "636", "853", "990", "993", "995"];

    /// <summary>Servers that read certificates when they start, whatever port they listen on.</summary>
    private static readonly string[] TlsServers = ["nginx", "apache2", "httpd", "lighttpd", "haproxy", "postfix", "dovecot", "exim4", "slapd", "vsftpd", "proftpd", "mosquitto"];

    private void AddCertificates()
    {
        var certificates = capture.Items.Where(item => item.Kind == Certificate && item.Class != Rebuild && PlanText.IsPath(item.Name)).ToList();
        if (certificates.Count == 0)
        {
            Add(new RecoveryStep { Name = "no certificate", Kind = RecoveryStepKind.Manual, Purpose = "No certificate was found on this server.", Text = "Find out where the certificate that has ended is kept, and write what to do here." });
            return;
        }

        foreach (var item in certificates.Where(item => SourceOf(item, certificates) is null))
        {
            string path = ShellQuote.Word(item.Name), good = $"openssl x509 -checkend 864000 -noout -in {path}", step = $"renew {Label(item.Name)}";
            if (item.Property("Renewal") == "certbot")
            {
                Add(new RecoveryStep { Name = step, Kind = RecoveryStepKind.Command, Purpose = "certbot has the account for it.", Text = $"certbot renew --force-renewal --cert-name {ShellQuote.Word(item.Name.Split('/')[^2])}", Unless = good, Verify = [Script(good)], Attempts = 3, RetryDelay = TimeSpan.FromMinutes(1) });
                foreach (var copy in certificates.Where(copy => SourceOf(copy, certificates) == item)) AddHandingOn(item, copy);
            }
            else if (EntryOf(item.Name) is { } entry)
                Add(new RecoveryStep
                {
                    Name = step, Kind = RecoveryStepKind.Manual, Purpose = $"All balancers of '{entry.Name}' get it at once, and no request is lost.", Verify = [Script(good)],
                    Text = $"Get a new certificate for {Subject(item)}. Then, on the machine that ProdOps runs on:\n    Update-LoadBalancerCertificate {ShellQuote.Word(entry.Name)} -Path CERTIFICATE.pem -KeyPath KEY.pem",
                });
            else
                Add(new RecoveryStep { Name = step, Kind = RecoveryStepKind.Manual, Purpose = "Nothing on the server renews it by itself.", Text = $"Get a new certificate for {Subject(item)} and put it, with its key, where the old one is: {item.Name}", Verify = [Script(good)] });
        }

        // What a balancer was given at runtime it uses already.
        var users = certificates.TrueForAll(item => EntryOf(item.Name) is not null && item.Property("Renewal") is null) ? [] : Users();
        if (users.Count > 0) Add(new RecoveryStep { Name = "use them", Kind = RecoveryStepKind.Command, Purpose = "Services read certificates when they start or are told to.", Text = string.Join('\n', users.Select(unit => $"systemctl reload-or-restart -- {ShellQuote.Word(unit)}")), Idempotent = true });
    }

    /// <summary>certbot's certificate, where a balancer shows one that is made of it: HAProxy wants certificate and key in one file, which certbot does not write.</summary>
    private ServerConfigurationItem? SourceOf(ServerConfigurationItem item, List<ServerConfigurationItem> certificates) => item.Property("Renewal") == "certbot" || EntryOf(item.Name) is null ? null
        : certificates.Find(other => other.Property("Renewal") == "certbot" && IsSame(item, other, "Fingerprint")) ?? certificates.Find(other => other.Property("Renewal") == "certbot" && IsSame(item, other, "Subject"));

    private void AddHandingOn(ServerConfigurationItem source, ServerConfigurationItem copy)
    {
        var entry = EntryOf(copy.Name)!;
        string folder = source.Name[..source.Name.LastIndexOf('/')], balancers = ShellQuote.Word(entry.Name);
        string[] others = [.. entry.Servers.Where(name => !name.Equals(capture.Server, StringComparison.OrdinalIgnoreCase))];
        Add(new RecoveryStep
        {
            Name = $"hand on {Label(copy.Name)}", Kind = RecoveryStepKind.Manual, Purpose = $"'{entry.Name}' shows a file of its own, which certbot does not renew.", Verify = [Script($"openssl x509 -checkend 864000 -noout -in {ShellQuote.Word(copy.Name)}")],
            Text = $"On the machine that ProdOps runs on:\n    Update-LoadBalancerCertificate {balancers} -ServerPath {ShellQuote.Word(source.Name)}, {ShellQuote.Word(folder + "/privkey.pem")} -Server {ShellQuote.Word(capture.Server)}"
                + (others.Length == 0 ? "" : $"\nThe paths are read on each balancer: name those in -Server that have certbot, too, and give the others ({string.Join(", ", others)}) copies of the two files by -Path and -KeyPath."),
        });
    }

    private LoadBalancerDefinition? EntryOf(string path) => environment.LoadBalancers.FirstOrDefault(entry => entry.Certificate == path && entry.Servers.Contains(capture.Server, StringComparer.OrdinalIgnoreCase));

    private static bool IsSame(ServerConfigurationItem one, ServerConfigurationItem other, string property) => one.Property(property) is { } value && value == other.Property(property);

    private static string Subject(ServerConfigurationItem item) => PlanText.IsLine(item.Property("Subject")) ? item.Property("Subject")! : "it";

    private List<string> Users() =>
    [
        .. capture.Items.Where(item => item.Kind == Socket && item.Property("Unit") is { } unit && PlanText.IsUnit(unit) && item.Name.StartsWith("tcp ", StringComparison.Ordinal)
            && (TlsPorts.Contains(item.Name[(item.Name.LastIndexOf(':') + 1)..]) || TlsServers.Contains(unit.Split('.', '@')[0])))
            .Select(item => item.Property("Unit")!).Distinct().Order(StringComparer.Ordinal),
    ];

    private static HealthCheckDefinition Script(string command) => new() { Name = "", Kind = HealthCheckKind.Script, Target = command };
}
