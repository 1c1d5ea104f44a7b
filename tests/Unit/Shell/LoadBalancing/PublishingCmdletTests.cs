using System.Management.Automation;
using ProdOps.LoadBalancing.Tests.TestTools;

namespace ProdOps.Cmdlets.Tests.LoadBalancing;

/// <summary>
/// Publish-, Undo-LoadBalancer and Update-LoadBalancerCertificate through the built module, as far as they change nothing: what they change stands in folders of the system's own, so that is the lab's. The balancer is this machine,
/// whose HAProxy is asked to check what is planned.
/// </summary>
public sealed class PublishingCmdletTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("prodops-publish-").FullName;
    private readonly string? _stateBefore = Environment.GetEnvironmentVariable("XDG_STATE_HOME");
    private readonly Engine _engine = new();
    private readonly TestCertificates _certificates;
    private readonly TestApp _app = new("web1");

    // By whose configuration the machine's HAProxy runs is looked at: whatever else runs here, this one is named.
    private RealHAProxy? _proxy;

    public PublishingCmdletTests() => _certificates = new TestCertificates(Path.Join(_folder, "issued"));

    public async Task InitializeAsync()
    {
        if (new PublishFactAttribute().Skip is null) _proxy = await RealHAProxy.StartAsync(RealHAProxy.Pool("web", _app), isMaster: true);
        Environment.SetEnvironmentVariable("XDG_STATE_HOME", Path.Join(_folder, "state"));
        _engine.Run($"$null = $ExecutionContext.SessionState.Path.SetLocation('{_folder}')");
        Write();
    }

    public async Task DisposeAsync()
    {
        _proxy?.Dispose();
        await _app.DisposeAsync();
        Environment.SetEnvironmentVariable("XDG_STATE_HOME", _stateBefore);
        _engine.Dispose();
        _certificates.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [PublishFact]
    public void What_would_be_published_is_shown_and_nothing_is_changed()
    {
        string before = File.ReadAllText(_proxy!.Configuration);
        dynamic plan = Assert.Single(_engine.Run("Publish-LoadBalancer web -Force -WhatIf"));
        Assert.Equal(("web", "lb1", "Planned"), ((string)plan.LoadBalancer, (string)plan.Server, plan.Status.ToString()));
        Assert.Matches("^1-[0-9a-f]{8}$", (string)plan.Revision);
        Assert.Contains("server web2 joins pool web", (IEnumerable<string>)plan.Changes);
        Assert.Contains("port 18080 opens", (IEnumerable<string>)plan.Changes);
        dynamic file = Assert.Single((IEnumerable<object>)plan.Files);
        Assert.Equal(_proxy.Configuration, (string)file.Path);
        Assert.Contains("+    server web1 192.0.2.11:8080 check", (string)file.Diff, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllText(_proxy.Configuration));
        // The same, whoever asks: by its name in the pipeline, and narrowed to its balancer.
        Assert.Equal((string)plan.Revision, (string)((dynamic)_engine.Run("'web' | Publish-LoadBalancer -Server lb1 -Force -WhatIf").Single()).Revision);
    }

    [PublishFact]
    public void What_cannot_be_published_is_said_by_its_id()
    {
        Assert.Equal("LoadBalancerNotFound", ErrorOf("Publish-LoadBalancer wbe -WhatIf"));
        Assert.Equal("LoadBalancerNotManaged", ErrorOf("Publish-LoadBalancer hand -WhatIf"));
        Assert.Equal("LoadBalancerServerNotFound", ErrorOf("Publish-LoadBalancer web -Server web1 -WhatIf"));
        Assert.Equal("LoadBalancerNotOurs", ErrorOf("Publish-LoadBalancer web -WhatIf"));
        Write("FrontendLines = 'nonsense here'");
        Assert.Equal("LoadBalancerConfigurationRefused", ErrorOf("Publish-LoadBalancer web -Force -WhatIf"));
    }

    [PublishFact]
    public void There_is_no_way_back_to_what_is_not_kept()
    {
        Assert.Equal("LoadBalancerRevisionNotFound", ErrorOf("Undo-LoadBalancer web -Revision 99999-0123abcd -WhatIf"));
        Assert.Equal("LoadBalancerNotFound", ErrorOf("Undo-LoadBalancer wbe -WhatIf"));
        Assert.Equal("LoadBalancerNotManaged", ErrorOf("Undo-LoadBalancer hand -WhatIf"));
    }

    [PublishFact]
    public void A_certificate_is_read_here_or_there_and_looked_at_before_it_is_put_anywhere()
    {
        var (certificate, key) = _certificates.Issue("shop.example.org");
        Write($"Certificate = '{_folder}/served.pem'; TlsPort = 18443");
        dynamic plan = Assert.Single(_engine.Run($"Update-LoadBalancerCertificate web '{certificate}' -KeyPath '{key}' -WhatIf"));
        Assert.Equal(("web", "lb1", $"{_folder}/served.pem", "Planned", false), ((string)plan.LoadBalancer, (string)plan.Server, (string)plan.Path, plan.Status.ToString(), (bool)plan.IsLive));
        Assert.Contains("shop.example.org", (IEnumerable<string>)plan.Names);
        Assert.Null(plan.PreviousFingerprint);
        Assert.Equal((string)plan.Fingerprint, (string)((dynamic)_engine.Run($"Update-LoadBalancerCertificate web -ServerPath '{certificate}', '{key}' -WhatIf").Single()).Fingerprint);
        Assert.False(File.Exists($"{_folder}/served.pem"));

        Assert.Equal("LoadBalancerCertificateInvalid", ErrorOf($"Update-LoadBalancerCertificate web '{certificate}' -WhatIf"));
        Assert.Equal("LoadBalancerCertificateUnreadable", ErrorOf($"Update-LoadBalancerCertificate web '{_folder}/none.pem' -WhatIf"));
        Assert.Equal("LoadBalancerCertificateUnreadable", ErrorOf($"Update-LoadBalancerCertificate web -ServerPath '{_folder}/none.pem' -WhatIf"));
        var (other, otherKey) = _certificates.Issue("other.example.org");
        File.WriteAllText($"{_folder}/served.pem", File.ReadAllText(certificate) + "\n" + File.ReadAllText(key));
        Assert.Equal("LoadBalancerCertificateNames", ErrorOf($"Update-LoadBalancerCertificate web '{other}' -KeyPath '{otherKey}' -WhatIf"));
        dynamic insisted = Assert.Single(_engine.Run($"Update-LoadBalancerCertificate web '{other}' -KeyPath '{otherKey}' -Force -WhatIf"));
        Assert.Contains((IEnumerable<string>)insisted.Warnings, warning => warning.StartsWith("the one before was for shop.example.org", StringComparison.Ordinal));
        Assert.Equal("Unchanged", $"{_engine.Run($"(Update-LoadBalancerCertificate web '{certificate}' -KeyPath '{key}').Status").Single()}");
        // The key is in nothing that is emitted or said.
        string secret = File.ReadAllLines(key)[1];
        Assert.DoesNotContain(secret, string.Join('\n', _engine.Run($"Update-LoadBalancerCertificate web '{certificate}' -KeyPath '{key}' -WhatIf -Verbose 4>&1").Select(item => $"{item}")), StringComparison.Ordinal);
    }

    [Fact]
    public void Revisions_that_were_seen_are_proposed_for_their_balancers()
    {
        Directory.CreateDirectory(Path.Join(_folder, "state", "prodops"));
        File.WriteAllText(Path.Join(_folder, "state", "prodops", "balancer-revisions.json"), """
            [{"Server":"lb1","LoadBalancer":"web","Id":"2-0123abcd","Time":"2026-11-27T03:00:00+00:00","By":"root@desk","Change":"server web2 joins pool web"},
             {"Server":"lb1","LoadBalancer":"web","Id":"1-89abcdef","Time":"2026-11-26T03:00:00+00:00","By":"","Change":""},
             {"Server":"lb9","LoadBalancer":"api,db","Id":"7-55555555","Time":"2026-11-26T03:00:00+00:00","By":"","Change":""}]
            """);
        Assert.Equal(["2-0123abcd", "1-89abcdef", "7-55555555"], Complete("Undo-LoadBalancer -Revision "));
        Assert.Equal(["2-0123abcd", "1-89abcdef"], Complete("Undo-LoadBalancer web -Revision "));
        Assert.Equal(["7-55555555"], Complete("Undo-LoadBalancer db -Revision "));
        Assert.Equal(["1-89abcdef"], Complete("Undo-LoadBalancer -Server lb1 -Revision 1"));
        Assert.Contains("root@desk: server web2 joins pool web", $"{_engine.Run("[System.Management.Automation.CommandCompletion]::CompleteInput('Undo-LoadBalancer -Revision 2', 29, $null).CompletionMatches[0].ToolTip").Single()}", StringComparison.Ordinal);
        File.WriteAllText(Path.Join(_folder, "state", "prodops", "balancer-revisions.json"), "[{");
        Assert.Empty(Complete("Undo-LoadBalancer -Revision 2"));
    }

    private void Write(string more = "") => File.WriteAllText(Path.Join(_folder, "environment.psd1"), $$"""
        @{
            Name    = 'shop'
            Servers = @(
                @{ Name = 'lb1'; Local = $true; Role = 'LoadBalancer' }
                @{ Name = 'web1'; Address = '192.0.2.11'; Role = 'App' }
                @{ Name = 'web2'; Address = '192.0.2.12'; Role = 'App' }
            )
            LoadBalancers = @{
                web  = @{ Servers = 'lb1'; Pool = 'role:App'; Port = 18080; PoolPort = 8080; Configuration = '{{_proxy?.Configuration ?? "/nowhere/haproxy.cfg"}}'; Socket = '{{_proxy?.Socket ?? "/nowhere/admin.sock"}}'; MaxConnections = 100; {{more}} }
                hand = @{ Servers = 'lb1'; Pool = 'web1'; Port = 18081; Managed = $false }
            }
        }
        """);

    private string[] Complete(string line) => [.. _engine.Run($"[System.Management.Automation.CommandCompletion]::CompleteInput('{line}', {line.Length}, $null).CompletionMatches").Select(match => $"{match.Properties["CompletionText"].Value}")];

    private string ErrorOf(string script)
    {
        using var shell = _engine.Shell(script);
        try
        {
            shell.Invoke();
        }
        catch (RuntimeException error)
        {
            return error.ErrorRecord.FullyQualifiedErrorId.Split(',')[0];
        }

        return shell.Streams.Error.Select(error => error.FullyQualifiedErrorId.Split(',')[0]).Distinct().Single();
    }
}

/// <summary>A test that has the system's HAProxy check a configuration as root.</summary>
internal sealed class PublishFactAttribute : FactAttribute
{
    public PublishFactAttribute() => Skip = Requirements.Linux ?? Requirements.Root ?? Requirements.Missing("haproxy");
}
