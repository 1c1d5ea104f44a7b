using System.Management.Automation;
using System.Net;
using System.Net.Sockets;
using ProdOps.Cmdlets.Tests.Backup;

namespace ProdOps.Cmdlets.Tests.Monitoring;

/// <summary>Test-HealthCheck, and the checks of Get-HealthStatus, through the built module with this machine as the server.</summary>
public sealed class TestHealthCheckTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("prodops-checks-").FullName;
    private readonly Engine _engine = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public TestHealthCheckTests()
    {
        _listener.Start();
        _engine.Run($"$null = $ExecutionContext.SessionState.Path.SetLocation('{_folder}')");
    }

    public void Dispose()
    {
        _listener.Dispose();
        _engine.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    [UnixFact]
    public void The_environments_checks_are_run_and_judged_by_their_thresholds()
    {
        Write($$"""
            @{ Name = 'queue'; Script = 'echo empty'; Server = 'here'; Timeout = '2m' }
            @{ Name = 'load'; Plugin = 'echo "LOAD | load=7;5;10"'; Server = 'here'; Timeout = '2m'; Warning = '> 6'; Critical = '> 100' }
            @{ Name = 'port'; Tcp = '127.0.0.1:{{Port}}'; Timeout = '2m' }
            """);
        Assert.Equal(["load here Warning", "port 127.0.0.1 OK", "queue here OK"], Told("Test-HealthCheck"));
        Assert.Equal(["queue here OK"], Told("Test-HealthCheck q*"));
        Assert.Equal(["load here Warning", "queue here OK"], Told("Get-Server here | Test-HealthCheck"));
        dynamic load = _engine.Run("Test-HealthCheck load").Single();
        Assert.Equal(("> 6", "> 100", 7.0), ((string)load.Warning, (string)load.Critical, (double)load.Value));
        Assert.Contains("load", _engine.Run("(TabExpansion2 'Test-HealthCheck ' 17).CompletionMatches.CompletionText").Select(text => text.ToString()));
        Assert.Equal("HealthCheckNotFound,ProdOps.Cmdlets.Monitoring.TestHealthCheck", Error("Test-HealthCheck quue"));

        var status = _engine.Run("Get-HealthStatus -Detailed -TimeoutSec 120").Select(check => $"{check.Properties["Check"].Value} {check.Properties["Server"].Value} {check.Properties["State"].Value}").ToList();
        Assert.Contains("load here Warning", status);
        Assert.Contains("port 127.0.0.1 OK", status);
        Assert.Contains("reachability here OK", status);
        Assert.DoesNotContain("port 127.0.0.1 OK", Told("Get-HealthStatus here -Detailed -TimeoutSec 120"));
    }

    [UnixTheory]
    [InlineData("-Script 'echo fine'", "script localhost OK")]
    [InlineData("-Script 'exit 2'", "script localhost Critical")]
    [InlineData("-Plugin 'echo x; exit 1'", "plugin localhost Warning")]
    [InlineData("-Tcp 127.0.0.1:PORT -Critical '>= 0s'", "tcp 127.0.0.1 Critical")]
    [InlineData("-Tcp PORT -Server localhost", "tcp localhost OK")]
    [InlineData("-Kind Tcp -Target 127.0.0.1:PORT", "tcp 127.0.0.1 OK")]
    [InlineData("-Kind Ssh -Target 127.0.0.1:1", "ssh 127.0.0.1 Critical")]
    [InlineData("-ScriptBlock { 'all'; $true }", "script localhost OK all")]
    [InlineData("-ScriptBlock { $false } -Server localhost", "script localhost Critical false")]
    [InlineData("-ScriptBlock { 7 } -Warning '> 5'", "script localhost Warning 7")]
    [InlineData("-ScriptBlock { throw 'no way' }", "script localhost Critical no way")]
    [InlineData("-ScriptBlock { $_ }", "script localhost OK localhost")]
    [InlineData("-ScriptBlock { [ProdOps.HealthCheckResult]@{ Check = 'own'; State = 'Unknown'; Message = 'who knows' } }", "own localhost Unknown who knows")]
    public void A_check_is_named_with_the_command(string parameters, string expected)
    {
        string script = $"Test-HealthCheck {parameters.Replace("PORT", $"{Port}", StringComparison.Ordinal)} -TimeoutSec 120";
        var result = Assert.Single(_engine.Run(script));
        Assert.Contains("ProdOps.HealthCheckResult", result.TypeNames);
        Assert.StartsWith(expected, $"{Line(result)} {result.Properties["Message"].Value}", StringComparison.Ordinal);
    }

    [UnixTheory]
    [InlineData("Test-HealthCheck", "EnvironmentNotFound")]
    [InlineData("Test-HealthCheck -Tcp nowhere", "HealthCheckInvalid")]
    [InlineData("Test-HealthCheck -Tcp 80 -Warning 85", "ThresholdInvalid")]
    [InlineData("Test-HealthCheck -Kind Log -Target level:loud", "LogSearchTextInvalid")]
    public void What_makes_no_sense_is_an_error(string script, string error) => Assert.Equal($"{error},ProdOps.Cmdlets.Monitoring.TestHealthCheck", Error(script));

    [UnixFact]
    public void Backups_and_logs_are_checked_by_their_own_engines()
    {
        string data = Path.Combine(_folder, "data"), key = Path.Combine(_folder, "key");
        Directory.CreateDirectory(data);
        File.WriteAllText(Path.Combine(data, "file"), "text");
        EmptyRepositories.Write(_folder);
        File.WriteAllText(key, "correct horse\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllLines(Path.Combine(_folder, "app.log"), Enumerable.Range(0, 3).Select(i => $"{TimeProvider.System.GetUtcNow().AddSeconds(-i):yyyy-MM-ddTHH:mm:ssZ} ERROR no queue {i}"));
        Write("""
            @{ Name = 'etc backup'; Backup = 'etc' }
            @{ Name = 'errors'; Log = '"no queue"'; Window = '1h'; Warning = '> 2' }
            """, $$"""
            Repositories = @{ local = @{ Path = 'local'; Password = @{ File = 'key' } } }
            Backups = @{ etc = @{ Server = 'here'; Path = '{{data}}'; Repository = 'local'; Objectives = @{ RecoveryPoint = '1h' } } }
            Logging = @{ Store = '{{_folder}}/logs' }
            """);
        Assert.Empty(_engine.Run("Start-HealthMonitor -WhatIf"));
        Assert.Equal(["errors localhost Unknown", "etc backup here Critical"], Told("Test-HealthCheck -TimeoutSec 120"));
        _engine.Run("$null = Invoke-Backup -Name etc; $null = Import-Log app.log -Server web1");
        var results = _engine.Run("Test-HealthCheck -TimeoutSec 120").ToDictionary(result => (string)result.Properties["Check"].Value);
        Assert.Equal(("OK", "s"), (results["etc backup"].Properties["State"].Value.ToString(), (string)results["etc backup"].Properties["Unit"].Value));
        Assert.Equal(("Warning", "3 entries in 1 h"), (results["errors"].Properties["State"].Value.ToString(), (string)results["errors"].Properties["Message"].Value));
    }

    [UnixFact]
    public async Task A_test_of_a_restore_may_be_so_long_ago_and_no_longer()
    {
        // Others note in the same folder what they prove.
        string set = $"set{Guid.NewGuid():N}", key = Path.Combine(_folder, "key"), data = Directory.CreateDirectory(Path.Combine(_folder, "data")).FullName;
        File.WriteAllText(Path.Combine(data, "file"), "text");
        EmptyRepositories.Write(_folder);
        File.WriteAllText(key, "correct horse\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Write($$"""
            @{ Name = 'usual'; RestoreTest = '{{set}}' }
            @{ Name = 'strict'; RestoreTest = '{{set}}'; MaxAge = '1s' }
            """, $$"""
            Repositories = @{ local = @{ Path = 'local'; Password = @{ File = 'key' } } }
            Backups = @{ {{set}} = @{ Server = 'here'; Path = '{{data}}'; Repository = 'local' } }
            """);
        _engine.Run($"$null = Invoke-Backup -Name {set}; $null = Test-Backup -Repository local");
        // That the repository is whole proves no restore.
        Assert.Equal(["strict here Critical", "usual here Critical"], Told("Test-HealthCheck"));
        Assert.Equal($"a restore of '{set}' was never tested from here", Message("usual"));
        _engine.Run($"$null = Test-Backup -Restore -Repository local -Tag set:{set}");
        Assert.Equal(["usual here OK"], Told("Test-HealthCheck usual"));
        for (var begun = TimeProvider.System.GetTimestamp(); Told("Test-HealthCheck strict").Single() != "strict here Critical"; await Task.Delay(100)) Assert.True(TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromSeconds(60));
        Assert.EndsWith(" ago, and may be 1 s", Message("strict"), StringComparison.Ordinal);

        string Message(string check) => (string)_engine.Run($"Test-HealthCheck {check}").Single().Properties["Message"].Value;
    }

    private void Write(string checks, string more = "") => File.WriteAllText(Path.Combine(_folder, "environment.psd1"), $$"""
        @{
            Servers = @{ Name = 'here'; Local = $true }
            {{more}}
            Monitoring = @{ Checks = @(
            {{checks}}
            ) }
        }

        """);

    private IEnumerable<string> Told(string script) => _engine.Run(script).Select(Line).Order(StringComparer.Ordinal);

    private static string Line(PSObject result) => $"{result.Properties["Check"].Value} {result.Properties["Server"].Value} {result.Properties["State"].Value}";

    private string Error(string script)
    {
        using var shell = _engine.Shell($"try {{ {script} -ErrorAction Stop }} catch {{ $_.FullyQualifiedErrorId }}");
        return $"{shell.Invoke().Single()}";
    }
}
