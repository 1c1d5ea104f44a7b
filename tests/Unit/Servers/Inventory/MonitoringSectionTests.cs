using ProdOps.Servers.Inventory;
using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Servers.Tests.Inventory;

public sealed class MonitoringSectionTests
{
    private const string Around = """
        Servers = @( @{ Name = 'db1'; Role = 'Database' }, @{ Name = 'web1'; Role = 'App'; Group = 'eu' }, @{ Name = 'web2'; Role = 'App' } )
        Repositories = @{ r = @{ Path = '/r'; Password = @{ Variable = 'R' } } }; Backups = @{ db = @{ Path = '/srv'; Repository = 'r' } }
        """;

    private const string Channels = "Channels = @{ ops = @{ Script = '/usr/bin/page' } }";

    [Fact]
    public void A_section_is_read_with_all_that_it_says()
    {
        using var files = new EnvironmentFiles();
        var monitoring = files.Read($$"""
            @{
                {{Around}}
                Monitoring = @{
                    Store = 'monitoring'; Interval = '10s'; Anchors = 'ping://10.0.0.1', 'tcp://1.1.1.1:53'
                    Retention = @{ Samples = '7d'; FiveMinutes = '90d'; Hours = '5y'; MaxSize = 10GB }
                    Engine = 'VictoriaMetrics'; Url = 'http://metrics:8428/'; User = 'shop'; Password = @{ Variable = 'VM' }
                    Listen = '127.0.0.1:9179'; TextFile = 'prodops.prom'; Heartbeat = 'HOOK'
                    Rules = @(
                        @{ Name = 'disk.used'; Metric = 'disk.used'; Warning = '> 80%'; Critical = '> 92%'; Role = 'Database'; For = '5m' }
                        @{ Name = 'unit.failed'; Enabled = $false; Server = 'web1', 'role:Database', 'group:eu' }
                        @{ Name = 'full'; Metric = 'disk.used'; Function = 'forecast'; Limit = '100%'; Window = '6h'; Warning = '< 24h'; Coverage = '50%'; Percentile = 99.5; Instance = '/var*'; Attempts = 2 }
                        @{ Name = 'both'; All = 'disk.used', 'db port'; DependsOn = 'full' }
                    )
                    Checks = @(
                        @{ Name = 'shop'; Http = 'https://shop.example.org/health'; Expect = 'ok'; Warning = '> 2s'; Status = 200; Headers = 'Accept: text/html'; Address = 'web1' }
                        @{ Name = 'db port'; Tcp = 5432; Server = 'role:Database' }
                        @{ Name = 'load'; Plugin = '/usr/lib/nagios/plugins/check_load -w 5 -c 10'; Server = 'web*'; Interval = '1m'; AsRoot = $true }
                        @{ Name = 'shop db'; PostgreSql = 'shop'; Server = 'db1'; User = 'monitor'; Password = @{ File = '/p' }; Send = 'select 1'; Expect = 1 }
                        @{ Name = 'backup'; Backup = 'db'; MaxAge = '26h' }
                        @{ Name = 'errors'; Log = 'status:>=500'; Window = '5m'; Warning = '> 10'; For = '0s'; Attempts = 1 }
                        @{ Name = 'there'; Ping = $true; Server = 'web1' }
                        @{ Name = 'tested'; RestoreTest = 'db'; MaxAge = '30d' }
                        @{ Name = 'banner'; Tcp = 'mail.example.org:25'; Send = "EHLO x`r`n"; Expect = '250' }
                    )
                    Channels = @{
                        ops = @{ Mail = 'smtp.example.org:587'; From = 'prodops@example.org'; To = 'ops@example.org'; User = 'u'; Password = @{ File = '/m' } }
                        chat = @{ Webhook = @{ File = '/etc/prodops/slack.url' }; Template = 'Slack' }
                        hook = @{ Webhook = 'https://hooks.example.org/monitoring'; SigningKey = @{ File = '/k' }; SignatureHeader = 'X-Signature' }
                        local = @{ Syslog = $true }
                        page = @{ Script = '/usr/local/bin/page'; Timeout = '1m' }
                    }
                    Notify = @(
                        @{ Name = 'ops'; Channel = 'chat', 'OPS'; Severity = 'Critical'; Role = 'App'; Quiet = '22:00-06:00', 'Sat,Sun'; DigestAt = '08:00'; Repeat = '0s'; After = '15m'; MaxPerHour = 5; TimeZone = 'Europe/Berlin' }
                    )
                    Actions = @( @{ Name = 'restart shop'; Rule = 'service'; Instance = 'shop'; Command = 'systemctl restart shop'; AsRoot = $true; On = 'Critical', 'OK'; MaxPerHour = 1; Server = 'shop.example.org' }, @{ Name = 'route'; Rule = 'reachability'; RunOn = 'localhost'; Command = 'traceroute "$PRODOPS_SERVER"'; Diagnose = $true; Timeout = '30s' } )
                    Diagnose = $false
                }
            }
            """).Require().Monitoring;
        Assert.Equal((Path.Join(files.Folder, "monitoring"), TimeSpan.FromSeconds(10), "http://metrics:8428", MetricEngine.VictoriaMetrics), (monitoring.Store, monitoring.Interval, monitoring.Url, monitoring.Engine!.Value));
        Assert.Equal(new MetricRetentionOptions { Samples = TimeSpan.FromDays(7), FiveMinutes = TimeSpan.FromDays(90), Hours = TimeSpan.FromDays(5 * 365), MaxSize = 10L << 30 }, monitoring.Retention);
        Assert.Equal(["ping://10.0.0.1", "tcp://1.1.1.1:53"], monitoring.Anchors);
        Assert.Equal(("127.0.0.1:9179", Path.Join(files.Folder, "prodops.prom")), (monitoring.Listen, monitoring.TextFile));
        Assert.Equal("hook", monitoring.Heartbeat);

        var disk = monitoring.Rules[0];
        Assert.Equal(("disk.used", "> 80 %", "> 92 %", TimeSpan.FromMinutes(5)), (disk.Metric, $"{disk.Warning}", $"{disk.Critical}", disk.For!.Value));
        Assert.Equal((null, null, null, null), (disk.Window, disk.Attempts, disk.Enabled, disk.Instances));
        Assert.Equal(["Database"], disk.Roles);
        Assert.Equal((false, "web1", "Database"), (monitoring.Rules[1].Enabled!.Value, string.Join(',', monitoring.Rules[1].Servers), string.Join(',', monitoring.Rules[1].Roles)));
        var full = monitoring.Rules[2];
        Assert.Equal((HealthFunction.Forecast, 100, 0.5, 99.5, 2), (full.Function!.Value, full.Limit!.Value, full.Coverage!.Value, full.Percentile!.Value, full.Attempts!.Value));
        Assert.Equal(["disk.used", "db port"], monitoring.Rules[3].All!);

        Assert.Equal(
            ["Http https://shop.example.org/health", "Tcp 5432", "Plugin /usr/lib/nagios/plugins/check_load -w 5 -c 10", "PostgreSql shop", "Backup db", "Log status:>=500", "Ping ", "RestoreTest db", "Tcp mail.example.org:25"],
            monitoring.Checks.Select(check => $"{check.Kind} {check.Target}"));
        Assert.Equal(("ok", "> 2 s", "200", "web1"), (monitoring.Checks[0].Expect, $"{monitoring.Checks[0].Warning}", string.Join(',', monitoring.Checks[0].Status), monitoring.Checks[0].Address));
        Assert.Equal([200, 299], monitoring.Checks[1].Status);
        Assert.Equal((TimeSpan.FromMinutes(1), true, "web*"), (monitoring.Checks[2].Interval, monitoring.Checks[2].AsRoot, monitoring.Checks[2].Server[0]));
        Assert.Equal(("1", new SecretReference(SecretKind.File, "/p")), (monitoring.Checks[3].Expect, monitoring.Checks[3].Password));
        Assert.Equal((TimeSpan.FromHours(26), TimeSpan.FromMinutes(5)), (monitoring.Checks[4].MaxAge!.Value, monitoring.Checks[5].Window!.Value));
        Assert.Equal("EHLO x\r\n", monitoring.Checks[8].Send);

        Assert.Equal(["Mail smtp.example.org:587", "Webhook ", "Webhook https://hooks.example.org/monitoring", "Syslog ", "Script /usr/local/bin/page"], monitoring.Channels.Select(channel => $"{channel.Kind} {channel.Target}"));
        Assert.Equal((new SecretReference(SecretKind.File, "/k"), "X-Signature"), (monitoring.Channels[2].SigningKey, monitoring.Channels[2].SignatureHeader));
        Assert.Equal((null, "X-Hub-Signature-256"), (monitoring.Channels[1].SigningKey, monitoring.Channels[1].SignatureHeader));
        Assert.Equal((new SecretReference(SecretKind.File, "/etc/prodops/slack.url"), WebhookTemplate.Slack), (monitoring.Channels[1].SecretTarget, monitoring.Channels[1].Template));
        var route = Assert.Single(monitoring.Notify);
        Assert.Equal(["chat", "ops"], route.Channels);
        Assert.Equal((HealthState.Critical, TimeSpan.Zero, TimeSpan.FromMinutes(15), new TimeOnly(8, 0), "Europe/Berlin", 5), (route.Severity, route.Repeat, route.After, route.DigestAt!.Value, route.TimeZone, route.MaxPerHour));
        Assert.Equal((new TimeOnly(22, 0), new TimeOnly(6, 0), 0, 2), (route.Quiet[0].From, route.Quiet[0].Until, route.Quiet[0].Days.Count, route.Quiet[1].Days.Count));
        Assert.False(monitoring.Diagnose);
        var look = monitoring.Actions[1];
        Assert.Equal((true, 60, TimeSpan.FromSeconds(30)), (look.IsDiagnosis, look.MaxPerHour, look.Timeout));
        Assert.Equal([HealthState.Warning, HealthState.Critical], look.On);
        var action = monitoring.Actions[0];
        Assert.False(action.IsDiagnosis);
        Assert.Equal(("service", "shop", "shop.example.org", true), (action.Rules[0], action.Instances[0], action.Servers[0], action.AsRoot));
        Assert.Equal([HealthState.Critical, HealthState.OK], action.On);
    }

    [Fact]
    public void Without_the_section_there_are_defaults()
    {
        var monitoring = EnvironmentFiles.ReadText("@{ }").Require().Monitoring;
        Assert.Equal((null, TimeSpan.FromSeconds(30), new MetricRetentionOptions()), (monitoring.Store, monitoring.Interval, monitoring.Retention));
        Assert.Empty(monitoring.Checks);
    }

    [Theory]
    [InlineData("Intervall = '10s'", "UnknownKey Monitoring.Intervall", "'Interval'")]
    [InlineData("Interval = '0s'", "InvalidValue Monitoring.Interval", "1 s or more")]
    [InlineData("Retention = @{ Samples = '1h' }", "InvalidValue Monitoring.Retention.Samples", "2 h or more")]
    [InlineData("Retention = @{ MaxSize = 0 }", "InvalidValue Monitoring.Retention.MaxSize", "above 0")]
    [InlineData("Channels = @{ ops = @{ Syslog = $true } }; Heartbeat = 'opps'", "NotificationChannelUnknown Monitoring.Heartbeat", "'ops'")]
    [InlineData("Anchors = '10.0.0.1'", "InvalidValue Monitoring.Anchors", "ping://host")]
    [InlineData("Engine = 'Prometheus'", "MonitoringEngineIncomplete Monitoring", "Prometheus")]
    [InlineData("Engine = 'Prometheus'; Url = 'http://a:hunter2@m'", "SecretInClear Monitoring.Url", "password")]
    [InlineData("Engine = 'Prometheus'; Url = 'http://m'; User = 'a'; Token = @{ Variable = 'T' }", "MonitoringLoginTwice Monitoring", "token")]
    [InlineData("Listen = '9179'", "InvalidValue Monitoring.Listen", "127.0.0.1:9179")]
    [InlineData("Listen = 'localhost:9179'", "InvalidValue Monitoring.Listen", "127.0.0.1:9179")]
    [InlineData("TextFile = 'metrics.txt'", "InvalidValue Monitoring.TextFile", ".prom")]
    [InlineData("Rules = @{ Metric = 'x'; Warning = '> 1' }", "MissingKey Monitoring.Rules[0].Name", "Name")]
    [InlineData("Rules = @{ Name = 'disk.usd'; Warning = '> 1%' }", "HealthRuleIncomplete Monitoring.Rules[0]", "'disk.used'")]
    [InlineData("Rules = @{ Name = 'x'; Metric = 'm'; Check = 'c' }", "HealthRuleMixed Monitoring.Rules[0]", "Metric and Check")]
    [InlineData("Rules = @{ Name = 'x'; Metric = 'm'; Warning = '80%' }", "InvalidValue Monitoring.Rules[0].Warning", "does not begin with")]
    [InlineData("Rules = @{ Name = 'x'; Metric = 'm'; Warning = '> 8 apples' }", "InvalidValue Monitoring.Rules[0].Warning", "'8 apples'")]
    [InlineData("Rules = @{ Name = 'x'; Metric = 'm'; Warning = '> 8'; Limit = 'far' }", "InvalidValue Monitoring.Rules[0].Limit", "'far'")]
    [InlineData("Rules = @{ Name = 'x'; Metric = 'm'; Function = 'Mean' }", "InvalidValue Monitoring.Rules[0].Function", "'Average'")]
    [InlineData("Rules = @{ Name = 'x'; Any = 'service', 'X' }", "HealthRuleCycle Monitoring.Rules[0]", "'x'")]
    [InlineData("Rules = @{ Name = 'w'; Any = 'service', 'x' }, @{ Name = 'x'; All = 'service', 'y' }, @{ Name = 'y'; Any = 'x', 'disk.used' }", "HealthRuleCycle Monitoring.Rules[1]", "'x'")]
    [InlineData("Rules = @{ Name = 'x'; Any = 'service', 'disk.usd' }", "HealthRuleUnknown Monitoring.Rules[0].Any", "'disk.used'")]
    [InlineData("Rules = @{ Name = 'disk.used'; Server = 'wep1' }", "HealthServerUnknown Monitoring.Rules[0].Server", "'web1'")]
    [InlineData("Rules = @{ Name = 'disk.used'; Role = 'Apps' }", "HealthRoleUnknown Monitoring.Rules[0].Role", "'App'")]
    [InlineData("Checks = @{ Name = 'a'; Server = 'web1' }", "HealthKindMissing Monitoring.Checks[0]", "Http, Tcp")]
    [InlineData("Checks = @{ Name = 'a'; Tcp = 1; Ping = 'h' }", "HealthKindMixed Monitoring.Checks[0]", "Tcp and Ping")]
    [InlineData("Checks = @{ Name = 'a'; Tcp = 'h' }", "InvalidValue Monitoring.Checks[0].Tcp", "host:port")]
    [InlineData("Checks = @{ Name = 'a'; Tcp = 70000 }", "InvalidValue Monitoring.Checks[0].Tcp", "65535")]
    [InlineData("Checks = @{ Name = 'a'; Tcp = 80 }", "HealthCheckServerMissing Monitoring.Checks[0]", "Server")]
    [InlineData("Checks = @{ Name = 'a'; Script = 'true' }", "HealthCheckServerMissing Monitoring.Checks[0]", "Server")]
    [InlineData("Checks = @{ Name = 'a'; Tcp = 'h:80'; Status = 200 }", "HealthKeyNotOfKind Monitoring.Checks[0].Status", "Tcp, which cannot use 'Status'. Remove Status; it is for Http.")]
    [InlineData("Checks = @{ Name = 'a'; Http = 'https://h/'; MaxAge = '1d' }", "HealthKeyNotOfKind Monitoring.Checks[0].MaxAge", "for Backup")]
    [InlineData("Checks = @{ Name = 'a'; Http = 'shop.example.org' }", "InvalidValue Monitoring.Checks[0].Http", "https://")]
    [InlineData("Checks = @{ Name = 'a'; Http = 'https://a:hunter2@h/' }", "SecretInClear Monitoring.Checks[0].Http", "password")]
    [InlineData("Checks = @{ Name = 'a'; Http = 'https://h/'; Headers = 'Authorization: Bearer hunter2' }", "SecretInClear Monitoring.Checks[0].Headers", "'Authorization'")]
    [InlineData("Checks = @{ Name = 'a'; Http = 'https://h/'; Headers = 'X-Api-Key: hunter2' }", "SecretInClear Monitoring.Checks[0].Headers", "'X-Api-Key'")]
    [InlineData("Checks = @{ Name = 'a'; Http = 'https://h/'; Password = 'hunter2' }", "SecretInClear Monitoring.Checks[0].Password", "in the clear")]
    [InlineData("Checks = @{ Name = 'a'; Http = 'https://h/'; Status = 500, 200 }", "InvalidValue Monitoring.Checks[0].Status", "500, 200")]
    [InlineData("Checks = @{ Name = 'a'; Http = 'https://h/'; Matches = '(' }", "InvalidValue Monitoring.Checks[0].Matches", "'('")]
    [InlineData("Checks = @{ Name = 'a'; Dns = 'h'; RecordType = 'B' }", "InvalidValue Monitoring.Checks[0].RecordType", "AAAA")]
    [InlineData("Checks = @{ Name = 'a'; Redis = $true; Server = 'db1'; Address = 'h:1' }", "InvalidValue Monitoring.Checks[0].Address", "'h:1'")]
    [InlineData("Checks = @{ Name = 'a'; Script = 'true'; RunOn = 'wep1' }", "HealthServerUnknown Monitoring.Checks[0].RunOn", "'web1'")]
    [InlineData("Checks = @{ Name = 'a'; Ping = 'h'; RunOn = 'web1' }", "HealthKeyNotOfKind Monitoring.Checks[0].RunOn", "for Plugin, Script")]
    [InlineData("Checks = @{ Name = 'a'; Http = 'http://{server}/' }", "HealthCheckServerMissing Monitoring.Checks[0]", "Server")]
    [InlineData("Checks = @{ Name = 'a'; RestoreTest = 'dv' }", "HealthBackupUnknown Monitoring.Checks[0].RestoreTest", "'db'")]
    [InlineData("Checks = @{ Name = 'a'; Backup = 'dv' }", "HealthBackupUnknown Monitoring.Checks[0].Backup", "'db'")]
    [InlineData("Checks = @{ Name = 'a'; Ping = 'h' }, @{ Name = 'A'; Ping = 'i' }", "HealthNameTwice Monitoring.Checks[1]", "line")]
    [InlineData("Checks = @{ Name = 'disk.used'; Ping = 'h' }", "HealthCheckNameTaken Monitoring.Checks[0]", "another name")]
    [InlineData("Channels = @{ a = @{ To = 'a@b' } }", "HealthKindMissing Monitoring.Channels.a", "Mail, Webhook")]
    [InlineData("Channels = @{ 'a*' = @{ Script = 'x' } }", "HealthNameInvalid Monitoring.Channels.a*", "'a*'")]
    [InlineData("Channels = @{ a = @{ Mail = 'h' ; From = 'a@b' } }", "HealthKeyMissing Monitoring.Channels.a", "'To'")]
    [InlineData("Channels = @{ a = @{ Mail = 'h' ; From = 'a@b'; To = 'ops' } }", "InvalidValue Monitoring.Channels.a", "'ops'")]
    [InlineData("Channels = @{ a = @{ Mail = 'h' ; From = 'a@b'; To = 'a@b'; Template = 'Slack' } }", "HealthKeyNotOfKind Monitoring.Channels.a.Template", "for Webhook")]
    [InlineData("Channels = @{ a = @{ Syslog = 'loghost' } }", "InvalidValue Monitoring.Channels.a.Syslog", "udp://")]
    [InlineData("Channels = @{ a = @{ Webhook = 'https://hooks.example.org/x'; SigningKey = 'hunter2' } }", "SecretInClear Monitoring.Channels.a.SigningKey", "@{ File")]
    [InlineData("Channels = @{ a = @{ Script = 'x'; SigningKey = @{ File = '/k' } } }", "HealthKeyNotOfKind Monitoring.Channels.a.SigningKey", "for Webhook")]
    [InlineData("Channels = @{ a = @{ Webhook = 'https://hooks.slack.com/services/hunter2' } }", "SecretInClear Monitoring.Channels.a.Webhook", "secret itself")]
    [InlineData("Channels = @{ a = @{ Webhook = 'https://chat.example.org/hooks/4xp8m3hunter2jsdf9q1b7a' } }", "SecretInClear Monitoring.Channels.a.Webhook", "@{ File")]
    [InlineData("Channels = @{ a = @{ Webhook = 'https://chat.example.org/hook?access_token=hunter2' } }", "SecretInClear Monitoring.Channels.a.Webhook", "@{ File")]
    [InlineData("Channels = @{ a = @{ Webhook = @{ Path = 'hunter2' } } }", "UnknownKey Monitoring.Channels.a.Webhook.Path", "File")]
    [InlineData("Notify = @{ Name = 'a'; Channel = 'osp' }; " + Channels, "NotificationChannelUnknown Monitoring.Notify[0].Channel", "'ops'")]
    [InlineData("Notify = @{ Name = 'a' }; " + Channels, "MissingKey Monitoring.Notify[0].Channel", "Channel")]
    [InlineData("Notify = @{ Name = 'a'; Channel = 'ops'; Quiet = '22-6' }; " + Channels, "InvalidValue Monitoring.Notify[0].Quiet", "22:00-06:00")]
    [InlineData("Notify = @{ Name = 'a'; Channel = 'ops'; Severity = 'OK' }; " + Channels, "InvalidValue Monitoring.Notify[0].Severity", "'Warning', 'Critical'")]
    [InlineData("Notify = @{ Name = 'a'; Channel = 'ops'; DigestAt = '25:00' }; " + Channels, "InvalidValue Monitoring.Notify[0].DigestAt", "'25:00'")]
    [InlineData("Notify = @{ Name = 'a'; Channel = 'ops'; DigestAt = '8:00'; TimeZone = 'Berlin' }; " + Channels, "InvalidValue Monitoring.Notify[0].TimeZone", "'Berlin'")]
    [InlineData("Notify = @{ Name = 'a'; Channel = 'ops' }, @{ Name = 'a'; Channel = 'ops' }; " + Channels, "HealthNameTwice Monitoring.Notify[1]", "The route 'a'")]
    [InlineData("Actions = @{ Name = 'a'; Rule = 'servcie'; Command = 'true' }", "HealthRuleUnknown Monitoring.Actions[0].Rule", "'service'")]
    [InlineData("Actions = @{ Name = 'a'; Rule = 'service' }", "MissingKey Monitoring.Actions[0].Command", "Command")]
    [InlineData("Actions = @{ Name = 'a'; Rule = 'x*'; Command = 'true' }", "HealthRuleUnknown Monitoring.Actions[0].Rule", "'x*'")]
    [InlineData("Actions = @{ Name = 'a'; Rule = 'service'; Command = 'true'; On = 'Critical', 'Bad' }", "InvalidValue Monitoring.Actions[0].On", "'Bad'")]
    [InlineData("Actions = @{ Name = 'a'; Rule = 'service'; Command = 'true'; RunOn = 'role:App' }", "HealthServerUnknown Monitoring.Actions[0].RunOn", "'role:App'")]
    public void An_error_names_its_key_and_what_was_probably_meant(string text, string expected, string mentions)
    {
        var problem = Read(text)[0];
        Assert.Equal(expected, $"{problem.Id} {problem.Key}");
        Assert.Contains(mentions, $"{problem.Message} {problem.Recommendation}");
        Assert.DoesNotContain("hunter2", problem.Message + problem.Recommendation);
        Assert.False(problem.IsWarning);
    }

    [Theory]
    [InlineData("Url = 'http://m'", "Monitoring.Url")]
    [InlineData("Engine = 'Prometheus'; Url = 'http://m'; Password = @{ Variable = 'P' }", "Monitoring.Password")]
    [InlineData("Notify = @{ Name = 'a'; Channel = 'ops'; TimeZone = 'UTC' }; " + Channels, "Monitoring.Notify[0].TimeZone")]
    [InlineData("Notify = @{ Name = 'a'; Channel = 'ops'; QuietForCritical = $true }; " + Channels, "Monitoring.Notify[0].QuietForCritical")]
    [InlineData("Channels = @{ a = @{ Webhook = 'https://hooks.example.org/x'; SignatureHeader = 'X-Signature' } }", "Monitoring.Channels.a.SignatureHeader")]
    public void What_has_no_effect_is_a_warning(string text, string key)
    {
        var problem = Assert.Single(Read(text));
        Assert.Equal(("MonitoringKeyUnused", key, true), (problem.Id, problem.Key, problem.IsWarning));
    }

    [Fact]
    public void A_rule_can_change_one_before_it_or_that_of_a_check() =>
        Assert.Empty(Read("Rules = @{ Name = 'x'; Metric = 'm'; Warning = '> 1' }, @{ Name = 'X'; Warning = '> 2'; Role = 'App' }, @{ Name = 'port'; For = '5m' }; Checks = @{ Name = 'port'; Tcp = 'h:80' }"));

    [Fact]
    public void Each_server_can_be_asked_by_its_address() =>
        Assert.Empty(Read("Checks = @{ Name = 'page'; Http = 'http://{server}:8080/health'; Server = 'role:App' }, @{ Name = 'port'; Tcp = '{server}:22'; Server = '*'; Address = '{server}' }, @{ Name = 'name'; Dns = 'example.org' }"));

    [Fact]
    public void A_database_need_not_be_named_and_a_Redis_may_be_asked_by_TLS()
    {
        Assert.Empty(Read("Checks = @{ Name = 'pg'; PostgreSql = $true; Server = 'db1' }, @{ Name = 'r'; Redis = 'rediss://cache.example.org:6380' }, @{ Name = 's'; Redis = 'rediss://{server}/'; Server = 'db1' }; Rules = @{ Name = 'r'; For = '5m'; Server = 'cache.example.org' }"));
        var problem = Read("Checks = @{ Name = 'r'; Redis = 'rediss://:hunter2@cache' }")[0];
        Assert.Equal("SecretInClear Monitoring.Checks[0].Redis", $"{problem.Id} {problem.Key}");
    }

    [Fact]
    public void What_looks_wrong_in_the_section_fails_the_check_of_monitoring()
    {
        var checks = StaticChecks.Run(EnvironmentFiles.ReadText($"@{{ {Around}\n Monitoring = @{{ Checks = @{{ Name = 'a' }} }} }}")).Where(check => check.Check == "Monitoring");
        Assert.Equal(("HealthKindMissing", EnvironmentCheckStatus.Failed), (Assert.Single(checks).ErrorId, checks.Single().Status));
        Assert.Equal(EnvironmentCheckStatus.Passed, StaticChecks.Run(EnvironmentFiles.ReadText("@{ }")).Single(check => check.Check == "Monitoring").Status);
    }

    [Theory]
    [InlineData("22:00-06:00", "22:00 06:00 ")]
    [InlineData("22:00 - 6:00", "22:00 06:00 ")]
    [InlineData("Sat,Sun", "00:00 00:00 Saturday Sunday")]
    [InlineData("fri-mon 00:00-24:00", "00:00 00:00 Friday Saturday Sunday Monday")]
    [InlineData("Mon-Wed,Sat 18:00-08:00", "18:00 08:00 Monday Tuesday Wednesday Saturday")]
    [InlineData("", null)]
    [InlineData("Foo", null)]
    [InlineData("Mon-Tue-Wed", null)]
    [InlineData("22:00", null)]
    [InlineData("22:00-25:00", null)]
    [InlineData("Mon 22:00-06:00 Tue", null)]
    public void Quiet_hours_are_read_as_people_write_them(string text, string? expected) =>
        Assert.Equal(expected, QuietHoursText.Parse(text) is { } hours ? $"{hours.From:HH\\:mm} {hours.Until:HH\\:mm} {string.Join(' ', hours.Days)}" : null);

    private static IReadOnlyList<EnvironmentProblem> Read(string text) => EnvironmentFiles.ReadText($"@{{ {Around}\n Monitoring = @{{ {text} }} }}").Problems;
}
