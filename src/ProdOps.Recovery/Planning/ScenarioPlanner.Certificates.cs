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

        foreach (var item in certificates)
        {
            string path = ShellQuote.Word(item.Name), good = $"openssl x509 -checkend 864000 -noout -in {path}", step = $"renew {Label(item.Name)}";
            if (item.Property("Renewal") == "certbot")
                Add(new RecoveryStep { Name = step, Kind = RecoveryStepKind.Command, Purpose = "certbot has the account for it.", Text = $"certbot renew --force-renewal --cert-name {ShellQuote.Word(item.Name.Split('/')[^2])}", Unless = good, Verify = [Script(good)], Attempts = 3, RetryDelay = TimeSpan.FromMinutes(1) });
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

    private LoadBalancerDefinition? EntryOf(string path) => environment.LoadBalancers.FirstOrDefault(entry => entry.Certificate == path && entry.Servers.Contains(capture.Server, StringComparer.OrdinalIgnoreCase));

    private static string Subject(ServerConfigurationItem item) => PlanText.IsLine(item.Property("Subject")) ? item.Property("Subject")! : "it";

    private List<string> Users() =>
    [
        .. capture.Items.Where(item => item.Kind == Socket && item.Property("Unit") is { } unit && PlanText.IsUnit(unit) && item.Name.StartsWith("tcp ", StringComparison.Ordinal)
            && (TlsPorts.Contains(item.Name[(item.Name.LastIndexOf(':') + 1)..]) || TlsServers.Contains(unit.Split('.', '@')[0])))
            .Select(item => item.Property("Unit")!).Distinct().Order(StringComparer.Ordinal),
    ];

    private static HealthCheckDefinition Script(string command) => new() { Name = "", Kind = HealthCheckKind.Script, Target = command };
}
