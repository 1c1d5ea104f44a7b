namespace ProdOps.Cmdlets.Tests.Logging;

/// <summary>Sync-Log and Get-LogSource through the built module, with this machine as the server.</summary>
public sealed class CollectingCmdletTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("prodops-sync-").FullName;
    private readonly Engine _engine = new();

    public CollectingCmdletTests()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "log"));
        File.WriteAllText(Path.Combine(_folder, "log", "app.log.1"), "2026-11-26T10:00:00Z one\n");
        File.WriteAllText(Path.Combine(_folder, "log", "app.log"), "2026-11-26T10:00:01Z two\n");
        File.WriteAllText(Path.Combine(_folder, "environment.psd1"), $$"""
            @{
                Servers = @( @{ Name = 'here'; Local = $true } )
                Logging = @{
                    Store = 'store'
                    Sources = @( @{ Name = 'app'; Path = '{{_folder}}/log/*.log' }, @{ Name = 'ran'; Command = 'echo a; echo b' }, @{ Name = 'broken'; Command = 'echo c; exit 3' } )
                }
            }

            """);
        _engine.Run($"$null = $ExecutionContext.SessionState.Path.SetLocation('{_folder}')");
    }

    public void Dispose()
    {
        _engine.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [UnixFact]
    public void Lines_are_collected_once_and_told_by_source()
    {
        dynamic planned = _engine.Run("Sync-Log -Source app -WhatIf").Single();
        Assert.Equal((50L, 0L), ((long)planned.Behind, (long)planned.Lines));
        Assert.False(Directory.Exists(Path.Combine(_folder, "store")));
        dynamic first = _engine.Run("Sync-Log -Source app").Single();
        Assert.Equal(("here", "app", 2L, 50L, 2), ((string)first.Server, (string)first.Source, (long)first.Lines, (long)first.Bytes, (int)first.Files));
        File.AppendAllText(Path.Combine(_folder, "log", "app.log"), "2026-11-26T10:00:02Z three\nhalf");
        dynamic second = _engine.Run("Sync-Log -Source app").Single();
        Assert.Equal((1L, 4L), ((long)second.Lines, (long)second.Behind));
        Assert.Equal(3, _engine.Run("Search-Log -Source app").Count);
        dynamic source = _engine.Run("Get-LogSource -Source app").Single();
        Assert.True((bool)source.IsCollected);
        Assert.Equal(("here", Path.Combine(_folder, "log", "app.log")), ((string)source.Server, (string)source.Path[0]));
    }

    [UnixFact]
    public void A_source_may_say_which_lines_begin_an_entry()
    {
        File.WriteAllText(Path.Combine(_folder, "log", "dump.txt"), "2026-11-26 10:00:00 one\nBEGIN\nworker 7\n2026-11-26 10:00:01 two\n");
        string environment = Path.Combine(_folder, "environment.psd1");
        File.WriteAllText(environment, File.ReadAllText(environment).Replace("Sources = @( ", $"Sources = @( @{{ Name = 'dumps'; Path = '{_folder}/log/*.txt'; MultiLine = '^\\d{{4}}-' }}, ", StringComparison.Ordinal));
        Assert.Equal(4L, (long)((dynamic)_engine.Run("Sync-Log -Source dumps").Single()).Lines);
        Assert.Equal(["2026-11-26 10:00:00 one\nBEGIN\nworker 7", "2026-11-26 10:00:01 two"], _engine.Run("Search-Log -Source dumps -Raw").Select(text => text.ToString()));
        Assert.Equal(["2026-11-26 10:00:00 one\nBEGIN\nworker 7"], _engine.Run($"Search-Log worker -Path '{_folder}/log/dump.txt' -MultiLine '^\\d{{4}}-' -Raw").Select(text => text.ToString()));
        dynamic test = _engine.Run($"Test-LogFilter -Path '{_folder}/log/dump.txt' -MultiLine '^\\d{{4}}-'").Single();
        Assert.Equal(2L, (long)test.Entries);
        Assert.StartsWith("RegexInvalid,", _engine.Run($"try {{ Import-Log '{_folder}/log/dump.txt' -MultiLine '(' }} catch {{ $_.FullyQualifiedErrorId }}").Single().ToString(), StringComparison.Ordinal);
        Assert.Contains("None", _engine.Run("(TabExpansion2 'Import-Log x -MultiLine ' 24).CompletionMatches.CompletionText").Select(text => text.ToString()));
    }

    [UnixFact]
    public void An_engine_that_cannot_be_used_is_refused_by_everything_that_would_send_to_it()
    {
        File.WriteAllText(Path.Combine(_folder, "environment.psd1"), $$"""
            @{
                Servers = @( @{ Name = 'here'; Local = $true } )
                Logging = @{ Engine = 'Elasticsearch'; Url = 'http://127.0.0.1:1'; Sources = @( @{ Name = 'app'; Path = '{{_folder}}/log/*.log' } ) }
            }

            """);
        foreach (string command in (string[])["Sync-Log", "Get-LogSource", "Start-LogReceiver -Tcp 0 -For 1s", $"Import-Log '{_folder}/log/app.log'"])
            Assert.StartsWith("LogEngineNotSupported,", _engine.Run($"try {{ {command} }} catch {{ $_.FullyQualifiedErrorId }}").Single().ToString(), StringComparison.Ordinal);
        Assert.Single(_engine.Run($"Sync-Log -Source app -Store '{_folder}/other'"));
    }

    [UnixFact]
    public void One_source_that_fails_is_an_error_and_the_others_go_on()
    {
        var results = _engine.Run("$all = Sync-Log -ErrorAction SilentlyContinue -ErrorVariable failed; $all; $failed[0].FullyQualifiedErrorId");
        Assert.Equal("LogCommandFailed,ProdOps.Cmdlets.Logging.SyncLog", results[^1].ToString());
        Assert.Equal(["app", "broken", "ran"], results.Take(3).Select(result => (string)((dynamic)result).Source).Order());
    }

    [UnixFact]
    public void A_server_that_cannot_be_reached_is_a_warning_where_monitoring_tells_of_it_and_an_error_else()
    {
        string environment = Path.Combine(_folder, "environment.psd1");
        // Nothing listens at port 1.
        File.WriteAllText(environment, File.ReadAllText(environment).Replace("Servers = @( ", "Servers = @( @{ Name = 'gone'; Address = '127.0.0.1'; Ssh = @{ User = 'admin'; Port = 1; ConfigFile = 'none' } }, ", StringComparison.Ordinal));
        Assert.Equal(["ConnectionRefused,ProdOps.Cmdlets.Logging.SyncLog"], Told("Sync-Log -Source app -ErrorAction SilentlyContinue -ErrorVariable failed", "$failed.FullyQualifiedErrorId"));
        string[] warned = Told("Sync-Log -Source app -IgnoreUnreachable -ErrorAction Stop -WarningAction SilentlyContinue -WarningVariable failed", "$failed.Message");
        Assert.StartsWith("Server 'gone' refuses the connection", Assert.Single(warned), StringComparison.Ordinal);
        // What is wrong with a source stays an error, and one that only the server that is gone may have is not missing.
        Assert.Equal(["LogCommandFailed,ProdOps.Cmdlets.Logging.SyncLog"], Told("Sync-Log -Source broken -IgnoreUnreachable -ErrorAction SilentlyContinue -WarningAction SilentlyContinue -ErrorVariable failed", "$failed.FullyQualifiedErrorId"));
        Assert.Empty(Told("Sync-Log -Source elsewhere -IgnoreUnreachable -ErrorAction SilentlyContinue -WarningAction SilentlyContinue -ErrorVariable failed", "$failed.FullyQualifiedErrorId"));

        string[] Told(string command, string what) => [.. _engine.Run($"$null = {command}; {what}").Where(text => text is not null).Select(text => text.ToString())];
    }

    [UnixFact]
    public void A_source_that_nobody_has_is_named() =>
        Assert.Equal("LogSourceNotFound,ProdOps.Cmdlets.Logging.SyncLog", _engine.Run("Sync-Log -Source nothing -ErrorAction SilentlyContinue -ErrorVariable failed; $failed[0].FullyQualifiedErrorId").Single().ToString());

    [UnixFact]
    public void Sources_are_completed_with_what_they_read() =>
        Assert.Equal(["app", "broken", "ran"], _engine.Run("(TabExpansion2 'Sync-Log -Source ' 17).CompletionMatches.CompletionText").Select(text => text.ToString()).Order());
}
