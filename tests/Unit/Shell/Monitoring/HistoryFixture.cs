namespace ProdOps.Cmdlets.Tests.Monitoring;

/// <summary>A store with a week of samples and two incidents, and an engine whose environment names it.</summary>
public sealed class HistoryFixture : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("prodops-history-").FullName;

    public HistoryFixture()
        : this(static _ => { }) => Fill(Path.Combine(_folder, "store"));

    /// <summary>One whose store somebody else fills.</summary>
    internal HistoryFixture(Action<MonitoringFixture> fill)
    {
        Engine.Run($"$null = $ExecutionContext.SessionState.Path.SetLocation('{_folder}')");
        // Loads the engine, which the fixture reaches by reflection; that there is no store is what it says.
        Engine.Run("try { Get-Metric -Store ./none } catch { }");
        File.WriteAllText(Path.Combine(_folder, "environment.psd1"), """
            @{
                Name = 'shop'
                Servers = @{ Name = 'web1'; Address = '192.0.2.1'; Role = 'App'; Group = 'blue' }, @{ Name = 'db1'; Address = '192.0.2.2'; Role = 'Database' }
                Monitoring = @{
                    Store = './store'
                    Channels = @{ mail = @{ Script = 'true' } }
                    Notify = @{ Name = 'on-call'; Channel = 'mail' }
                }
            }
            """);
        using var fixture = new MonitoringFixture(Path.Combine(_folder, "store"));
        fill(fixture);
    }

    internal Engine Engine { get; } = new();

    public string Folder => _folder;

    /// <summary>The number of the incident that is over.</summary>
    public long Over { get; private set; }

    /// <summary>The number of the one that is not.</summary>
    public long Open { get; private set; }

    /// <summary>The texts that a script emits.</summary>
    public string[] Texts(string script) => [.. Engine.Run(script).Select(one => one?.ToString() ?? "")];

    /// <summary>What is proposed at the end of a line.</summary>
    public string[] Proposals(string line)
    {
        using var shell = Engine.Shell("param($text) [System.Management.Automation.CommandCompletion]::CompleteInput($text, $text.Length, $null).CompletionMatches | ForEach-Object { $_.CompletionText }").AddArgument(line);
        return [.. shell.Invoke().Select(one => $"{one}")];
    }

    /// <summary>The one error that a script writes or ends with.</summary>
    public string ErrorOf(string script) => Texts($"try {{ $ErrorActionPreference = 'Stop'; {script} }} catch {{ $_.FullyQualifiedErrorId }}")[^1];

    public void Dispose()
    {
        Engine.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void Fill(string store)
    {
        var now = TimeProvider.System.GetUtcNow();
        using var fixture = new MonitoringFixture(store);
        fixture.AddSamples("db1", "disk.used", "/", "%", 1344, 10, i => 70 + (15.0 * i / 1344));
        fixture.AddSamples("db1", "disk.used", "/var", "%", 60, 1, _ => 40);
        fixture.AddSamples("db1", "disk.free", "/", "B", 60, 10, _ => 3L << 30);
        fixture.AddSamples("web1", "cpu.busy", null, "%", 288, 5, i => i % 10);
        fixture.Seal();
        Over = fixture.AddIncident("db1", now.AddHours(-3));
        Open = fixture.AddOpenIncident("web1", now.AddMinutes(-10));
        fixture.AddEvent(now.AddMinutes(-9), "\"type\":\"teleported\",\"server\":\"web1\"");
    }
}
