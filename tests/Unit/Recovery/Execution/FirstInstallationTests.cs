using System.Net;
using System.Net.Sockets;

namespace ProdOps.Recovery.Tests.Execution;

/// <summary>Restore-Server where there are no backups yet, and where their place is gone. The built prodops does it.</summary>
public sealed class FirstInstallationTests
{
    private const string Tell = "ForEach-Object { \"$($_.Step) $($_.State) $($_.Message)\".Trim() }";

    private const string Steps = """
        @{ Name = 'data'; AsRoot = $false; Restore = 'www'; Paths = '{0}/www' }
        @{ Name = 'folder'; AsRoot = $false; Directory = @{ Path = '{0}/www' } }
        @{ Name = 'index'; AsRoot = $false; Command = 'echo new >{0}/www/index'; Unless = 'test -e {0}/www/index' }
        """;

    [UnixFact]
    public async Task What_restores_from_a_backup_is_left_out_as_long_as_there_is_none()
    {
        using var folder = new PlanFolder("""
            @{ Name = 'shop'; Servers = @{ Name = 'web1'; Local = $true }
               Repositories = @{ local = @{ Path = '{0}/repository'; Password = @{ File = '{0}/key' } } }
               Backups = @{ www = @{ Server = 'web1'; Path = '{0}/www'; Repository = 'local' } } }
            """);
        folder.WritePlan(Steps);
        folder.WriteSecret("key", "secret");
        const string Left = "data Skipped a first installation: there is no backup to restore from";
        Assert.Equal("RecoveryPreflightFailed", await folder.RunAsync("try { Restore-Server web1 -Confirm:$false } catch { $_.FullyQualifiedErrorId.Split(',')[0] }"));
        Assert.Equal($"{Left}\nfolder Planned\nindex Planned", Plain(await folder.RunAsync($"Restore-Server web1 -FirstInstallation -WhatIf | {Tell}")));
        Assert.Equal($"{Left}\nfolder Succeeded\nindex Succeeded", await folder.RunAsync($"Restore-Server web1 -FirstInstallation -Confirm:$false | {Tell}"));
        Assert.Equal("new\n", await File.ReadAllTextAsync(folder["www/index"]));

        string refused = await folder.RunAsync("$null = Initialize-BackupRepository local; $null = Invoke-Backup -Name www -Force; try { Restore-Server web1 -FirstInstallation -Confirm:$false } catch { \"$_\" }");
        Assert.Contains("data: this is no first installation: there is a backup of the set 'www' of 20", refused, StringComparison.Ordinal);
        Directory.Delete(folder["www"], recursive: true);
        Assert.Equal("data Succeeded\nfolder AlreadyOk\nindex AlreadyOk", await folder.RunAsync($"Restore-Server web1 -Confirm:$false | {Tell}"));
        Assert.Equal("new\n", await File.ReadAllTextAsync(folder["www/index"]));
        Assert.Equal($"{Left}\nfolder AlreadyOk\nindex AlreadyOk", await folder.RunAsync($"Restore-Server web1 -FirstInstallation -Force -Confirm:$false | {Tell}"));
    }

    [UnixFact]
    public async Task Where_nobody_can_say_that_there_is_no_backup_it_is_refused()
    {
        using var folder = new PlanFolder("""
            @{ Name = 'shop'; Servers = @{ Name = 'web1'; Local = $true }, @{ Name = 'far'; Address = '192.0.2.1' }
               Repositories = @{ local = @{ Path = '{0}/repository'; Password = @{ File = '{0}/key' } }; away = @{ Url = 'rest:http://127.0.0.1:1/'; Server = 'far'; Password = @{ File = '{0}/key' } } }
               Backups = @{ www = @{ Server = 'web1'; Path = '{0}/www'; Repository = 'local'; CopyTo = 'away' } } }
            """);
        folder.WritePlan(Steps);
        folder.WriteSecret("key", "secret");
        const string Left = "data Skipped a first installation: there is no backup to restore from";
        const string Try = "try { Restore-Server web1 -FirstInstallation -Confirm:$false -WarningAction Stop } catch { \"$_\" }";
        // There is no repository here, and what its copy has nobody can say.
        string refused = await folder.RunAsync(Try);
        Assert.Contains("  away: whether this is a first installation is not known, since the repository cannot be asked for backups: ", refused, StringComparison.Ordinal);
        Assert.DoesNotContain("local:", refused, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["www"]));

        // The host of the copy is the one that is built.
        string environment = await File.ReadAllTextAsync(folder["environment.psd1"]);
        await File.WriteAllTextAsync(folder["environment.psd1"], environment.Replace("Server = 'far'", "Server = 'web1'", StringComparison.Ordinal));
        string[] told = (await folder.RunAsync($"Restore-Server web1 -FirstInstallation -Confirm:$false 3>&1 | ForEach-Object {{ if ($_ -is [System.Management.Automation.WarningRecord]) {{ \"$_\" }} else {{ \"$($_.Step) $($_.State) $($_.Message)\".Trim() }} }}")).Split('\n');
        Assert.Equal([Left, "folder Succeeded", "index Succeeded"], told.Where(line => !line.StartsWith("Whether", StringComparison.Ordinal)));
        string warned = Assert.Single(told, line => line.StartsWith("Whether the repository 'away' has backups is not known (", StringComparison.Ordinal));
        Assert.EndsWith("It is on 'web1', which this plan builds: it is taken for new.", warned, StringComparison.Ordinal);

        // A repository that does not open was not built by it.
        await folder.RunAsync("$null = Initialize-BackupRepository local; $null = Invoke-Backup -Name www -Force -WarningAction Ignore -ErrorAction Ignore");
        File.Delete(folder["key"]);
        folder.WriteSecret("key", "another");
        Assert.Contains("  local: whether this is a first installation is not known", await folder.RunAsync(Try.Replace(" -WarningAction Stop", "", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Equal($"{Left}\nfolder AlreadyOk\nindex AlreadyOk", await folder.RunAsync($"Restore-Server web1 -FirstInstallation -Force -Confirm:$false | {Tell}"));
    }

    [UnixFact]
    public async Task A_repository_whose_host_says_nothing_is_asked_once_where_there_is_a_copy()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port, asked = 0;
        var clients = new List<TcpClient>();
        var accepting = AcceptAsync();
        using var folder = new PlanFolder($$"""
            @{ Name = 'shop'; Servers = @{ Name = 'web1'; Local = $true }
               Repositories = @{ gone = @{ Url = 'sftp://nobody@127.0.0.1:{{port}}//backup'; Password = @{ File = '{0}/key' } }; copy = @{ Path = '{0}/repository'; Password = @{ File = '{0}/key' } } }
               Backups = @{ www = @{ Server = 'web1'; Path = '{0}/www'; Repository = 'gone'; CopyTo = 'copy' } } }
            """);
        folder.WritePlan(Steps);
        folder.WriteSecret("key", "secret");
        Directory.CreateDirectory(folder["www"]);
        await File.WriteAllTextAsync(folder["www/index"], "kept\n");
        await folder.RunAsync($"$null = Initialize-BackupRepository copy; $null = Invoke-Backup '{folder["www"]}' -Repository copy -Tag set:www, server:web1");
        Directory.Delete(folder["www"], recursive: true);
        Assert.Equal("data Succeeded\nfolder AlreadyOk\nindex AlreadyOk", await folder.RunAsync($"Restore-Server web1 -ConnectTimeoutSec 1 -Confirm:$false -WarningAction SilentlyContinue | {Tell}"));
        Assert.Equal("kept\n", await File.ReadAllTextAsync(folder["www/index"]));
        Assert.Equal(1, asked);
        listener.Stop();
        await ((Task)accepting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        clients.ForEach(client => client.Dispose());

        async Task AcceptAsync()
        {
            while (true)
            {
                clients.Add(await listener.AcceptTcpClientAsync());
                asked++;
            }
        }
    }

    /// <summary>Without what -WhatIf itself says.</summary>
    private static string Plain(string output) => string.Join('\n', output.Split('\n').Where(line => !line.StartsWith("What if:", StringComparison.Ordinal)));
}
