using System.Net;
using System.Text.Json;
using ProdOps.Cmdlets.Tests.Backup;

namespace ProdOps.Cmdlets.Tests.Recovery;

/// <summary>What commands that prove something leave behind, each in the log of its kind.</summary>
public sealed class EvidenceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("prodops-proof-").FullName;
    private readonly string _name = $"env-{Guid.NewGuid():n}";
    private readonly Engine _engine = new();

    public EvidenceTests()
    {
        EmptyRepositories.Write(_folder);
        string key = Path.Combine(_folder, "key");
        File.WriteAllText(key, "correct horse\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Directory.CreateDirectory(Path.Combine(_folder, "etc"));
        File.WriteAllText(Path.Combine(_folder, "etc", "hosts"), "hello\n");
        _engine.Run($"$null = $ExecutionContext.SessionState.Path.SetLocation('{_folder}')");
    }

    public void Dispose()
    {
        _engine.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [UnixFact]
    public void Runs_and_tests_of_backups_are_kept_with_their_sets()
    {
        Write($$"""
            Servers      = @(@{ Name = 'here'; Local = $true })
            Repositories = @{ local = @{ Path = '{{_folder}}/local'; Password = @{ File = '{{_folder}}/key' } } }
            Backups      = @{ etc = @{ Server = 'here'; Path = '{{_folder}}/etc'; Repository = 'local' }; bad = @{ FromCommand = 'exit 7'; Repository = 'local' } }
            """);
        using (var shell = _engine.Shell("Invoke-Backup -Name etc, bad; Test-Backup -Repository local; Test-Backup -Restore -Repository local; Invoke-Backup -Name etc -WhatIf")) shell.Invoke();
        var runs = Kept("backup-runs");
        Assert.Equal(["bad localhost failed", "etc here complete"], runs.Select(run => $"{run.GetProperty("set")} {run.GetProperty("server")} {run.GetProperty("status")}").Order());
        string id = runs.Single(run => run.GetProperty("set").GetString() == "etc").GetProperty("snapshotId").GetString()!;
        Assert.Equal(64, id.Length);
        var tests = Kept("backup-tests");
        Assert.Equal(["restore local True False", "structure local True True"], tests.Select(test => $"{test.GetProperty("kind")} {test.GetProperty("repository")} {test.GetProperty("passed")} {test.GetProperty("isWhole")}").Order());
        var restore = tests.Single(test => test.GetProperty("kind").GetString() == "restore");
        Assert.Equal((id, "etc", "here"), (restore.GetProperty("snapshotId").GetString(), restore.GetProperty("sets")[0].GetString(), restore.GetProperty("servers")[0].GetString()));
        Assert.DoesNotContain("hello", string.Join("", runs.Concat(tests)), StringComparison.Ordinal);
    }

    [UnixFact]
    public void A_restore_that_the_repository_ends_is_a_test_that_failed()
    {
        Write($$"""
            Servers      = @(@{ Name = 'here'; Local = $true })
            Repositories = @{ local = @{ Path = '{{_folder}}/local'; Password = @{ File = '{{_folder}}/key' } } }
            Backups      = @{ etc = @{ Server = 'here'; Path = '{{_folder}}/etc'; Repository = 'local' } }
            """);
        _engine.Run("$null = Invoke-Backup -Name etc");
        string kept = Path.Combine(_folder, "kept"), local = Path.Combine(_folder, "local");
        foreach (string lost in (string[])["data", "index"])
        {
            Directory.Move(Path.Combine(local, lost), kept);
            Directory.CreateDirectory(Path.Combine(local, lost));
            using var shell = _engine.Shell("Test-Backup -Restore -Repository local");
            dynamic result = shell.Invoke().Single();
            Assert.False((bool)result.Success);
            Assert.EndsWith(",ProdOps.Cmdlets.Backup.TestBackup", shell.Streams.Error.Single().FullyQualifiedErrorId, StringComparison.Ordinal);
            Directory.Delete(Path.Combine(local, lost), recursive: true);
            Directory.Move(kept, Path.Combine(local, lost));
        }

        // Where there is no room, nothing was found out about the backup.
        using (var shell = _engine.Shell($"Test-Backup -Restore -Repository local -ScratchPath '{_folder}/key'"))
        {
            Assert.Empty(shell.Invoke());
            Assert.StartsWith("ScratchNotUsable,", shell.Streams.Error.Single().FullyQualifiedErrorId, StringComparison.Ordinal);
        }

        _engine.Run("$null = Test-Backup -Restore -Repository local");
        var tests = Kept("backup-tests");
        Assert.Equal([("False", "etc"), ("False", "etc"), ("True", "etc")], tests.Select(test => ($"{test.GetProperty("passed")}", test.GetProperty("sets")[0].GetString()!)));
        Assert.All(tests.Take(2), test => Assert.NotEmpty(test.GetProperty("problem").GetString()!));
    }

    [UnixFact]
    public void Test_messages_by_channels_of_the_environment_are_kept()
    {
        Write("Servers = @(@{ Name = 'web1' }); Monitoring = @{ Channels = @{ one = @{ Script = 'cat > /dev/null' }; dead = @{ Script = 'echo \"no way\" >&2; exit 1' } } }");
        _engine.Run("Test-Notification; Test-Notification -Script 'cat > /dev/null'");
        Assert.Equal(["dead False", "one True"], Kept("notification-tests").Select(sent => $"{sent.GetProperty("channel")} {sent.GetProperty("delivered")}").Order());
    }

    [UnixFact]
    public void Load_tests_and_findings_of_load_balancers_are_kept()
    {
        using var listener = new HttpListener();
        int port = Random.Shared.Next(20_000, 32_000);
        listener.Prefixes.Add($"http://127.0.0.1:{port}/");
        listener.Start();
        _ = ServeAsync(listener);
        Write($$"""
            Servers = @(@{ Name = 'here'; Address = '127.0.0.1'; Local = $true }, @{ Name = 'web1'; Address = '127.0.0.1'; Local = $true })
            LoadBalancers = @{ web = @{ Servers = 'here'; Port = {{port}}; Pool = 'web1'; Check = '/health'; CheckHost = '127.0.0.1' } }
            """);
        _engine.Run($"Test-LoadBalancer web -Requests 5; Test-LoadBalancer -Url http://127.0.0.1:{port}/ -Requests 5");
        var findings = _engine.Run("Test-LoadBalancer web -Readiness");
        Assert.Equal(["web 5 0"], Kept("load-tests").Select(test => $"{test.GetProperty("loadBalancer")} {test.GetProperty("requests")} {test.GetProperty("failed")}"));
        Assert.Equal(findings.Count, Assert.Single(Kept("load-balancer-readiness")).GetProperty("findings").GetArrayLength());
    }

    [UnixFact]
    public void A_command_does_its_work_where_evidence_cannot_be_kept()
    {
        Write("Servers = @(@{ Name = 'web1' }); Monitoring = @{ Channels = @{ one = @{ Script = 'cat > /dev/null' } } }");
        File.WriteAllText(Path.Combine(_folder, "file"), "");
        var result = HostProcess.Run("-Command", $"$env:{TestEvidence.Variable} = '{_folder}/file'; (Test-Notification -Environment '{_folder}/environment.psd1' -WarningVariable said -WarningAction SilentlyContinue).Delivered; \"$said\"");
        Assert.Equal(0, result.ExitCode);
        Assert.StartsWith("True", result.Output, StringComparison.Ordinal);
        Assert.Contains("What was proved could not be written to", result.Output, StringComparison.Ordinal);
    }

    private void Write(string keys) => File.WriteAllText(Path.Combine(_folder, "environment.psd1"), $"@{{\nName = '{_name}'\n{keys}\n}}\n");

    private List<JsonElement> Kept(string log) => [.. File.ReadAllLines(Path.Combine(TestEvidence.Folder, log + ".jsonl"))
        .Select(line => JsonDocument.Parse(line).RootElement).Where(line => line.GetProperty("environment").GetString() == _name).Select(line => line.GetProperty("what"))];

    private static async Task ServeAsync(HttpListener listener)
    {
        while (listener.IsListening)
        {
            try
            {
                using var response = (await listener.GetContextAsync()).Response;
                response.ContentLength64 = 2;
                await response.OutputStream.WriteAsync("ok"u8.ToArray());
            }
            catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }
}
