using ProdOps.Recovery.Planning;
using ProdOps.Recovery.Plans;
using ProdOps.Recovery.Tests.Capture;

namespace ProdOps.Recovery.Tests.Planning;

/// <summary>Certificates that have expired.</summary>
public sealed class ScenarioPlannerTests
{
    private static readonly ProdOpsEnvironment Environment = new() { Name = "shop", Path = "/nowhere/environment.psd1", Servers = [new Server { Name = "db1", Address = "10.0.0.5", Roles = ["Database"] }, new Server { Name = "web1" }] };

    [Fact]
    public void A_certificate_is_renewed_by_what_renews_it_and_read_again()
    {
        var capture = Captures.Database with
        {
            Items =
            [
                new() { Kind = ServerConfigurationKind.Certificate, Name = "/etc/letsencrypt/live/shop.example/fullchain.pem", Class = ServerConfigurationClass.Restore, Properties = new Dictionary<string, string> { ["Renewal"] = "certbot", ["Subject"] = "CN=shop.example" } },
                new() { Kind = ServerConfigurationKind.Certificate, Name = "/etc/nginx/own.pem", Class = ServerConfigurationClass.Secret, Properties = new Dictionary<string, string> { ["Subject"] = "CN=own" } },
                new() { Kind = ServerConfigurationKind.Socket, Name = "tcp 0.0.0.0:443", Properties = new Dictionary<string, string> { ["Unit"] = "nginx.service" } },
            ],
        };
        var steps = new ScenarioPlanner(capture, Environment, "x").Build(RecoveryScenario.CertificateExpired).Steps;
        Assert.Equal([RecoveryStepKind.Command, RecoveryStepKind.Manual, RecoveryStepKind.Command, RecoveryStepKind.Verify], steps.Select(step => step.Kind));
        Assert.Equal("certbot renew --force-renewal --cert-name shop.example", steps[0].Text);
        Assert.Equal("systemctl reload-or-restart -- nginx.service", steps[2].Text);
    }

    [Fact]
    public void A_balancer_s_certificate_is_put_on_all_of_them_by_the_command_that_does_it()
    {
        var environment = Environment with { LoadBalancers = [new() { Name = "web", Servers = ["db1", "web1"], Certificate = "/etc/haproxy/certs/shop.pem" }] };
        var capture = Captures.Database with { Items = [new() { Kind = ServerConfigurationKind.Certificate, Name = "/etc/haproxy/certs/shop.pem", Class = ServerConfigurationClass.Secret, Properties = new Dictionary<string, string> { ["Subject"] = "CN=shop" } }] };
        var step = new ScenarioPlanner(capture, environment, "x").Build(RecoveryScenario.CertificateExpired).Steps[0];
        Assert.Equal(RecoveryStepKind.Manual, step.Kind);
        Assert.Contains("Update-LoadBalancerCertificate web -Path CERTIFICATE.pem -KeyPath KEY.pem", step.Text);
    }

    [Fact]
    public void What_certbot_renews_is_handed_on_to_the_balancer_that_shows_a_copy_of_it()
    {
        static ServerConfigurationItem Item(string name, params (string Name, string Value)[] properties) => new() { Kind = ServerConfigurationKind.Certificate, Name = name, Class = ServerConfigurationClass.Secret, Properties = properties.ToDictionary(one => one.Name, one => one.Value) };
        var environment = Environment with { LoadBalancers = [new() { Name = "web", Servers = ["db1", "web1"], Certificate = "/etc/haproxy/certs/shop.pem" }] };
        var capture = Captures.Database with
        {
            Items =
            [
                Item("/etc/letsencrypt/live/shop.example/fullchain.pem", ("Renewal", "certbot"), ("Subject", "CN=shop.example"), ("Fingerprint", "aa")),
                Item("/etc/letsencrypt/live/other.example/fullchain.pem", ("Renewal", "certbot"), ("Subject", "CN=other.example"), ("Fingerprint", "bb")),
                // The balancer was not told of the last renewal.
                Item("/etc/haproxy/certs/shop.pem", ("Subject", "CN=shop.example"), ("Fingerprint", "cc")),
            ],
        };
        var plan = new ScenarioPlanner(capture, environment, "x").Build(RecoveryScenario.CertificateExpired);
        Assert.Equal([RecoveryStepKind.Command, RecoveryStepKind.Manual, RecoveryStepKind.Command], plan.Steps.Take(3).Select(step => step.Kind));
        Assert.Contains("    Update-LoadBalancerCertificate web -ServerPath /etc/letsencrypt/live/shop.example/fullchain.pem, /etc/letsencrypt/live/shop.example/privkey.pem -Server db1\n", plan.Steps[1].Text);
        Assert.Contains("the others (web1)", plan.Steps[1].Text);
        Assert.Equal("openssl x509 -checkend 864000 -noout -in /etc/haproxy/certs/shop.pem", plan.Steps[1].Verify[0].Target);
        Assert.Contains("other.example", plan.Steps[2].Text);
        Assert.Empty(PlanReader.Parse(PlanWriter.Write(plan), "", environment: null).Problems.Select(problem => problem.Message));
    }
}
