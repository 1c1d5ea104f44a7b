using System.Diagnostics;
using System.Management.Automation;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Cmdlets.Tests.Servers;

public sealed class InvokeServerCommandTests : IAsyncLifetime
{
    private readonly Engine _engine = new();
    private LoopbackSshd _sshd = null!;

    public async Task InitializeAsync()
    {
        _sshd = await LoopbackSshd.StartAsync();
        string key = _sshd.CreateUserKey("ed25519");
        string known = _sshd.WriteKnownHosts();
        _engine.Run($$"""
            function Server($Name) {
                [ProdOps.Server]@{ Name = $Name; Address = '127.0.0.1'; Ssh = [ProdOps.SshOptions]@{
                    User = '{{_sshd.User}}'; Port = {{_sshd.Port}}; ConfigFile = 'none'; IdentityFile = [string[]]'{{key}}'; KnownHosts = [string[]]'{{known}}' } }
            }
            """);
    }

    public async Task DisposeAsync()
    {
        _engine.Dispose();
        await _sshd.DisposeAsync();
    }

    [SshdFact]
    public void This_machine_is_the_default()
    {
        dynamic result = _engine.Run("Invoke-ServerCommand 'echo one; echo two; echo bad >&2'").Single();
        Assert.Equal("localhost", result.Server);
        Assert.Equal(["one", "two"], (IEnumerable<string>)result.StandardOutput);
        Assert.Equal(["bad"], (IEnumerable<string>)result.StandardError);
        Assert.Equal(0, result.ExitCode);
        Assert.True(result.Succeeded);
    }

    [SshdFact]
    public void A_pipeline_that_brings_nothing_is_no_server()
    {
        Assert.Empty(_engine.Run("@() | Invoke-ServerCommand 'echo one'"));
    }

    [SshdFact]
    public void Servers_come_from_the_pipeline_and_run_side_by_side()
    {
        _engine.Run("1..20 | ForEach-Object { Server \"web$_\" } | Invoke-ServerCommand 'true'");
        var watch = Stopwatch.StartNew();
        var results = _engine.Run("1..20 | ForEach-Object { Server \"web$_\" } | Invoke-ServerCommand 'sleep 3; echo $PPID'");
        Assert.Equal(20, results.Select(result => (string)result.Properties["Server"].Value).Distinct().Count());
        // One after the other they take a minute.
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(45), $"{watch.Elapsed}");
    }

    [SshdFact]
    public void A_failure_is_an_error_of_its_server_and_the_result_comes_all_the_same()
    {
        using var shell = _engine.Shell("Invoke-ServerCommand 'echo out; echo why >&2; exit 9' -Server (Server web1), nobody@127.0.0.1:1, localhost");
        var results = shell.Invoke();
        Assert.Equal(2, results.Count);
        var errors = shell.Streams.Error.ToDictionary(error => error.TargetObject.ToString()!);
        Assert.Equal("CommandFailed,ProdOps.Cmdlets.Servers.InvokeServerCommand", errors["web1"].FullyQualifiedErrorId);
        Assert.Equal("CommandFailed,ProdOps.Cmdlets.Servers.InvokeServerCommand", errors["localhost"].FullyQualifiedErrorId);
        Assert.StartsWith("ConnectionRefused,", errors.Single(error => error.Key.Contains("127.0.0.1", StringComparison.Ordinal)).Value.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("ended with 9: why", errors["web1"].Exception.Message);
        Assert.Empty(_engine.Run("Invoke-ServerCommand 'exit 9' -AllowFailure | Where-Object Succeeded"));
    }

    [SshdFact]
    public void Arguments_are_words_whatever_they_hold()
    {
        string script = Path.Combine(_sshd.Folder, "script.sh");
        File.WriteAllText(script, "#!/bin/sh\r\nfor a in \"$@\"; do echo \"[$a]\"; done\r\n");
        foreach (string how in new[] { "'printf \"[%s]\\n\"'", $"-FilePath '{script}'" })
        {
            dynamic result = _engine.Run($"Invoke-ServerCommand {how} -ArgumentList 'a b', '$(id)', \"it's\", '' -Server (Server web1)").Single();
            Assert.Equal(["[a b]", "[$(id)]", "[it's]", "[]"], (IEnumerable<string>)result.StandardOutput);
        }
    }

    [SshdFact]
    public void Input_is_text_or_bytes_and_output_can_be_bytes()
    {
        Assert.Equal("8,9,10", _engine.Run("(Invoke-ServerCommand 'sort -n' -StandardInput 10, 9, 8).StandardOutput -join ','").Single().BaseObject);
        dynamic result = _engine.Run("Invoke-ServerCommand cat -StandardInput ([byte[]](0..255)) -AsByte -Server (Server web1)").Single();
        Assert.Equal(Enumerable.Range(0, 256).Select(i => (byte)i), (byte[])result.OutputBytes);
    }

    [SshdFact]
    public void A_file_is_read_after_the_other_input_and_one_that_is_missing_runs_nothing()
    {
        string file = Path.Combine(_sshd.Folder, "input"), mark = Path.Combine(_sshd.Folder, "ran");
        File.WriteAllText(file, "from a file");
        dynamic result = _engine.Run($"Invoke-ServerCommand cat -StandardInput 'first' -InputPath '{file}' -Server (Server web1)").Single();
        Assert.Equal(["first", "from a file"], (IEnumerable<string>)result.StandardOutput);
        var error = _engine.Run($"try {{ Invoke-ServerCommand 'touch {mark}' -InputPath '{file}.not' -Server (Server web1) }} catch {{ $_.FullyQualifiedErrorId; \"$($_.TargetObject)\" }}");
        Assert.Equal(["FileNotFound,ProdOps.Cmdlets.Servers.InvokeServerCommand", $"{file}.not"], error.Select(item => item.ToString()));
        Assert.False(File.Exists(mark));
    }

    [SshdFact]
    public void An_array_of_bytes_is_passed_whole_and_not_as_an_object_for_each()
    {
        _engine.Run("$bytes = [byte[]]::new(8MB); Invoke-ServerCommand 'cat > /dev/null' -StandardInput $bytes");
        long before = GC.GetTotalAllocatedBytes(precise: true);
        Assert.Equal("8388608", ((IEnumerable<string>)_engine.Run("(Invoke-ServerCommand 'wc -c' -StandardInput $bytes).StandardOutput").Select(line => line.ToString().Trim())).Single());
        // It is copied a few times; as objects it would take 32 bytes each.
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 16 * 8_388_608L);
    }

    [SshdFact]
    public void Lines_come_as_they_are_printed()
    {
        var lines = _engine.Run("""
            $n = 0
            do { Invoke-ServerCommand 'i=0; while :; do echo $i; i=$((i+1)); done' -Stream -Server (Server web1) | ForEach-Object { $_; if (++$n -eq 3) { break } } } while ($false)
            """);
        Assert.Equal(["0", "1", "2"], lines.Select(line => (string)line.Properties["Text"].Value));
    }

    [SshdFact]
    public async Task Stopping_ends_the_command_on_the_server()
    {
        string mark = Path.Combine(_sshd.Folder, "pid");
        _engine.Run("Invoke-ServerCommand 'true' -Server (Server web1)");
        using var shell = _engine.Shell($"Invoke-ServerCommand 'echo $$ > {mark}.new; mv {mark}.new {mark}; sleep 600' -Server (Server web1)");
        var running = shell.BeginInvoke();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!File.Exists(mark)) await Task.Delay(10, limit.Token);
        int process = int.Parse(File.ReadAllText(mark));
        var watch = Stopwatch.StartNew();
        shell.Stop();
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(15), $"{watch.Elapsed}");
        Assert.True(await Processes.EndsAsync(process));
        Assert.ThrowsAny<PipelineStoppedException>(() => shell.EndInvoke(running));
    }

    [SshdFact]
    public void A_command_that_takes_too_long_is_ended()
    {
        using var shell = _engine.Shell("Invoke-ServerCommand 'sleep 600' -TimeoutSec 1 -Server (Server web1)");
        Assert.Empty(shell.Invoke());
        Assert.StartsWith("CommandTimedOut,", shell.Streams.Error.Single().FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [SshdFact]
    public void WhatIf_runs_nothing()
    {
        string mark = Path.Combine(_sshd.Folder, "mark");
        Assert.Empty(_engine.Run($"Invoke-ServerCommand 'touch {mark}' -Server (Server web1) -WhatIf"));
        Assert.False(File.Exists(mark));
    }

    [SshdFact]
    public async Task Removing_the_module_closes_its_connections()
    {
        int session = int.Parse((string)_engine.Run("(Invoke-ServerCommand 'echo $PPID' -Server (Server web1)).StandardOutput[0]").Single().BaseObject);
        Assert.True(Processes.IsRunning(session));
        _engine.Run("Remove-Module ProdOps");
        Assert.True(await Processes.EndsAsync(session));
    }

    [SshdFact]
    public void No_secret_is_in_any_stream()
    {
        using var shell = _engine.Shell("""
            $planted = [pscredential]::new('nobody', (ConvertTo-SecureString 'planted-pass' -AsPlainText -Force))
            Invoke-ServerCommand 'id -u' -Server (Server web1), localhost -Credential $planted -AsRoot -Verbose -Debug *>&1 | Out-String
            """);
        string said = string.Join('\n', shell.Invoke()) + string.Join('\n', shell.Streams.Error.Select(error => error.Exception.ToString()));
        Assert.NotEmpty(said);
        Assert.DoesNotContain("planted", said);
    }
}
