using ProdOps.Monitoring.Tests.Notifications;

namespace ProdOps.Cmdlets.Tests.Monitoring;

/// <summary>Test-Notification and Send-Notification through the built module: programs of this machine, and a real mail server.</summary>
public sealed class NotificationCmdletTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("prodops-notify-").FullName;
    private readonly Engine _engine = new();

    public NotificationCmdletTests()
    {
        _engine.Run($"$null = $ExecutionContext.SessionState.Path.SetLocation('{_folder}')");
        File.WriteAllText(Path.Combine(_folder, "environment.psd1"), $$"""
            @{
                Name = 'shop'
                Servers = @( @{ Name = 'web1' } )
                Monitoring = @{
                    Channels = @{
                        one  = @{ Script = 'cat > "{{_folder}}/one.json"' }
                        two  = @{ Script = 'cat > "{{_folder}}/two.json"' }
                        dead = @{ Script = 'echo "no way" >&2; exit 1' }
                    }
                    Notify = @( @{ Name = 'ops'; Channel = 'dead', 'two' }, @{ Name = 'night'; Channel = 'dead' } )
                }
            }
            """);
    }

    public void Dispose()
    {
        _engine.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [UnixFact]
    public void Each_channel_is_tried_and_told_of()
    {
        var found = _engine.Run("Test-Notification").Select(delivery => $"{delivery.Properties["Channel"].Value} {delivery.Properties["Kind"].Value} {delivery.Properties["Delivered"].Value} {delivery.Properties["ErrorId"].Value}").Order(StringComparer.Ordinal);
        Assert.Equal(["dead Script False NotificationNotDelivered", "one Script True ", "two Script True "], found);
        Assert.Contains("\"environment\":\"shop\"", Message("one"), StringComparison.Ordinal);
        Assert.Contains("\"kind\":\"Test\",\"severity\":\"OK\"", Message("one"), StringComparison.Ordinal);
        File.Delete(Path.Combine(_folder, "one.json"));
        Assert.Equal(["two"], Names("Test-Notification tw* -Severity Critical", "Channel"));
        Assert.Equal(["dead", "two"], Names("Test-Notification -Route ops", "Channel").Order());
        Assert.Equal(["one"], Names("'one' | Test-Notification", "Channel"));
        Assert.Empty(_engine.Run("@() | Test-Notification"));
        Assert.True(File.Exists(Path.Combine(_folder, "one.json")));
    }

    [UnixFact]
    public void A_channel_need_not_be_in_the_environment()
    {
        Assert.Equal(["True"], Names($"Test-Notification -Script 'cat > \"{_folder}/own.json\"'", "Delivered"));
        Assert.Contains("\"title\":\"Test message from ", Message("own"), StringComparison.Ordinal);
        dynamic mail = Assert.Single(_engine.Run("Test-Notification -SmtpServer 127.0.0.1:1 -From a@example.org -To b@example.org")).BaseObject;
        Assert.Equal(("127.0.0.1:1", false, "NotificationNotDelivered"), ((string)mail.Channel, (bool)mail.Delivered, (string)mail.ErrorId));
        dynamic hook = Assert.Single(_engine.Run("Test-Notification -Uri http://127.0.0.1:1/secret/path -Template Slack")).BaseObject;
        Assert.Equal(("127.0.0.1", "NotificationNotDelivered"), ((string)hook.Channel, (string)hook.ErrorId));
        Assert.DoesNotContain("secret", (string)hook.ToString(), StringComparison.Ordinal);
        dynamic wrong = Assert.Single(_engine.Run("Test-Notification -Syslog http://x")).BaseObject;
        Assert.Equal("NotificationChannelInvalid", (string)wrong.ErrorId);
    }

    [MailFact]
    public void A_mail_is_sent_by_the_module_with_TLS_and_a_login()
    {
        using var server = new MailServer();
        using var shell = _engine.Shell($$"""
            param($password)
            $credential = [pscredential]::new('monitor', $password)
            Test-Notification -SmtpServer localhost:{{server.StartTlsPort}} -From prodops@example.org -To ops@example.org -Credential $credential -CACertificate '{{server.Authority}}' -TimeoutSec 60
            """).AddArgument(Secure("swordfish-äöü"));
        dynamic delivery = Assert.Single(shell.Invoke()).BaseObject;
        Assert.Equal("", (string)delivery.Error);
        Assert.True((bool)delivery.Delivered);
        Assert.Equal("monitor", (string?)server.Read()["user"]);
    }

    [UnixFact]
    public void A_message_of_ones_own_goes_by_the_first_channel_of_each_route_that_works()
    {
        using var shell = _engine.Shell("Send-Notification 'Deploying 2.4' 'It takes ten minutes.', 'Nobody need do anything.' -Severity Warning");
        dynamic delivery = Assert.Single(shell.Invoke()).BaseObject;
        Assert.Equal(("two", true), ((string)delivery.Channel, (bool)delivery.Delivered));
        Assert.Contains("The next channel of the route 'ops' is used.", Assert.Single(shell.Streams.Warning).Message, StringComparison.Ordinal);
        Assert.Equal("NotificationNotDelivered,ProdOps.Cmdlets.Monitoring.SendNotification", Assert.Single(shell.Streams.Error).FullyQualifiedErrorId);
        Assert.Contains("\"kind\":\"Message\",\"severity\":\"Warning\"", Message("two"), StringComparison.Ordinal);
        Assert.Contains("\"title\":\"Deploying 2.4\",\"text\":\"It takes ten minutes.\\nNobody need do anything.\\n", Message("two"), StringComparison.Ordinal);
    }

    [UnixFact]
    public void What_comes_from_the_pipeline_is_told()
    {
        _engine.Run("""
            $disk = [ProdOps.HealthCheckResult]@{ Server = 'web1'; Check = 'disk.used'; Instance = '/var'; State = 'Critical'; Value = 97; Unit = '%'; Message = '97 % used'; Time = [DateTimeOffset]::Now }
            $health = [ProdOps.ServerHealth]@{ Server = 'web1'; State = 'Critical'; Problems = [ProdOps.HealthCheckResult[]]@($disk) }
            $health, [ProdOps.HealthCheckResult]@{ Server = 'db1'; Check = 'load'; State = 'Warning'; Time = [DateTimeOffset]::Now }, 'a line' | Send-Notification -Channel one
            """);
        Assert.Contains("\"severity\":\"Critical\"", Message("one"), StringComparison.Ordinal);
        Assert.Contains("\"title\":\"Critical: web1 disk.used /var, db1 load\",\"text\":\"a line\\n", Message("one"), StringComparison.Ordinal);
        Assert.Contains("- Critical: web1 disk.used /var: 97 % used\\n", Message("one"), StringComparison.Ordinal);
        Assert.Empty(_engine.Run("@() | Send-Notification 'Nothing' -Channel two"));
        Assert.Empty(_engine.Run("Send-Notification 'Nothing' -Channel two -WhatIf"));
        Assert.False(File.Exists(Path.Combine(_folder, "two.json")));
    }

    [Theory]
    [InlineData("Test-Notification three", "NotificationChannelNotFound", "two")]
    [InlineData("Send-Notification hello -Route three", "NotificationChannelNotFound", "night")]
    [InlineData("Send-Notification", "NotificationMessageEmpty", "nothing to send")]
    [InlineData("Test-Notification -Environment empty.psd1", "NotificationChannelMissing", "channel")]
    public void What_cannot_be_sent_is_an_error(string script, string error, string mentions)
    {
        File.WriteAllText(Path.Combine(_folder, "empty.psd1"), "@{ }");
        using var shell = _engine.Shell($"try {{ {script} }} catch {{ $_ }}");
        var output = shell.Invoke();
        var record = output.Count > 0 ? (System.Management.Automation.ErrorRecord)output[0].BaseObject : Assert.Single(shell.Streams.Error);
        Assert.Equal($"{error},ProdOps.Cmdlets.Monitoring.{script.Split(' ')[0].Replace("-", "", StringComparison.Ordinal)}", record.FullyQualifiedErrorId);
        Assert.Contains(mentions, record + record.ErrorDetails?.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void Channels_and_routes_are_completed_with_what_they_are()
    {
        string Complete(string text)
        {
            using var shell = _engine.Shell("param($text) [System.Management.Automation.CommandCompletion]::CompleteInput($text, $text.Length, $null).CompletionMatches | ForEach-Object { $_.CompletionText + '|' + $_.ToolTip }").AddArgument(text);
            return string.Join(' ', shell.Invoke());
        }

        Assert.Equal("one|Script", Complete("Test-Notification o"));
        Assert.Equal("ops|dead, two", Complete("Send-Notification hello -Route o"));
    }

    private string Message(string name) => File.ReadAllText(Path.Combine(_folder, $"{name}.json"));

    private List<string> Names(string script, string property) => [.. _engine.Run(script).Select(found => found.Properties[property].Value.ToString()!)];

    private static System.Security.SecureString Secure(string text)
    {
        var secure = new System.Security.SecureString();
        foreach (char c in text) secure.AppendChar(c);
        return secure;
    }
}
