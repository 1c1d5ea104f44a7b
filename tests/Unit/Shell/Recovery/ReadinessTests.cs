using System.Management.Automation;
using System.Management.Automation.Language;
using ProdOps.Cmdlets.Tests.Backup;

namespace ProdOps.Cmdlets.Tests.Recovery;

/// <summary>Get-ProductionReadiness through the built module, by what commands have really proved.</summary>
public sealed class ReadinessTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("prodops-ready-").FullName;
    private readonly string _name = $"env-{Guid.NewGuid():n}";
    private readonly Engine _engine = new();

    public ReadinessTests() => _engine.Run($"$null = $ExecutionContext.SessionState.Path.SetLocation('{_folder}')");

    public void Dispose()
    {
        _engine.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [UnixFact]
    public void What_commands_have_proved_is_met_and_has_their_result_as_evidence()
    {
        EmptyRepositories.Write(_folder);
        string key = Path.Combine(_folder, "key");
        File.WriteAllText(key, "correct horse\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Directory.CreateDirectory(Path.Combine(_folder, "etc"));
        File.WriteAllText(Path.Combine(_folder, "etc", "hosts"), "hello\n");
        Write($$"""
            Objectives   = @{ RecoveryPoint = '1h' }
            Servers      = @(@{ Name = 'here'; Local = $true })
            Repositories = @{
                local   = @{ Path = '{{_folder}}/local'; Password = @{ File = '{{key}}' } }
                offsite = @{ Path = '{{_folder}}/offsite'; Password = @{ File = '{{key}}' } }
            }
            Backups      = @{ etc = @{ Server = 'here'; Path = '{{_folder}}/etc'; Repository = 'local'; CopyTo = 'offsite'; Schedule = '0 0 1 1 *'; Keep = @{ Last = 10 } } }
            Monitoring   = @{ Store = './store'; Channels = @{ one = @{ Script = 'cat > /dev/null' } } }
            Logging      = @{ Store = './logs' }
            """);
        Assert.Equal(["Partly", "Missing", "Missing"], Texts("(Get-ProductionReadiness backup-restore-test, backup-coverage, monitor-channels).Status"));

        _engine.Run("Invoke-Backup -Name etc; Invoke-Backup -Name etc; Test-Backup -Repository local; Test-Backup -Repository offsite; Test-Backup -Restore -Repository local -Tag set:etc; Test-Notification");
        string[] met = ["backup-coverage", "backup-recent", "backup-recovery-point", "backup-structure-test", "backup-restore-test", "backup-two-repositories", "backup-retention", "backup-usual"];
        Assert.Equal(met, Texts("(Get-ProductionReadiness -Area Backups -Status Met).Name"));
        Assert.Equal(["monitor-channels"], Texts("(Get-ProductionReadiness -Area Monitoring -Status Met).Name"));
        var item = Assert.Single(_engine.Run("Get-ProductionReadiness backup-restore-test")).BaseObject;
        dynamic restore = item;
        Assert.Equal((_name, 100.0, "", "BackupTestEvidence"), ((string)restore.Environment, (double)restore.Score, (string)restore.Advice, ((object)restore.Evidence).GetType().Name));
        Assert.Equal((string)restore.Evidence.SnapshotId, Texts("(Get-Backup latest -Repository local).Id").Single());
        Assert.InRange((TimeSpan)restore.EvidenceAge, TimeSpan.Zero, TimeSpan.FromMinutes(10));
        dynamic point = Assert.Single(_engine.Run("Get-ProductionReadiness backup-recovery-point")).BaseObject;
        Assert.Equal(("1 h", "Measured"), ((string)point.Objective, point.Basis.ToString()));

        dynamic summary = Assert.Single(_engine.Run("Get-ProductionReadiness -Summary")).BaseObject;
        Assert.InRange((double)summary.Score, 15.0, 40.0);
        Assert.Equal(["Backups", "Recovery", "LoadBalancing", "Monitoring", "Logging"], ((IEnumerable<object>)summary.Areas).Select(static area => $"{((dynamic)area).Area}"));
        Assert.Equal(5, ((IEnumerable<object>)summary.NextSteps).Count());

        // The repositories know more than what was noted here.
        using var asked = _engine.Shell("Get-ProductionReadiness backup-recovery-point, backup-offsite -Refresh -TimeoutSec 50");
        Assert.Equal(["Met", "Missing"], asked.Invoke().Select(static one => $"{((dynamic)one.BaseObject).Status}"));
        Assert.Empty(asked.Streams.Error);
    }

    [UnixFact]
    public void Advice_can_be_pasted()
    {
        Write($$"""
            Objectives    = @{ Availability = '99.9%'; RecoveryPoint = '1h'; RecoveryTime = '15m'; ResponseTime = '300ms' }
            Servers       = @(@{ Name = 'lb1'; Address = '192.0.2.1' }, @{ Name = 'lb2'; Address = '192.0.2.2' }, @{ Name = 'web1'; Address = '192.0.2.3' }, @{ Name = 'web2'; Address = '192.0.2.4' })
            Repositories  = @{ local = @{ Path = '{{_folder}}/local'; Password = @{ File = '{{_folder}}/key' } } }
            Backups       = @{ etc = @{ Server = 'web*'; Path = '/etc'; Repository = 'local'; Schedule = '0 2 * * *'; Keep = @{ Last = 10 } } }
            LoadBalancers = @{ web = @{ Servers = 'lb1', 'lb2'; VirtualAddress = '192.0.2.9'; Pool = 'web1', 'web2'; Check = '/health' } }
            Monitoring    = @{
                Store = './store'; Anchors = 'ping://192.0.2.254'; Channels = @{ one = @{ Script = 'true' }; two = @{ Script = 'true' } }; Notify = @{ Name = 'on-call'; Channel = 'one', 'two' }
                Checks = @( @{ Name = 'front'; Http = 'http://192.0.2.9/health' }, @{ Name = 'errors'; Log = 'error'; Critical = '> 5' } )
            }
            Logging       = @{ Store = './logs'; Retention = '90d' }
            """);
        int commands = 0;
        foreach (dynamic item in _engine.Run("Get-ProductionReadiness").Select(static one => one.BaseObject))
        {
            Assert.NotEqual("Met", item.Status.ToString());
            string advice = item.Advice;
            if (advice.Length == 0) Assert.NotEqual("", (string)item.Message);
            if (advice.Length == 0 || advice.StartsWith("In environment.psd1", StringComparison.Ordinal)) continue;
            var parsed = Parser.ParseInput(advice, out _, out var errors);
            Assert.Empty(errors);
            foreach (var command in parsed.FindAll(static ast => ast is CommandAst, searchNestedScriptBlocks: false).Cast<CommandAst>())
            {
                if (command.GetCommandName() is "git") continue;
                var known = Assert.IsAssignableFrom<CommandInfo>(_engine.Run($"Get-Command {command.GetCommandName()} -ErrorAction Ignore").FirstOrDefault()?.BaseObject);
                foreach (var parameter in command.CommandElements.OfType<CommandParameterAst>()) Assert.Contains(parameter.ParameterName, known.Parameters.Keys);
                commands++;
            }
        }

        Assert.InRange(commands, 15, 100);
    }

    [UnixFact]
    public void Items_areas_and_statuses_are_chosen_and_completed()
    {
        Write("Servers = @(@{ Name = 'web1' }); Monitoring = @{ Store = './store' }; Logging = @{ Store = './logs' }");
        Assert.Equal(["backup-restore-test", "recovery-drill"], Texts("(Get-ProductionReadiness *restore*, recovery-dri*).Name"));
        Assert.Equal(["Logging"], Texts("Get-ProductionReadiness -Area Logging | ForEach-Object { $_.Area }").Distinct());
        Assert.Empty(_engine.Run("Get-ProductionReadiness -Status Met"));
        Assert.Equal(["monitor-two-ways", "monitor-channels", "monitor-told-in-time"], Proposals("Get-ProductionReadiness monitor-[ct]*"));
        Assert.Equal(["Backups"], Proposals("Get-ProductionReadiness -Area Ba"));
        Assert.Equal(["Met", "Missing"], Proposals("Get-ProductionReadiness -Status M").Order(StringComparer.Ordinal));
    }

    [UnixFact]
    public void Without_an_environment_there_is_nothing_to_judge()
    {
        using var shell = _engine.Shell("$ErrorActionPreference = 'Stop'; Get-ProductionReadiness");
        Assert.Equal("EnvironmentNotFound,ProdOps.Cmdlets.Recovery.GetProductionReadiness", Assert.ThrowsAny<RuntimeException>(() => shell.Invoke()).ErrorRecord.FullyQualifiedErrorId);
    }

    private void Write(string keys) => File.WriteAllText(Path.Combine(_folder, "environment.psd1"), $"@{{\nName = '{_name}'\n{keys}\n}}\n");

    private string[] Texts(string script) => [.. _engine.Run(script).Select(static one => $"{one}")];

    private string[] Proposals(string line)
    {
        using var shell = _engine.Shell("param($text) [System.Management.Automation.CommandCompletion]::CompleteInput($text, $text.Length, $null).CompletionMatches | ForEach-Object { $_.CompletionText }").AddArgument(line);
        return [.. shell.Invoke().Select(static one => $"{one}")];
    }
}
