using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ProdOps.Lab.Tests.Recovery;

/// <content>What can happen to a server that still stands, and to the backups: the plan is made while all is well, and is carried out as it is.</content>
public sealed partial class RebuildTests
{
    private const string States = " -Confirm:$false | ForEach-Object { \"$($_.State) $($_.Step) $($_.Message) $($_.Error)\" }";

    [LabFact]
    public async Task Data_that_somebody_has_deleted_comes_back_as_it_was_before_that_moment()
    {
        var shop = await fixture.OfAsync(fleet);
        using var plan = await MakeAsync("dbnew1", "DataLost");
        Assert.DoesNotContain(plan.Steps, step => step.StartsWith("Manual", StringComparison.Ordinal));
        string moment = Now();
        await shop.Database.RunAsync("runuser -u postgres -- psql -q shop -c 'delete from orders where id > 100'; rm /srv/shop/index.html");
        // Backups go on: the newest ones have the damage.
        (await fixture.Admin.RunAsync("$null = Invoke-Backup -Name dumps, dbfiles -Force")).Clean.ToString();
        await CarryOutAsync($"Restore-Server {plan.Name} -Before '{moment}'");
        Assert.Equal("500 hello", await shop.Database.RunAsync("echo $(runuser -u postgres -- psql -A -t shop -c 'select count(*) from orders') $(cat /srv/shop/index.html)"));
        await LostShopFixture.AnswersAsync(shop);
        // What was damaged is there to be looked at, until somebody drops it.
        Assert.Equal("100", await shop.Database.RunAsync("""
            aside=$(runuser -u postgres -- psql -A -t postgres -c "select datname from pg_database where datname like 'shop\_before\_%'")
            runuser -u postgres -- psql -A -t "$aside" -c 'select count(*) from orders'; runuser -u postgres -- dropdb "$aside"
            """));
        (await fixture.Admin.RunAsync("$null = Invoke-Backup -Name dumps, dbfiles -Force")).Clean.ToString();
        await fixture.AssertSameAsync("dbnew1");
    }

    [LabFact]
    public async Task A_deployment_that_went_wrong_is_taken_back()
    {
        var shop = await fixture.OfAsync(fleet);
        using var plan = await MakeAsync("webnew1", "BadDeployment");
        Assert.DoesNotContain(plan.Steps, step => step.StartsWith("Manual", StringComparison.Ordinal));
        string moment = Now();
        await shop.Web.RunAsync("echo 'die \"deployed on a Friday\\n\"' >/opt/shop/app.pl; systemctl restart shop || true");
        string last = "";
        await Logging.LogAdmin.UntilAsync(async () => (last = await shop.AskAsync()) != "500 orders", () => $"the shop fails; it says: {last}");
        (await fixture.Admin.RunAsync("$null = Invoke-Backup -Name webfiles -Force")).Clean.ToString();
        await CarryOutAsync($"Restore-Server {plan.Name} -Before '{moment}'");
        await LostShopFixture.AnswersAsync(shop);
        (await fixture.Admin.RunAsync("$null = Invoke-Backup -Name webfiles -Force")).Clean.ToString();
        await fixture.AssertSameAsync("webnew1");
    }

    [LabFact]
    public async Task A_certificate_that_has_ended_is_replaced_on_all_balancers_by_the_command_that_the_plan_tells()
    {
        var shop = await fixture.OfAsync(fleet);
        const string path = "/etc/haproxy/certs/shop.pem";
        LabHost[] balancers = [shop.Balancer, shop.Second];
        using var plan = await MakeAsync("lbnew1", "CertificateExpired");
        string command = Assert.Single(plan.Texts, text => text.Contains("Update-LoadBalancerCertificate", StringComparison.Ordinal)).Split('\n').Single(line => line.Contains("Update-LoadBalancerCertificate", StringComparison.Ordinal)).Trim();
        foreach (var balancer in balancers) await balancer.RunAsync($"cp -p {path} /run/kept.pem; cat >{path}; systemctl reload haproxy", Pem(TimeProvider.System.GetUtcNow().AddDays(-30), TimeProvider.System.GetUtcNow().AddDays(-1)));
        // A reload is over when the process before has gone.
        foreach (var balancer in balancers) await balancer.WaitAsync("echo | openssl s_client -connect 127.0.0.1:443 2>/dev/null | openssl x509 -noout -checkend 0 | grep -q will.expire && [ \"$(pgrep -c -x haproxy)\" = 2 ]", 60);
        string pem = Path.Combine(fixture.Admin.Folder, "new.pem");
        await File.WriteAllTextAsync(pem, Pem(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(90)));
        try
        {
            // What a person does, with the new certificate's names in their places.
            (await fixture.Admin.RunAsync(command.Replace("CERTIFICATE.pem", pem, StringComparison.Ordinal).Replace(" -KeyPath KEY.pem", "", StringComparison.Ordinal) + " -Confirm:$false")).Clean.ToString();
            await CarryOutAsync($"Restore-Server {plan.Name} -Confirmed '{plan.Steps.Single(step => step.StartsWith("Manual ", StringComparison.Ordinal))["Manual ".Length..]}'");
            foreach (var balancer in balancers)
                Assert.Equal("Certificate will not expire", await balancer.RunAsync("echo | openssl s_client -connect 127.0.0.1:443 2>/dev/null | openssl x509 -noout -checkend 864000"));
            await LostShopFixture.AnswersAsync(shop);
        }
        finally
        {
            foreach (var balancer in balancers) await balancer.RunAsync($"cp -p /run/kept.pem {path}; rm /run/kept.pem; systemctl reload haproxy");
            File.Delete(pem);
        }
    }

    [LabFact]
    public async Task Backups_whose_host_is_lost_are_restored_from_off_site_and_brought_back_from_there()
    {
        var shop = await fixture.OfAsync(fleet);
        var host = await fleet.UpAsync("opsnew1");
        using var admin = new Admin($"User = 'root'; IdentityFile = '{Fleet.Key}'; KnownHosts = '{Fleet.KnownHosts}'; ConfigFile = 'none'; ConnectTimeout = '10s'", $$"""
            @{ Name = 'opsnew1'; Address = '{{host.Address}}'; Role = 'Backup' }
                    @{ Name = 'lbnew2'; Address = '{{shop.Second.Address}}'; Role = 'Other' }
                    @{ Name = 'webnew1'; Address = '{{shop.Web.Address}}'; Role = 'App' }
            """);
        admin.WriteSecret("key", "the password");
        await File.WriteAllTextAsync(admin.EnvironmentFile, (await File.ReadAllTextAsync(admin.EnvironmentFile)).TrimEnd().TrimEnd('}') + $$"""
                Repositories = @{
                    main = @{ Url = 'sftp://root@{{host.Address}}//srv/backup'; Password = @{ File = 'key' } }
                    offsite = @{ Url = 'sftp://root@{{shop.Second.Address}}//srv/offsite'; Password = @{ File = 'key' } }
                }
                Backups = @{ web = @{ Server = 'webnew1'; Path = '/opt/shop'; Repository = 'main'; CopyTo = 'offsite' } }
            }
            """);
        try
        {
            (await admin.RunAsync("$null = Initialize-BackupRepository -Repository main; $null = Initialize-BackupRepository -Repository offsite -CopyChunkerParametersFrom main; $null = Invoke-Backup -Name web; $null = New-RecoveryPlan opsnew1 -Scenario RepositoryLost; $null = New-RecoveryPlan webnew1 -Scenario BadDeployment")).Clean.ToString();
            Assert.Equal("RepositoryElsewhere", (await admin.RunAsync("New-RecoveryPlan webnew1 -Scenario RepositoryLost")).ErrorId);
            await host.KillAsync();

            // The application's files are gone as well, and the only repository that is left is off site.
            await shop.Web.RunAsync("rm -r /opt/shop");
            var restored = await admin.RunAsync("Restore-Server webnew1-bad-deployment" + States);
            output.WriteLine($"from off site: {restored.Elapsed.TotalSeconds:0.0} s");
            Assert.All(restored.Sorted, step => Assert.Matches("^(Succeeded|AlreadyOk) ", step));
            Assert.Contains("restores from offsite", restored.Said, StringComparison.Ordinal);
            await LostShopFixture.AnswersAsync(shop);

            // A blank host in the lost one's place, and what a person does for it.
            await host.BlankAsync();
            var step = (await admin.RunAsync("(Get-RecoveryPlan opsnew1-repository-lost).Steps | Where-Object { $_.Name -eq 'repository main' }")).Clean.Single();
            string[] commands = [.. ((string)((dynamic)step).Text).Split('\n').Where(line => line.StartsWith("    ", StringComparison.Ordinal))];
            Assert.Equal(2, commands.Length);
            (await admin.RunAsync($"$null = {commands[0]}; $null = {commands[1]}")).Clean.ToString();
            var rebuilt = await admin.RunAsync("Restore-Server opsnew1-repository-lost -Confirmed 'repository main'" + States);
            output.WriteLine($"opsnew1: {rebuilt.Elapsed.TotalSeconds:0.0} s");
            Assert.All(rebuilt.Sorted, line => Assert.Matches("^(Succeeded|AlreadyOk) ", line));
            Assert.Equal("1", (await admin.RunAsync("@(Get-Backup -Repository main).Count")).Text);
            Assert.Empty((await admin.RunAsync("Test-Backup -Repository main -ReadData | Where-Object { -not $_.Success }")).Clean);
        }
        finally
        {
            await shop.Second.RunAsync("rm -rf /srv/offsite");
            await host.KillAsync();
        }
    }

    private static string Now() => TimeProvider.System.GetUtcNow().ToString("O", System.Globalization.CultureInfo.InvariantCulture);

    private static string Pem(DateTimeOffset from, DateTimeOffset to)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=shop", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("shop");
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(from, to);
        return $"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n";
    }

    private async Task CarryOutAsync(string command)
    {
        var answer = await fixture.Admin.RunAsync(command + States);
        output.WriteLine($"{command}: {answer.Elapsed.TotalSeconds:0.0} s");
        Assert.All(answer.Sorted, step => Assert.Matches("^(Succeeded|AlreadyOk) ", step));
        Assert.NotEmpty(answer.Output);
    }

    private async Task<MadePlan> MakeAsync(string server, string scenario)
    {
        var made = (await fixture.Admin.RunAsync($"New-RecoveryPlan {server} -Scenario {scenario}")).Clean.Single();
        dynamic plan = made.BaseObject;
        var steps = ((IEnumerable<dynamic>)plan.Steps).Select(step => ($"{step.Kind} {step.Name}", (string)step.Text)).ToArray();
        return new MadePlan((string)plan.Name, (string)plan.Path, [.. steps.Select(step => step.Item1)], [.. steps.Select(step => step.Item2)]);
    }

    /// <summary>A plan beside the others, for one test.</summary>
    private sealed record MadePlan(string Name, string Path, IReadOnlyList<string> Steps, IReadOnlyList<string> Texts) : IDisposable
    {
        public void Dispose() => File.Delete(Path);
    }
}
