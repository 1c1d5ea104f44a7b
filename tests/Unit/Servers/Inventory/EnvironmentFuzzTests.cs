using System.Diagnostics;
using System.Text;
using ProdOps.Servers.Inventory;
using ProdOps.Servers.Inventory.Data;
using ProdOps.Servers.Inventory.Schema;
using ProdOps.Servers.Inventory.Sections;

namespace ProdOps.Servers.Tests.Inventory;

public sealed class EnvironmentFuzzTests
{
    private const string Text = """
        @{
            Name = 'shop'; Include = @(); Objectives = @{ Availability = '99.9%'; RecoveryPoint = '1h' }
            Ssh = @{ User = "ad`tmin"; IdentityFile = '~/.ssh/a', 'b'; Port = 0x16; Password = @{ File = 'key' } } # note
            Defaults = @{ Roles = @{ App = @{ DependsOn = 'role:Database'; Services = @('x', "y") } }; Groups = @{ eu = @{ } } }
            Servers = @(
                @{ Name = 'web1'; Address = '2001:db8::1'; Role = 'App'; Group = 'eu'; DependsOn = 'db1' }, <# block #>
                @{ Name = 'db1'; Local = $true }
            )
            Repositories = @{ a = @{ Path = '/srv'; Password = @{ Command = 'pass show x' } }; b = @{ Url = 'sftp://u@h/p' } }
            Backups = @{ db = @{ Server = 'role:App', 'db1'; PostgreSql = 'shop'; DatabasePassword = @{ File = 'p' }; Repository = 'a'; CopyTo = 'b'; Schedule = '*/5 1-3 * * mon'
                Keep = @{ Hourly = 24; Within = '1y6m' }; Compression = 'max'; Objectives = @{ RecoveryPoint = '1h' } } }
            LoadBalancers = @{
                web = @{ Servers = 'db1', 'web1'; VirtualAddress = '10.77.0.100'; Port = 80; Certificate = '/etc/x.pem'; Pool = 'role:App'; PoolPort = 8080; Check = '/health'; CheckInterval = '1s'
                    FrontendLines = 'acl a path /a', "http-request deny if a"; SharedData = @{ Path = '/srv'; From = 'web1' } }
                api = @{ Kind = 'Nginx'; Servers = 'db1'; Pool = 'web1'; Port = 81; FrontendLines = 'location /x { return 204; }'; FloatingAddress = @{ Address = '10.0.0.9'; Token = @{ Secret = 'x' }; Machines = @{ db1 = 17; web1 = '18' } } }
            }
            Monitoring = @{
                Interval = '10s'; Retention = @{ Hours = '3y'; MaxSize = 10GB }; Anchors = 'ping://10.0.0.1', 'tcp://1.1.1.1:53'; Engine = 'Prometheus'; Url = 'http://m:9090'
                Rules = @( @{ Name = 'disk.used'; Warning = '> 80%'; Role = 'App'; Function = 'Forecast'; Limit = '100%'; Window = '6h' }, @{ Name = 'all'; All = 'disk.used', 'db port'; Enabled = $false } )
                Heartbeat = 'chat'; Checks = @( @{ Name = 'shop'; Http = 'https://shop.example.org/'; Status = 200, 399; Headers = 'A: b'; Matches = '(a|b)+' }, @{ Name = 'db port'; Tcp = 5432; Server = 'role:App' }, @{ Name = 'age'; Backup = 'db'; MaxAge = '26h' }, @{ Name = 'tested'; RestoreTest = 'db' } )
                Channels = @{ ops = @{ Mail = 'h:25'; From = 'a@b'; To = 'c@d' }; chat = @{ Webhook = @{ File = 'x' }; Template = 'Slack' }; local = @{ Syslog = 'udp://h:514' } }
                Notify = @( @{ Name = 'ops'; Channel = 'chat', 'ops'; Quiet = 'Mon-Fri 22:00-06:00', 'Sat,Sun'; DigestAt = '08:00'; TimeZone = 'Europe/Berlin' } )
                Actions = @( @{ Name = 'again'; Rule = 'service'; Command = 'systemctl restart shop'; On = 'Critical', 'OK'; RunOn = 'db1' } )
            }
        }
        """;

    [Fact]
    public void A_damaged_file_gives_problems_and_never_anything_else()
    {
        const string alphabet = "@{}()[]'\"`$;,=#<>.:-+*/|&!?\\%^~ \n\r\taNx019_\u2019\u201D\u2013\0\uD800";
        var random = new Random(20261126);
        int broken = 0;
        for (int round = 0; round < 20_000; round++)
        {
            var text = new StringBuilder(Text);
            for (int changes = random.Next(1, 6); changes > 0; changes--)
            {
                int at = random.Next(text.Length);
                switch (random.Next(4))
                {
                    case 0: text.Remove(at, random.Next(1, Math.Min(9, text.Length - at + 1))); break;
                    case 1: text[at] = alphabet[random.Next(alphabet.Length)]; break;
                    case 2: text.Insert(at, alphabet[random.Next(alphabet.Length)]); break;
                    default: text.Insert(at, text.ToString(random.Next(text.Length / 2), random.Next(20))); break;
                }
            }

            var problems = new List<EnvironmentProblem>();
            if (DataParser.Parse(text.ToString(), "/srv/environment.psd1", problems) is { } table)
            {
                var values = RootSection.Schema.Read(table, new ReadContext(problems));
                new EnvironmentMerge(problems).Merge("/srv/environment.psd1", [values]);
            }

            if (problems.Count > 0) broken++;
            Assert.All(problems, problem => Assert.True(problem.Position.Line > 0 && problem.Position.Column > 0 && problem.Message.Length > 0));
        }

        Assert.InRange(broken, 10_000, 20_000);
    }

    [Theory]
    [InlineData("@{a=")]
    [InlineData("@(")]
    [InlineData("(")]
    [InlineData(",")]
    public void Depth_is_bounded(string opening)
    {
        var problems = new List<EnvironmentProblem>();
        Assert.Null(DataParser.Parse("@{ a = " + string.Concat(Enumerable.Repeat(opening, 100_000)), "x", problems));
        Assert.Contains("levels deep", Assert.Single(problems).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Long_files_take_time_in_proportion()
    {
        var watch = Stopwatch.StartNew();
        var problems = new List<EnvironmentProblem>();
        string servers = string.Concat(Enumerable.Range(0, 5000).Select(i => $"@{{ Name = 's{i}'; Address = '10.0.{i / 250}.{i % 250}'; Role = 'App'; DependsOn = 's{(i + 1) % 5000}' }}\n"));
        var table = DataParser.Parse($"@{{ Servers = @({servers}) }}", "x", problems);
        var environment = new EnvironmentMerge(problems).Merge("/srv/environment.psd1", [RootSection.Schema.Read(table!, new ReadContext(problems))]);
        Assert.Equal(5000, environment.Servers.Count);
        Assert.Equal("DependencyCycle", Assert.Single(problems).Id);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"{watch.Elapsed}");
    }
}
