using ProdOps.LoadBalancing.Tests.TestTools;
using ProdOps.Monitoring.Tests.TestTools;

namespace ProdOps.Cmdlets.Tests.LoadBalancing;

/// <summary>The cmdlets that operate balancers through the built module, with two real HAProxies of this machine as the balancers of one entry.</summary>
public sealed class BackendServerTests : IAsyncLifetime, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("prodops-lb-").FullName;
    private readonly Engine _engine = new();
    private readonly TestApp _a1 = new("a1"), _a2 = new("a2");
    private RealHAProxy? _haproxy;

    public async Task InitializeAsync()
    {
        if (UnpackedTool.HAProxy.Program is null || Requirements.Linux is not null) return;
        _haproxy = await RealHAProxy.StartAsync(RealHAProxy.Pool("web", _a1, _a2));
        File.WriteAllText(Path.Combine(_folder, "environment.psd1"), $$"""
            @{
                Name = 'shop'
                Servers = @(
                    @{ Name = 'lb1'; Local = $true; Role = 'LoadBalancer' }
                    @{ Name = 'a1'; Address = '192.0.2.11' }
                    @{ Name = 'a2'; Address = '192.0.2.12' }
                )
                LoadBalancers = @{ shop = @{ Servers = 'lb1'; Pool = 'a1', 'a2'; Backend = 'web'; Managed = $false; Port = {{_haproxy.Port}}; PoolPort = 8080; Socket = '{{_haproxy.Socket}}'; Configuration = '{{_haproxy.Configuration}}' } }
            }

            """);
        _engine.Run($"$null = $ExecutionContext.SessionState.Path.SetLocation('{_folder}'); $env:PRODOPS_MONITORING_STORE = '{_folder}/monitoring'");
        while (_engine.Run("Get-BackendServer").Any(server => $"{server.Properties["CheckStatus"].Value}" != "L7OK")) await Task.Delay(20);
    }

    public async Task DisposeAsync()
    {
        _haproxy?.Dispose();
        await _a1.DisposeAsync();
        await _a2.DisposeAsync();
    }

    public void Dispose()
    {
        _engine.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [UnpackedFact("haproxy")]
    public void Servers_are_told_by_name_and_pool()
    {
        var all = _engine.Run("Get-BackendServer");
        Assert.Equal(["a1", "a2"], all.Select(server => $"{server.Properties["Name"].Value}"));
        Assert.All(all, server => Assert.Equal("lb1 web shop Up", $"{server.Properties["Balancer"].Value} {server.Properties["Pool"].Value} {server.Properties["LoadBalancer"].Value} {server.Properties["State"].Value}"));
        Assert.Equal("a2", $"{Assert.Single(_engine.Run("Get-BackendServer *2 -LoadBalancer sh*")).Properties["Name"].Value}");
        Assert.Empty(_engine.Run("Get-BackendServer -Pool other*"));
        Assert.Equal("LoadBalancerNotFound", ErrorOf("Get-BackendServer -LoadBalancer shpo"));
        Assert.Equal("BackendPoolNotFound", ErrorOf("Get-BackendServer -Pool wbe"));
        Assert.Empty(_engine.Run("Get-BackendServer none"));
    }

    [UnpackedTheory("haproxy")]
    [InlineData("aside")]
    [InlineData("side")]
    public void A_server_that_is_a_balancer_of_both_kinds_is_asked_as_what_its_entry_says(string side)
    {
        // Which one would come first makes no difference: by the alphabet, or by the file.
        string file = Path.Combine(_folder, "environment.psd1"), text = File.ReadAllText(file), nginx = $"{side} = @{{ Servers = 'lb1'; Kind = 'Nginx'; Pool = 'a1', 'a2'; Managed = $false; Configuration = '{_folder}/no-pools.conf' }}";
        File.WriteAllText(file, side == "side" ? text.Replace("LoadBalancers = @{ ", $"LoadBalancers = @{{ {nginx}; ", StringComparison.Ordinal) : text.Replace("} }\n}", $"}}; {nginx} }}\n}}", StringComparison.Ordinal));
        Assert.Equal(["a1 shop", "a2 shop"], _engine.Run("Get-BackendServer -LoadBalancer shop").Select(server => $"{server.Properties["Name"].Value} {server.Properties["LoadBalancer"].Value}"));
        Assert.Equal("lb1 HAProxy shop", $"{_engine.Run("Get-LoadBalancer shop | ForEach-Object { \"$($_.Server) $($_.Kind) $($_.Name)\" }").Single()}");
        // What nginx has is in a file, which is not there; HAProxy would be asked for a pool.
        using var shell = _engine.Shell($"Get-BackendServer -LoadBalancer {side}");
        Assert.Empty(shell.Invoke());
        Assert.Contains($"{_folder}/no-pools.conf", Assert.Single(shell.Streams.Error).ToString(), StringComparison.Ordinal);
        // Who asks for all is told of both.
        using var all = _engine.Shell("Get-BackendServer");
        Assert.Equal(2, all.Invoke().Count);
        Assert.Contains($"{_folder}/no-pools.conf", Assert.Single(all.Streams.Error).ToString(), StringComparison.Ordinal);
    }

    [UnpackedFact("haproxy")]
    public void A_server_is_taken_out_and_put_back()
    {
        Assert.Empty(_engine.Run("Disable-BackendServer a2 -WhatIf"));
        Assert.Equal("Up", $"{_engine.Run("Get-BackendServer a2").Single().Properties["State"].Value}");
        dynamic disabled = Assert.Single(_engine.Run("Get-BackendServer a2 | Disable-BackendServer"));
        Assert.Equal(("a2", "web", "Maintenance", "drained, in maintenance", true), ((string)disabled.Name, (string)disabled.Pool, disabled.To.ToString(), (string)disabled.Action, (bool)disabled.IsPersistent));
        Assert.Equal("BackendLastServer", ErrorOf("Disable-BackendServer a1"));
        Assert.Equal("BackendServerNotFound", ErrorOf("Disable-BackendServer a3"));
        Assert.Equal("BackendPoolNotFound", ErrorOf("Disable-BackendServer a1 -Pool none"));
        Assert.Equal("BackendServerNotFound", ErrorOf("Enable-BackendServer a3 -Pool web"));
        Assert.Equal("already in maintenance", (string)((dynamic)_engine.Run("Disable-BackendServer a2").Single()).Action);
        dynamic enabled = Assert.Single(_engine.Run("Get-BackendServer | Where-Object AdminState -eq Maintenance | Enable-BackendServer"));
        Assert.Equal(("a2", "Up", "in service"), ((string)enabled.Name, enabled.To.ToString(), (string)enabled.Action));
        dynamic draining = Assert.Single(_engine.Run("Disable-BackendServer a2 -Drain"));
        Assert.Equal("draining", (string)draining.Action);
        _engine.Run("Enable-BackendServer a2 -Force");
    }

    [UnpackedFact("haproxy")]
    public void What_a_failed_update_left_out_goes_back_with_the_next_one_unless_somebody_took_it_out_since()
    {
        const string Call = "Invoke-RollingUpdate shop -Name a1 -HealthCheck { $true } -SettleTime 0s -ScriptBlock";
        var updates = new List<string>();
        try
        {
            updates.Add(FailedUpdate());
            string update = updates[0];
            Assert.Equal([$"Drain Planned was left out by {update}", "Enable Planned back into service, seen up by every balancer"], Steps($"{Call} {{ 'well' }} -WhatIf").Where(step => step[0] is 'D' or 'E'));
            Assert.Equal([$"Drain Done was left out by {update}", "Enable Done in service"], Steps($"{Call} {{ 'well' }}").Where(step => step[0] is 'D' or 'E'));
            Assert.Equal("Up", State());

            updates.Add(FailedUpdate());
            // Balancers tell a change to the second.
            _engine.Run("$begun = [DateTimeOffset]::UtcNow; do { $null = Enable-BackendServer a1; $null = Disable-BackendServer a1 } until ((Get-BackendServer a1).LastChange -gt $begun.AddSeconds(4))");
            using var shell = _engine.Shell($"{Call} {{ 'well' }}");
            Assert.Equal("Skipped", $"{shell.Invoke().Last().Properties["Status"].Value}");
            Assert.Contains($"the update {updates[1]} left it out, and it may have been taken out anew since. Enable-BackendServer a1 puts it back.", Assert.Single(shell.Streams.Warning).Message, StringComparison.Ordinal);
            Assert.Equal("Maintenance", State());
            _engine.Run("Enable-BackendServer a1");
        }
        finally
        {
            // The journals of this test's updates lie with the user's.
            string folder = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "prodops", "rolling-updates");
            foreach (string path in Directory.GetFiles(folder, "shop-*.jsonl").Where(path => File.ReadLines(path).First().Contains(_folder, StringComparison.Ordinal))) File.Delete(path);
        }

        string State() => $"{_engine.Run("Get-BackendServer a1").Single().Properties["AdminState"].Value}";

        IEnumerable<string> Steps(string script) => _engine.Run($"{script} | ForEach-Object {{ \"$($_.Phase) $($_.Status) $($_.Message)\" }}").Select(step => step.ToString());

        string FailedUpdate()
        {
            string advice = _engine.Run($"try {{ $null = {Call} {{ throw 'bad' }} -ErrorAction Stop }} catch {{ $_.FullyQualifiedErrorId; $_.ErrorDetails.RecommendedAction }}").Last().ToString();
            Assert.Equal("Maintenance", State());
            return advice.Split("-Resume ")[1].Split(' ')[0];
        }
    }

    [UnpackedFact("haproxy")]
    public void Weight_and_address_are_set_and_servers_join_and_leave()
    {
        Assert.Equal("weight 100 -> 40", (string)((dynamic)_engine.Run("Set-BackendServer a1 -Weight 40").Single()).Action);
        Assert.Equal("BackendNothingToSet", ErrorOf("Set-BackendServer a1"));
        Assert.Equal("BackendAddressInvalid", ErrorOf("Set-BackendServer a1 -Address web1:80"));
        Assert.Equal("BackendServerInUse", ErrorOf($"Set-BackendServer a1 -Address 127.0.0.1:{_a2.Port}"));
        dynamic added = Assert.Single(_engine.Run($"Add-BackendServer a3 127.0.0.1:{_a2.Port} -LoadBalancer shop"));
        Assert.Equal(("added, until the next reload", "Up", false), ((string)added.Action, added.To.ToString(), (bool)added.IsPersistent));
        Assert.Equal("BackendServerExists", ErrorOf($"Add-BackendServer a3 127.0.0.1:{_a2.Port} -LoadBalancer shop"));
        Assert.Equal("BackendServerInUse", ErrorOf("Remove-BackendServer a3 -Confirm:$false"));
        dynamic removed = Assert.Single(_engine.Run("Disable-BackendServer a3 | Remove-BackendServer -Confirm:$false"));
        Assert.Equal(("a3", "removed, until the next reload"), ((string)removed.Name, (string)removed.Action));
        Assert.Equal(["a1", "a2"], _engine.Run("Get-BackendServer").Select(server => $"{server.Properties["Name"].Value}"));
    }

    [UnpackedFact("haproxy")]
    public void Balancers_are_named_in_one_way_and_servers_of_the_inventory_are_balancers()
    {
        foreach (string command in (string[])["Get-BackendServer", "Get-LoadBalancer", "Disable-BackendServer a1", "Enable-BackendServer a1", "Set-BackendServer a1 -Weight 1", "Remove-BackendServer a1 -Confirm:$false", "Invoke-RollingUpdate -Command true"])
            Assert.Equal("LoadBalancerChoiceAmbiguous", ErrorOf($"{command} -LoadBalancer shop -Server lb1"));
        // What a row of the pipeline brings of both belongs together.
        Assert.Equal("shop already in service", $"{_engine.Run("Get-BackendServer a1 | Enable-BackendServer | ForEach-Object { \"$($_.LoadBalancer) $($_.Action)\" }").Single()}");
        foreach (string source in (string[])["Get-Server lb1", "'lb1'", "'shop'", "Get-LoadBalancer", "[pscustomobject]@{ Server = 'lb1' }", "[pscustomobject]@{ LoadBalancer = 'shop' }", "'shop', 'lb1'"])
            Assert.Equal("lb1", $"{_engine.Run($"{source} | Get-LoadBalancer").Single().Properties["Server"].Value}");
        Assert.Equal("LoadBalancerNotFound", ErrorOf("'other' | Get-LoadBalancer"));
        // A server that is none says so by itself, and is not taken for an entry.
        Assert.NotEqual("LoadBalancerNotFound", ErrorOf("Get-Server a1 | Get-LoadBalancer -ConnectTimeoutSec 1"));
    }

    [UnpackedFact("haproxy")]
    public void A_pool_that_somebody_updates_is_left_alone()
    {
        using var other = new Engine();
        using var update = other.Shell($"$env:XDG_DATA_HOME = '{_folder}/data'; Invoke-RollingUpdate shop -Environment '{_folder}/environment.psd1' -SettleTime 0s -ScriptBlock {{ [IO.File]::WriteAllText('{_folder}/begun', ''); while (-not [IO.File]::Exists('{_folder}/go')) {{ [Threading.Thread]::Sleep(20) }} }}");
        var running = update.BeginInvoke();
        try
        {
            Assert.True(SpinWait.SpinUntil(() => File.Exists(Path.Combine(_folder, "begun")) || running.IsCompleted, TimeSpan.FromSeconds(60)));
            using var second = _engine.Shell("Invoke-RollingUpdate shop -Command true -MinimumHealthy 0");
            second.Invoke();
            var refused = Assert.Single(second.Streams.Error);
            Assert.Equal("BackendPoolLocked", refused.FullyQualifiedErrorId.Split(',')[0]);
            Assert.Contains($"{Environment.UserName}@{Environment.MachineName} since ", refused.ToString(), StringComparison.Ordinal);
        }
        finally
        {
            File.WriteAllText(Path.Combine(_folder, "go"), "");
        }

        update.EndInvoke(running);
        Assert.Empty(update.Streams.Error);
        Assert.All(_engine.Run("Get-BackendServer"), server => Assert.Equal("Up", $"{server.Properties["State"].Value}"));
    }

    [UnpackedFact("haproxy")]
    public void Monitoring_is_told_of_what_is_out_on_purpose()
    {
        _engine.Run("Disable-BackendServer a2; Enable-BackendServer a2");
        Assert.False(Directory.Exists(Path.Combine(_folder, "monitoring")));
        // A store is there as soon as somebody has announced something.
        _engine.Run("$null = Suspend-HealthCheck lb1 -For 1h");
        _engine.Run("Disable-BackendServer a2");
        dynamic downtime = Assert.Single(_engine.Run("Get-HealthDowntime a2"));
        Assert.Equal("out of pool web", (string)downtime.Reason);
        _engine.Run("Disable-BackendServer a2");
        Assert.Single(_engine.Run("Get-HealthDowntime a2"));
        Assert.Equal("BackendLastServer", ErrorOf("Disable-BackendServer a1"));
        Assert.Empty(_engine.Run("Get-HealthDowntime a1"));
        _engine.Run("Enable-BackendServer a2");
        Assert.Empty(_engine.Run("Get-HealthDowntime a2"));
    }

    [UnpackedFact("haproxy")]
    public void A_balancer_tells_what_is_near_and_what_is_wrong()
    {
        dynamic balancer = Assert.Single(_engine.Run("Get-LoadBalancer"));
        Assert.Equal(("shop", "lb1", "Single"), ((string)balancer.Name, (string)balancer.Server, balancer.Role.ToString()));
        Assert.Contains((IEnumerable<dynamic>)balancer.Limits, limit => (string)limit.Name == "maxconn");
        Assert.Equal("web 2/2", $"{_engine.Run("[ProdOps.Cmdlets.FormatHelper]::BalancerPools((Get-LoadBalancer sh*).Pools)").Single()}");
        Assert.Equal("LoadBalancerNotFound", ErrorOf("Get-LoadBalancer other"));
        _haproxy!.Stop();
        Assert.Equal("HAProxyUnreachable", ErrorOf("Get-LoadBalancer"));
        Assert.Equal("HAProxyUnreachable", ErrorOf("Get-BackendServer"));
        Assert.Equal("HAProxyUnreachable", ErrorOf("Disable-BackendServer a1"));
    }

    [UnpackedFact("haproxy")]
    public void Names_are_completed_from_the_environment()
    {
        Assert.Equal(["a1", "a2"], Complete("Disable-BackendServer "));
        Assert.Equal(["shop"], Complete("Get-LoadBalancer "));
        Assert.Equal(["web"], Complete("Get-BackendServer -Pool "));
        File.WriteAllText(Path.Combine(_folder, "environment.psd1"), "@{ Servers = ");
        Assert.Empty(Complete("Get-LoadBalancer "));
    }

    private string[] Complete(string line) => [.. _engine.Run($"[System.Management.Automation.CommandCompletion]::CompleteInput('{line}', {line.Length}, $null).CompletionMatches").Select(match => $"{match.Properties["CompletionText"].Value}")];

    private string ErrorOf(string script)
    {
        using var shell = _engine.Shell(script);
        try
        {
            shell.Invoke();
        }
        catch (System.Management.Automation.RuntimeException error)
        {
            return error.ErrorRecord.FullyQualifiedErrorId.Split(',')[0];
        }

        return shell.Streams.Error.Select(error => error.FullyQualifiedErrorId.Split(',')[0]).Distinct().Single();
    }
}
