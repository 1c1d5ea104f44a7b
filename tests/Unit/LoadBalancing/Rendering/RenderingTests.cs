using ProdOps.Backup.Tests.Storage;
using ProdOps.LoadBalancing.Rendering;
using ProdOps.Monitoring.Tests.TestTools;
using ProdOps.Servers.Inventory;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.LoadBalancing.Tests.Rendering;

/// <summary>What is rendered is what the files in tests/fixtures/load-balancing say (PRODOPS_UPDATE_FIXTURES=1 writes them), and the real programs take it.</summary>
public sealed class RenderingTests
{
    private const string Environment = """
        @{
            Servers = @(
                @{ Name = 'lb1'; Address = '10.77.0.11' }, @{ Name = 'lb2'; Address = '10.77.0.12' }
                @{ Name = 'web1'; Address = '10.77.0.13'; Role = 'App' }, @{ Name = 'web2'; Address = '2001:db8::14'; Role = 'App' }, @{ Name = 'db1'; Address = '10.77.0.15' }
            )
            LoadBalancers = @{
                web = @{ Servers = 'lb1', 'lb2'; VirtualAddress = '10.77.0.100'; Pool = 'role:App'; PoolPort = 8080; Check = '/health?deep=1'; CheckHost = 'shop.example.org'; StickyCookie = 'SRV'; RateLimit = 200; Compression = $true
                         Certificate = '{certificate}'; TlsPort = 8443; RedirectToTls = $true; ServerMaxConnections = 100; Balance = 'LeastConnections'; FrontendLines = 'acl bad path_beg /admin', 'http-request deny if bad'; PoolLines = 'http-response del-header Server' }
                db = @{ Servers = 'lb1', 'lb2'; VirtualAddress = '10.77.0.100'; Mode = 'Tcp'; Port = 5432; Pool = 'db1'; PoolPort = 5432; Balance = 'Source' }
                six = @{ Servers = 'lb1', 'lb2'; VirtualAddress = '2001:db8::100'; Port = 8081; Pool = 'web2'; Balance = 'Random' }
                plain = @{ Servers = 'lb1'; Kind = 'Nginx'; Port = 8090; Pool = 'role:App'; PoolPort = 8080; RateLimit = 50; Compression = $true; Certificate = '{certificate}'; TlsPort = 8444; RedirectToTls = $true
                           FrontendLines = 'location = /ping { return 204; }'; Balance = 'LeastConnections'; Fall = 3 }
                small = @{ Servers = 'lb1'; Kind = 'Nginx'; Port = 8091; Pool = 'web1' }
            }
        }
        """;

    private const string Certificate = "/etc/haproxy/certs/shop.pem";

    private static readonly Dictionary<(string Server, string Address), NetworkLink> Links = new()
    {
        [("lb1", "10.77.0.100")] = new("eth0", "10.77.0.11", 24),
        [("lb2", "10.77.0.100")] = new("eth0", "10.77.0.12", 24),
        [("lb1", "2001:db8::100")] = new("eth0", "2001:db8::11", 64),
        [("lb2", "2001:db8::100")] = new("eth0", "2001:db8::12", 64),
    };

    [Theory]
    [InlineData("lb1", LoadBalancerKind.HAProxy, 0, "haproxy.cfg")]
    [InlineData("lb1", LoadBalancerKind.HAProxy, 1, "keepalived-lb1.conf")]
    [InlineData("lb2", LoadBalancerKind.HAProxy, 1, "keepalived-lb2.conf")]
    [InlineData("lb1", LoadBalancerKind.HAProxy, 2, "check.pl")]
    [InlineData("lb1", LoadBalancerKind.Nginx, 0, "nginx.conf")]
    public void Each_file_is_as_it_was(string server, LoadBalancerKind kind, int file, string fixture)
    {
        string text = Render(Environment.Replace("{certificate}", Certificate, StringComparison.Ordinal), server, kind)[file].Text;
        string path = Clone.PathOf("tests", "fixtures", "load-balancing", fixture);
        if (System.Environment.GetEnvironmentVariable("PRODOPS_UPDATE_FIXTURES") == "1") File.WriteAllText(path, text);
        Assert.Equal(File.ReadAllText(path), text);
        Assert.True(RenderedFile.IsOurs(text));
        Assert.False(RenderedFile.IsOurs(text.Replace("Written by ProdOps", "Written by hand", StringComparison.Ordinal)));
    }

    [Fact]
    public void Both_balancers_of_a_pair_have_the_same_configuration() =>
        Assert.Equal(Render(Environment, "lb1", LoadBalancerKind.HAProxy)[0], Render(Environment, "lb2", LoadBalancerKind.HAProxy)[0]);

    [Fact]
    public void The_standby_of_a_pair_is_set_up_first()
    {
        var environment = Read(Environment);
        Assert.Equal(["lb2", "lb1"], BalancerSite.Of(environment, [environment.LoadBalancers[0]]).Select(site => site.Server));
        Assert.Equal("web,db,six", BalancerSite.Of(environment, [environment.LoadBalancers[1]]).First().Name);
    }

    [UnpackedFact("haproxy")]
    public void HAProxy_itself_takes_it()
    {
        using var folder = new TemporaryFolder();
        Check(folder, UnpackedTool.HAProxy.Program!, ["-c", "-f"], Render(WithCertificate(folder), "lb1", LoadBalancerKind.HAProxy)[0].Text, UnpackedTool.HAProxy.Libraries);
    }

    [UnpackedFact("nginx")]
    public void Nginx_itself_takes_it()
    {
        using var folder = new TemporaryFolder();
        string text = $"pid {folder["pid"]};\nerror_log stderr;\nevents {{}}\nhttp {{\naccess_log off;\n{Render(WithCertificate(folder), "lb1", LoadBalancerKind.Nginx)[0].Text}}}\n";
        Check(folder, UnpackedTool.Nginx.Program!, ["-t", "-c"], text, UnpackedTool.Nginx.Libraries);
    }

    [UnpackedFact("keepalived")]
    public void Keepalived_itself_takes_it()
    {
        using var folder = new TemporaryFolder();
        var files = Render(Environment, "lb1", LoadBalancerKind.HAProxy);
        File.WriteAllText(folder["check"], files[2].Text);
        Tool.SetMode(folder["check"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        // An interface that is not there is a warning of its own, and the tests' machine has what it has.
        string text = files[1].Text.Replace(KeepalivedRenderer.ScriptPath, folder["check"], StringComparison.Ordinal);
        string said = Check(folder, UnpackedTool.Keepalived.Program!, ["-t", "-l", "-f"], text, UnpackedTool.Keepalived.Libraries);
        Assert.DoesNotContain("nknown", said, StringComparison.Ordinal);
    }

    [Fact]
    public void No_value_leaves_its_place_whoever_made_the_entry()
    {
        var random = new Random(20261127);
        const string alphabet = "abc/.:- \t\n\r;\"'`{}#\\$%|<>,=\u00e9\u2028\0";
        int refused = 0;
        for (int round = 0; round < 4_000; round++)
        {
            string value = new([.. Enumerable.Range(0, random.Next(1, 12)).Select(_ => alphabet[random.Next(alphabet.Length)])]);
            var entry = new LoadBalancerDefinition { Name = "web", Servers = ["lb1"], Pool = ["web1"], Certificate = "/a.pem", TlsPort = 443, VirtualAddress = "10.77.0.100", StickyCookie = "SRV", Check = "/" };
            entry = random.Next(8) switch
            {
                0 => entry with { Name = value },
                1 => entry with { Pool = [value] },
                2 => entry with { Certificate = value },
                3 => entry with { Check = value },
                4 => entry with { CheckHost = value },
                5 => entry with { StickyCookie = value },
                6 => entry with { Socket = value },
                _ => entry with { VirtualInterface = value },
            };
            foreach (var kind in new[] { LoadBalancerKind.HAProxy, LoadBalancerKind.Nginx })
            {
                var site = new BalancerSite { Server = "lb1", Kind = kind, Entries = [entry], Addresses = entry.Pool.ToDictionary(name => name, _ => "10.0.0.1") };
                try
                {
                    RenderedFile[] files = [kind == LoadBalancerKind.HAProxy ? HAProxyRenderer.Render(site) : NginxRenderer.Render(site), .. KeepalivedRenderer.Render(site, Links)];
                    var plain = entry with { Name = "web", Pool = ["web1"], Certificate = "/a.pem", Check = "/", CheckHost = null, StickyCookie = "SRV", Socket = null, VirtualInterface = null };
                    var known = site with { Entries = [plain], Addresses = new Dictionary<string, string> { ["web1"] = "10.0.0.1" } };
                    RenderedFile[] expected = [kind == LoadBalancerKind.HAProxy ? HAProxyRenderer.Render(known) : NginxRenderer.Render(known), .. KeepalivedRenderer.Render(known, Links)];
                    // As many lines, of as many words each: the value was one.
                    Assert.Equal(expected.Select(Shape), files.Select(Shape));
                }
                catch (ProdOpsException error)
                {
                    Assert.Equal("LoadBalancerValueUnsafe", error.ErrorId);
                    refused++;
                }
            }
        }

        Assert.InRange(refused, 1_000, 7_999);

        static string Shape(RenderedFile file) => string.Join('\n', file.Text.Split('\n').Select(line => line.Split(' ').Length));
    }

    private static string WithCertificate(TemporaryFolder folder)
    {
        using var certificates = new TestCertificates(folder["certificates"]);
        var (certificate, key) = certificates.Issue("shop.example.org");
        File.WriteAllText(folder["shop.pem"], File.ReadAllText(certificate) + "\n" + File.ReadAllText(key));
        return Environment.Replace("{certificate}", folder["shop.pem"], StringComparison.Ordinal);
    }

    private static string Check(TemporaryFolder folder, string program, IEnumerable<string> arguments, string text, (string Name, string Value) variable)
    {
        File.WriteAllText(folder["configuration"], text);
        var result = Tool.Run(program, [.. arguments, folder["configuration"]], new Dictionary<string, string?> { [variable.Name] = variable.Value });
        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        return result.Output + result.Error;
    }

    private static ProdOpsEnvironment Read(string text)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["environment.psd1"], text.Replace("{certificate}", Certificate, StringComparison.Ordinal));
        return EnvironmentReader.Read(folder["environment.psd1"]).Require();
    }

    private static IReadOnlyList<RenderedFile> Render(string text, string server, LoadBalancerKind kind)
    {
        var environment = Read(text);
        // As a machine without HAProxy's user has it: the test's machine may be one.
        var site = BalancerSite.Of(environment, environment.LoadBalancers).Single(one => one.Server == server && one.Kind == kind) with { User = null, Home = null };
        return RenderedFile.Stamp([kind == LoadBalancerKind.HAProxy ? HAProxyRenderer.Render(site) : NginxRenderer.Render(site), .. KeepalivedRenderer.Render(site, Links)]).Files;
    }
}
