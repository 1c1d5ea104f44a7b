using ProdOps.Servers.Inventory;

namespace ProdOps.Servers.Tests.Inventory;

public sealed class LoggingSectionTests
{
    private const string Around = """
        Servers = @( @{ Name = 'db1'; Role = 'Database' }, @{ Name = 'web1'; Role = 'App'; Group = 'eu' }, @{ Name = 'web2'; Role = 'App' } )
        """;

    [Fact]
    public void A_section_is_read_with_all_that_it_says()
    {
        using var files = new EnvironmentFiles();
        var logging = files.Read($$"""
            @{
                {{Around}}
                Logging = @{
                    Store = 'logs'; Retention = '90d'; MaxSize = 200GB; ClockSkewLimit = '250ms'
                    Engine = 'loki'; Url = 'https://logs.example/'; User = 'shop'; Password = @{ Variable = 'LOKI' }
                    Sources = @(
                        @{ Name = 'nginx'; Server = 'role:App'; Path = '/var/log/nginx/*.log', '/srv/x.log'; Exclude = '/var/log/nginx/debug*'; Format = 'nginx-access'; Zone = 'Europe/Berlin'
                           Retention = '30d'; MaxSize = '10 GB'; AsRoot = $true; MultiLine = '^\d{4}-' }
                        @{ Name = 'journal'; Journal = $true }
                        @{ Name = 'units'; Journal = 'ssh.service', 'cron.service'; MultiLine = 'none' }
                        @{ Name = 'who'; Server = 'db1'; Command = 'who -a'; Interval = '5m' }
                    )
                    Filters = @{ orders = @{ Pattern = '%{ORDER:id} %{GREEDYDATA:text}'; TimeField = 'at'; TimeFormat = 'UNIX'; LevelField = 'lvl'; MessageField = 'text'; Patterns = @{ ORDER = '[A-Z]{2}\d+' } } }
                }
            }
            """).Require().Logging;
        Assert.Equal((Path.Join(files.Folder, "logs"), TimeSpan.FromDays(90), 200L << 30, TimeSpan.FromMilliseconds(250)), (logging.Store, logging.Retention!.Value, logging.MaxSize!.Value, logging.ClockSkewLimit));
        Assert.Equal((LogEngine.Loki, "https://logs.example", "shop", new SecretReference(SecretKind.Variable, "LOKI")), (logging.Engine!.Value, logging.Url, logging.User, logging.Password));
        Assert.Equal(["nginx", "journal", "units", "who"], logging.Sources.Select(source => source.Name));
        var nginx = logging.Sources[0];
        Assert.Equal(["role:App"], nginx.Server);
        Assert.Equal(["/var/log/nginx/*.log", "/srv/x.log"], nginx.Path);
        Assert.Equal(["/var/log/nginx/debug*"], nginx.Exclude);
        Assert.Equal(("nginx-access", "Europe/Berlin", TimeSpan.FromDays(30), 10L << 30, true, @"^\d{4}-"), (nginx.Format, nginx.Zone, nginx.Retention!.Value, nginx.MaxSize!.Value, nginx.AsRoot, nginx.MultiLine));
        Assert.Equal((true, 0, "Auto"), (logging.Sources[1].Journal, logging.Sources[1].JournalUnit.Count, logging.Sources[1].MultiLine));
        Assert.Equal(["ssh.service", "cron.service"], logging.Sources[2].JournalUnit);
        Assert.Equal((true, "None"), (logging.Sources[2].Journal, logging.Sources[2].MultiLine));
        Assert.Equal(("who -a", TimeSpan.FromMinutes(5)), (logging.Sources[3].Command, logging.Sources[3].Interval));
        var filter = Assert.Single(logging.Filters);
        Assert.Equal(("orders", "%{ORDER:id} %{GREEDYDATA:text}", "at", "UNIX", "lvl", "text"), (filter.Name, filter.Pattern, filter.TimeField, filter.TimeFormat, filter.LevelField, filter.MessageField));
        Assert.Equal(@"[A-Z]{2}\d+", filter.Patterns["ORDER"]);
    }

    [Fact]
    public void Without_the_section_there_are_defaults()
    {
        var logging = EnvironmentFiles.ReadText("@{ }").Require().Logging;
        Assert.Equal((null, null, null, null, TimeSpan.FromSeconds(1)), (logging.Store, logging.Engine, logging.Retention, logging.MaxSize, logging.ClockSkewLimit));
        Assert.Empty(logging.Sources);
    }

    [Theory]
    [InlineData("Stoer = '/x'", "UnknownKey Logging.Stoer", "'Store'")]
    [InlineData("Retention = '0d'", "InvalidValue Logging.Retention", "1 h or more")]
    [InlineData("MaxSize = 0", "InvalidValue Logging.MaxSize", "above 0")]
    [InlineData("Sources = @{ Name = 'a'; Path = '/a'; Retention = '0s' }", "InvalidValue Logging.Sources[0].Retention", "1 h or more")]
    [InlineData("Sources = @{ Name = 'a'; Path = '/a'; MaxSize = '0 GB' }", "InvalidValue Logging.Sources[0].MaxSize", "no limit")]
    [InlineData("Engine = 'Splunk'", "InvalidValue Logging.Engine", "'Splunk'")]
    [InlineData("Engine = 'Loki'", "LogEngineIncomplete Logging", "Loki")]
    [InlineData("Engine = 'Loki'; Url = 'logs:3100'", "InvalidValue Logging.Url", "'logs:3100'")]
    [InlineData("Engine = 'Loki'; Url = 'http://a:hunter2@logs'", "SecretInClear Logging.Url", "password")]
    [InlineData("Engine = 'Loki'; Url = 'http://logs'; Token = 'abc'", "SecretInClear Logging.Token", "in the clear")]
    [InlineData("Engine = 'Loki'; Url = 'http://logs'; User = 'a'; Token = @{ Variable = 'T' }", "LogLoginTwice Logging", "token")]
    [InlineData("Engine = 'Loki'; Url = 'http://logs'; Tenant = 'a|b'", "InvalidValue Logging.Tenant", "'a|b'")]
    [InlineData("Sources = @{ Path = '/a' }", "MissingKey Logging.Sources[0].Name", "Name")]
    [InlineData("Sources = @{ Name = 'a/b'; Path = '/a' }", "InvalidValue Logging.Sources[0].Name", "'a/b'")]
    [InlineData("Sources = @{ Name = 'a' }", "LogSourceMissing Logging.Sources[0]", "'a'")]
    [InlineData("Sources = @{ Name = 'a'; Journal = $false }", "LogSourceMissing Logging.Sources[0]", "'a'")]
    [InlineData("Sources = @{ Name = 'a'; Path = '/a'; Command = 'x' }", "LogSourceMixed Logging.Sources[0]", "Path and Command")]
    [InlineData("Sources = @{ Name = 'a'; Path = 'a.log' }", "InvalidValue Logging.Sources[0].Path", "'a.log'")]
    [InlineData("Sources = @{ Name = 'a'; Path = '/a'; Zone = 'Berlin' }", "InvalidValue Logging.Sources[0].Zone", "'Berlin'")]
    [InlineData("Sources = @{ Name = 'a'; Path = '/a'; MultiLine = '(' }", "InvalidValue Logging.Sources[0].MultiLine", "'('")]
    [InlineData("Sources = @{ Name = 'a'; Path = '/a'; Format = 'nginx-acess' }", "LogFormatUnknown Logging.Sources[0].Format", "'nginx-access'")]
    [InlineData("Sources = @{ Name = 'a'; Path = '/a'; Format = 'ordres' }; Filters = @{ orders = @{ Pattern = 'x' } }", "LogFormatUnknown Logging.Sources[0].Format", "'orders'")]
    [InlineData("Sources = @{ Name = 'a'; Path = '/a'; Server = 'wep1' }", "LogServerUnknown Logging.Sources[0].Server", "'web1'")]
    [InlineData("Sources = @{ Name = 'a'; Path = '/a'; Server = 'role:Apps' }", "LogServerUnknown Logging.Sources[0].Server", "'role:App'")]
    [InlineData("Sources = @{ Name = 'a'; Path = '/a' }, @{ Name = 'A'; Path = '/b'; Server = 'web*' }", "LogSourceTwice Logging.Sources[1]", "'web1'")]
    [InlineData("Sources = @{ Name = 'a'; Journal = '-x' }", "InvalidValue Logging.Sources[0].Journal", "'-x'")]
    [InlineData("Filters = @{ 'a b' = @{ Pattern = 'x' } }", "LogFilterNameInvalid Logging.Filters.a b", "'a b'")]
    [InlineData("Filters = @{ a = @{ } }", "MissingKey Logging.Filters.a.Pattern", "Pattern")]
    [InlineData("Filters = @{ a = @{ Pattern = 'x'; Patterns = 'y' } }", "WrongType Logging.Filters.a.Patterns", "a table")]
    public void An_error_names_its_key_and_what_was_probably_meant(string text, string expected, string mentions)
    {
        var problem = Read(text)[0];
        Assert.Equal(expected, $"{problem.Id} {problem.Key}");
        Assert.Contains(mentions, problem.Message + problem.Recommendation);
        Assert.DoesNotContain("hunter2", problem.Message + problem.Recommendation);
        Assert.False(problem.IsWarning);
    }

    [Theory]
    [InlineData("Url = 'http://logs'", "Logging.Url")]
    [InlineData("Engine = 'Loki'; Url = 'http://logs'; Password = @{ Variable = 'P' }", "Logging.Password")]
    [InlineData("Engine = 'VictoriaLogs'; Url = 'http://logs'; Tenant = 'a'", "Logging.Tenant")]
    [InlineData("Sources = @{ Name = 'a'; Journal = $true; Exclude = '/a' }", "Logging.Sources[0].Exclude")]
    [InlineData("Sources = @{ Name = 'a'; Path = '/a'; Interval = '1m' }", "Logging.Sources[0].Interval")]
    public void What_has_no_effect_is_a_warning(string text, string key)
    {
        var problem = Assert.Single(Read(text));
        Assert.Equal(("LoggingKeyUnused", key, true), (problem.Id, problem.Key, problem.IsWarning));
    }

    [Fact]
    public void A_source_may_have_the_same_name_on_other_servers() =>
        Assert.Empty(Read("Sources = @{ Name = 'a'; Path = '/a'; Server = 'db1' }, @{ Name = 'a'; Path = '/b'; Server = 'role:App' }"));

    private static IReadOnlyList<EnvironmentProblem> Read(string text) => EnvironmentFiles.ReadText($"@{{ {Around}\n Logging = @{{ {text} }} }}").Problems;
}
