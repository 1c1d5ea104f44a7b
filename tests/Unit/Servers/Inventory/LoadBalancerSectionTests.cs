using ProdOps.Servers.Inventory;

namespace ProdOps.Servers.Tests.Inventory;

public sealed class LoadBalancerSectionTests
{
    private const string Around = """
        Servers = @( @{ Name = 'lb1'; Address = '10.77.0.11' }, @{ Name = 'lb2'; Address = '10.77.0.12' }, @{ Name = 'web1'; Role = 'App'; Group = 'blue' }, @{ Name = 'web2'; Role = 'App' }, @{ Name = 'Café' } )
        """;

    [Fact]
    public void An_entry_is_read_with_all_that_it_says()
    {
        var reading = Read("""
            web = @{
                Kind = 'haproxy'; Servers = 'lb1', 'LB2'; VirtualAddress = '10.77.0.100'; VirtualInterface = 'eth0'; VirtualRouter = 7; Port = 8080; TlsPort = 8443; Certificate = '/etc/haproxy/certs/shop.pem'
                RedirectToTls = $true; Mode = 'http'; Pool = 'role:App'; PoolPort = 3000; MinimumHealthy = 1; Balance = 'LeastConnections'; Check = '/health?deep=1'; CheckHost = 'shop.example.org'
                CheckInterval = '1s'; Fall = 3; Rise = 4; StickyCookie = 'SRV'; RateLimit = 200; Compression = $true; MaxConnections = 5000; ServerMaxConnections = 100
                ConnectTimeout = '1s'; ClientTimeout = '30s'; ServerTimeout = '2m'; QueueTimeout = '5s'; FrontendLines = 'acl a path /a', 'http-request deny if a'; PoolLines = 'option forwardfor'
                Configuration = '/etc/haproxy/shop.cfg'; Socket = '/run/haproxy/shop.sock'
                SharedData = @( @{ Path = '/srv/uploads'; Method = 'rsync'; From = 'WEB2' }, @{ Path = '/srv/media'; Method = 'Nfs' } )
            }
            """);
        Assert.Empty(reading.Problems);
        var web = Assert.Single(reading.Require().LoadBalancers);
        Assert.Equal(("web", LoadBalancerKind.HAProxy, "10.77.0.100", "eth0", 7, 8080, 8443), (web.Name, web.Kind, web.VirtualAddress, web.VirtualInterface, web.VirtualRouter!.Value, web.Port, web.TlsPort!.Value));
        Assert.Equal(["lb1", "lb2"], web.Servers);
        Assert.Equal(["web1", "web2"], web.Pool);
        Assert.Equal(("/etc/haproxy/certs/shop.pem", true, LoadBalancerMode.Http, 3000, 1, BalanceAlgorithm.LeastConnections), (web.Certificate, web.RedirectToTls, web.Mode, web.PoolPort, web.MinimumHealthy, web.Balance));
        Assert.Equal(("/health?deep=1", "shop.example.org", TimeSpan.FromSeconds(1), 3, 4, "SRV", 200, true), (web.Check, web.CheckHost, web.CheckInterval, web.Fall, web.Rise, web.StickyCookie, web.RateLimit!.Value, web.Compression));
        Assert.Equal((5000, 100, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromSeconds(5)), (web.MaxConnections, web.ServerMaxConnections!.Value, web.ConnectTimeout, web.ClientTimeout, web.ServerTimeout, web.QueueTimeout));
        Assert.Equal(["acl a path /a", "http-request deny if a"], web.FrontendLines);
        Assert.Equal(["option forwardfor"], web.BackendLines);
        Assert.Equal(("/etc/haproxy/shop.cfg", "/run/haproxy/shop.sock", "web", true), (web.ConfigurationPath, web.Socket, web.Backend, web.IsManaged));
        Assert.Equal([("/srv/uploads", SharedDataMethod.Rsync, "web2"), ("/srv/media", SharedDataMethod.Nfs, null)], web.SharedData.Select(data => (data.Path, data.Method, data.From)));
    }

    [Fact]
    public void An_entry_need_only_say_who_balances_what()
    {
        var web = Assert.Single(Read("web = @{ Servers = 'lb1'; Pool = 'group:blue' }").Require().LoadBalancers);
        Assert.Equal((80, null, 80, TimeSpan.FromMilliseconds(500), 1), (web.Port, web.TlsPort, web.PoolPort, web.CheckInterval, web.MinimumHealthy));
        Assert.Equal(["web1"], web.Pool);
        Assert.Equal(443, Assert.Single(Read("web = @{ Servers = 'lb1'; Pool = 'web1'; Certificate = '/a.pem' }").Require().LoadBalancers).TlsPort);
        var hand = Assert.Single(Read("web = @{ Servers = 'lb1'; Managed = $false; Backend = 'be_web' }").Require().LoadBalancers);
        Assert.Equal((false, "be_web"), (hand.IsManaged, hand.Backend));
    }

    [Fact]
    public void An_address_that_a_cloud_moves_has_a_machine_for_each_balancer()
    {
        var reading = Read("web = @{ Servers = 'lb1', 'lb2'; Pool = 'web1'; FloatingAddress = @{ Address = '203.0.113.9'; Token = @{ Variable = 'DO' }; Machines = @{ lb1 = 123; lb2 = '456' }; Url = 'http://127.0.0.1:8000' } }");
        var address = reading.Require().LoadBalancers[0].FloatingAddress!;
        Assert.Equal((FloatingAddressProvider.DigitalOcean, "203.0.113.9", new SecretReference(SecretKind.Variable, "DO"), "http://127.0.0.1:8000"), (address.Provider, address.Address, address.Token, address.Url));
        Assert.Equal(("123", "456"), (address.Machines["lb1"], address.Machines["LB2"]));
    }

    [Theory]
    [InlineData("web = @{ Servers = 'lb1'; Pool = 'web1'; Prot = 80 }", "UnknownKey web.Prot", "'Port'")]
    [InlineData("web = @{ Pool = 'web1' }", "MissingKey web.Servers", "Servers")]
    [InlineData("web = @{ Servers = @(); Pool = 'web1' }", "LoadBalancerEmpty web.Servers", "no balancer")]
    [InlineData("web = @{ Servers = 'lb1' }", "LoadBalancerEmpty web.Pool", "no server")]
    [InlineData("web = @{ Servers = 'lb1'; Pool = @() }", "LoadBalancerEmpty web.Pool", "no server")]
    [InlineData("web = @{ Servers = 'lb3x'; Pool = 'web1' }", "LoadBalancerServerUnknown web.Servers", "'lb3x'")]
    [InlineData("web = @{ Servers = 'lb1'; Pool = 'wep1' }", "LoadBalancerServerUnknown web.Pool", "'web1'")]
    [InlineData("web = @{ Servers = 'lb1'; Pool = 'role:Apps' }", "LoadBalancerServerUnknown web.Pool", "'role:App'")]
    [InlineData("web = @{ Servers = 'lb1'; Pool = 'Café' }", "LoadBalancerServerName web.Pool", "'Café'")]
    [InlineData("'web one' = @{ Servers = 'lb1'; Pool = 'web1' }", "LoadBalancerNameInvalid web one", "'web one'")]
    [InlineData("prodops = @{ Servers = 'lb1'; Pool = 'web1' }", "LoadBalancerNameInvalid prodops", "'prodops'")]
    [InlineData("web = @{ Servers = 'lb1'; Pool = 'web1'; TlsPort = 443 }", "LoadBalancerTlsIncomplete web.TlsPort", "certificate")]
    [InlineData("web = @{ Servers = 'lb1'; Pool = 'web1'; RedirectToTls = $true }", "LoadBalancerKeyUnused web.RedirectToTls", "Certificate")]
    [InlineData("web = @{ Servers = 'lb1'; Pool = 'web1'; Mode = 'Tcp'; StickyCookie = 'S' }", "LoadBalancerCookieImpossible web.StickyCookie", "TCP")]
    [InlineData("web = @{ Servers = 'lb1'; Pool = 'web1'; Kind = 'Nginx'; StickyCookie = 'S' }", "LoadBalancerCookieImpossible web.StickyCookie", "commercial")]
    [InlineData("web = @{ Servers = 'lb1'; Pool = 'web1'; Kind = 'Nginx'; Mode = 'Tcp' }", "LoadBalancerModeImpossible web.Mode", "nginx")]
    [InlineData("web = @{ Servers = 'lb1'; Pool = 'web1'; Kind = 'Nginx'; Check = '/h' }", "LoadBalancerKeyUnused web.Check", "HAProxy")]
    [InlineData("web = @{ Servers = 'lb1'; Pool = 'web1'; Mode = 'Tcp'; RateLimit = 5 }", "LoadBalancerKeyUnused web.RateLimit", "Http")]
    [InlineData("web = @{ Servers = 'lb1'; Pool = 'web1'; CheckHost = 'a' }", "LoadBalancerKeyUnused web.CheckHost", "Check")]
    [InlineData("web = @{ Servers = 'lb1'; Pool = 'web1'; Backend = 'x' }", "LoadBalancerKeyUnused web.Backend", "Managed")]
    [InlineData("web = @{ Servers = 'lb1'; Pool = 'web1', 'web2'; MinimumHealthy = 2 }", "LoadBalancerMinimumTooHigh web.MinimumHealthy", "2 must stay")]
    [InlineData("web = @{ Servers = 'lb1'; Pool = 'web1'; VirtualRouter = 5 }", "LoadBalancerKeyUnused web.VirtualRouter", "VirtualAddress")]
    [InlineData("web = @{ Servers = 'lb1'; Pool = 'web1'; VirtualAddress = '10.77.0.100' }", "LoadBalancerAlone web.VirtualAddress", "'lb1'")]
    [InlineData("web = @{ Servers = 'lb1', 'lb2'; Pool = 'web1'; VirtualAddress = '10.77.0.12' }", "LoadBalancerAddressTaken web.VirtualAddress", "'lb2'")]
    [InlineData("web = @{ Servers = 'lb1', 'lb2'; Pool = 'web1'; VirtualAddress = '10.7.0.100' }", "LoadBalancerAddressElsewhere web.VirtualAddress", "10.7.0.100")]
    [InlineData("web = @{ Servers = 'lb1', 'lb2'; Pool = 'web1'; VirtualAddress = '10.77.100' }", "InvalidValue web.VirtualAddress", "'10.77.100'")]
    [InlineData("web = @{ Servers = 'lb1', 'lb2'; Pool = 'web1'; VirtualAddress = '10.77.0.100'; VirtualInterface = 'eth0 up' }", "InvalidValue web.VirtualInterface", "'eth0 up'")]
    [InlineData("web = @{ Servers = 'lb1', 'lb2'; Pool = 'web1'; FloatingAddress = @{ Address = '10.0.0.1'; Token = @{ File = 'x' }; Machines = @{ lb1 = 1 } } }", "LoadBalancerMachineMissing web.FloatingAddress.Machines", "'lb2'")]
    [InlineData("web = @{ Servers = 'lb1', 'lb2'; Pool = 'web1'; FloatingAddress = @{ Address = '10.0.0.1'; Token = @{ File = 'x' }; Machines = @{ lb1 = 1; lb2 = 2; lb3 = 3 } } }", "LoadBalancerServerUnknown web.FloatingAddress.Machines", "'lb3'")]
    [InlineData("web = @{ Servers = 'lb1', 'lb2'; Pool = 'web1'; FloatingAddress = @{ Address = '10.0.0.1'; Machines = @{ lb1 = 1; lb2 = 2 } } }", "MissingKey web.FloatingAddress.Token", "Token")]
    [InlineData("web = @{ Servers = 'lb1', 'lb2'; Pool = 'web1'; VirtualAddress = '10.77.0.100'; FloatingAddress = @{ Address = '10.0.0.1'; Token = @{ File = 'x' }; Machines = @{ lb1 = 1; lb2 = 2 } } }", "LoadBalancerAddressTwice web.FloatingAddress", "both")]
    [InlineData("web = @{ Servers = 'lb1'; Pool = 'web1' }; api = @{ Servers = 'lb2', 'lb1'; Pool = 'web2' }", "LoadBalancerPortTaken api.Port", "'web'")]
    [InlineData("hand = @{ Servers = 'lb1'; Pool = 'web1'; Managed = $false }; web = @{ Servers = 'lb1'; Pool = 'web2' }", "LoadBalancerPortTaken web.Port", "'hand'")]
    [InlineData("web = @{ Servers = 'lb1'; Pool = 'web1'; Port = 443; Certificate = '/a.pem' }", "LoadBalancerPortTaken web.Port", "itself")]
    [InlineData("web = @{ Servers = 'lb1'; Pool = 'web1', 'lb1' }", "LoadBalancerPortTaken web.PoolPort", "'lb1'")]
    [InlineData("web = @{ Servers = 'lb1'; Pool = 'web1'; Socket = '/a.sock' }; api = @{ Servers = 'lb1'; Pool = 'web2'; Port = 81 }", "LoadBalancersDiffer api.Socket", "'web'")]
    [InlineData("web = @{ Servers = 'lb1', 'lb2'; Pool = 'web1'; VirtualAddress = '10.77.0.100' }; api = @{ Servers = 'lb1', 'lb2'; Pool = 'web2'; Port = 81; VirtualAddress = '10.77.0.101'; VirtualRouter = 100 }", "LoadBalancerRouterTaken api.VirtualRouter", "100")]
    [InlineData("web = @{ Servers = 'lb1', 'lb2'; Pool = 'web1'; VirtualAddress = '10.77.0.100' }; api = @{ Servers = 'lb2', 'lb1'; Pool = 'web2'; Port = 81; VirtualAddress = '10.77.0.100' }", "LoadBalancersDiffer api.Servers", "'web'")]
    [InlineData("web = @{ Servers = 'lb1'; Pool = 'web1'; SharedData = @{ Path = '/a'; From = 'lb1' } }", "LoadBalancerServerUnknown web.SharedData[0].From", "'lb1'")]
    [InlineData("web = @{ Servers = 'lb1'; Pool = 'web1'; SharedData = @{ Path = 'a' } }", "InvalidValue web.SharedData[0].Path", "'a'")]
    [InlineData("web = @{ Servers = 'lb1'; Pool = 'web1'; SharedData = @{ Path = '/a'; Method = 'Nfs'; From = 'web1' } }", "LoadBalancerKeyUnused web.SharedData[0].From", "Rsync")]
    public void What_is_wrong_is_told_with_its_key(string text, string problem, string part)
    {
        var found = Assert.Single(Read(text).Problems);
        string[] words = problem.Split(' ', 2);
        Assert.Equal((words[0], $"LoadBalancers.{words[1]}"), (found.Id, found.Key));
        Assert.Contains(part, found.Message + found.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public void Pools_behind_one_port_of_a_configuration_that_was_written_by_hand_are_entries_beside_each_other() =>
        Assert.Equal(["web", "api"], Read("web = @{ Servers = 'lb1'; Pool = 'web1'; Managed = $false }; api = @{ Servers = 'lb1'; Pool = 'web2'; Managed = $false }").Require().LoadBalancers.Select(entry => entry.Name));

    [Theory]
    [InlineData("Check", "/a b")]
    [InlineData("Check", "/a;b")]
    [InlineData("Check", "/a\"b")]
    [InlineData("Check", "/a'b")]
    [InlineData("Check", "/a\nb")]
    [InlineData("Check", "health")]
    [InlineData("CheckHost", "a b")]
    [InlineData("CheckHost", "a\r\nX: y")]
    [InlineData("StickyCookie", "a b")]
    [InlineData("StickyCookie", "a;b")]
    [InlineData("Certificate", "/etc/a b.pem")]
    [InlineData("Certificate", "/etc/a;b.pem")]
    [InlineData("Certificate", "/etc/$a.pem")]
    [InlineData("Certificate", "/etc/#a.pem")]
    [InlineData("Certificate", "shop.pem")]
    [InlineData("Configuration", "/etc/a'b")]
    [InlineData("Socket", "/run/a\"b")]
    [InlineData("FrontendLines", "a\nbackend x")]
    [InlineData("PoolLines", "a\\")]
    public void What_could_leave_its_place_in_a_configuration_is_no_value(string key, string value)
    {
        string text = value.Replace("'", "''", StringComparison.Ordinal);
        var found = Read($"web = @{{ Servers = 'lb1'; Pool = 'web1'; {key} = '{text}' }}").Problems.Where(problem => !problem.IsWarning).ToArray();
        Assert.Equal(("InvalidValue", $"LoadBalancers.web.{key}"), (Assert.Single(found).Id, found[0].Key));
    }

    [Theory]
    [InlineData("HAProxy", "backend other")]
    [InlineData("HAProxy", "  \"ba\"ck'end' other")]
    [InlineData("HAProxy", "GLOBAL")]
    [InlineData("HAProxy", ".include /etc/passwd")]
    [InlineData("HAProxy", "$X other")]
    [InlineData("Nginx", "} server { listen 81;")]
    [InlineData("Nginx", "location / {")]
    [InlineData("Nginx", "return 200 \"x")]
    [InlineData("Nginx", "client_max_body_size 1m")]
    [InlineData("Nginx", "# } \"; return")]
    public void A_line_of_the_admins_own_stays_where_it_was_put(string kind, string line)
    {
        string text = $"Kind = '{kind}'; FrontendLines = '{line.Replace("'", "''", StringComparison.Ordinal)}'";
        var problems = Read($"web = @{{ Servers = 'lb1'; Pool = 'web1'; {text} }}").Problems;
        if (line.StartsWith('#')) Assert.Empty(problems);
        else Assert.Equal(("LoadBalancerLineLeaves", "LoadBalancers.web.FrontendLines"), (Assert.Single(problems).Id, problems[0].Key));
    }

    [Fact]
    public void Entries_of_several_files_are_added_up_and_one_name_stands_once()
    {
        using var files = new EnvironmentFiles();
        File.WriteAllText(Path.Join(files.Folder, "more.psd1"), "@{ LoadBalancers = @{ api = @{ Servers = 'lb1'; Pool = 'web1'; Port = 81 }; WEB = @{ Servers = 'lb1'; Pool = 'web1'; Port = 82 } } }");
        var reading = files.Read($"@{{ Include = 'more.psd1'; {Around}\n LoadBalancers = @{{ web = @{{ Servers = 'lb1'; Pool = 'web1' }} }} }}");
        Assert.Equal("KeyInTwoFiles", Assert.Single(reading.Problems).Id);
        Assert.Equal(["web", "api"], reading.Environment.LoadBalancers.Select(entry => entry.Name));
    }

    private static EnvironmentReading Read(string entries) => EnvironmentFiles.ReadText($"@{{ {Around}\n LoadBalancers = @{{ {entries} }} }}");
}
