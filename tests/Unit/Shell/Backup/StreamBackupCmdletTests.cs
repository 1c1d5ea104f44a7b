namespace ProdOps.Cmdlets.Tests.Backup;

/// <summary>Invoke-Backup -FromCommand, -Sqlite, and the commands around a backup.</summary>
[Collection("Backup")]
public sealed class StreamBackupCmdletTests(BackupFixture fixture)
{
    [Fact]
    public void What_a_command_prints_is_backed_up_here_or_on_a_server()
    {
        using var engine = Open();
        Assert.Empty(engine.Run("Invoke-Backup -FromCommand 'exit 9' @n -WhatIf"));
        dynamic first = engine.Run("Invoke-Backup -FromCommand 'echo hello' @n -Tag nightly").Single();
        Assert.Equal("Complete", first.Status.ToString());
        Assert.Equal(["/stdin"], (IEnumerable<string>)first.Paths);
        dynamic second = engine.Run("Invoke-Backup -Server localhost -FromCommand 'echo again' -StdinFileName dumps/one.txt @n").Single();
        Assert.Equal(["/dumps/one.txt"], (IEnumerable<string>)second.Paths);
        Assert.Single(engine.Run("Get-Server localhost | Invoke-Backup -FromCommand 'echo again' @n"));
        Assert.Empty(engine.Run("@() | Invoke-Backup -FromCommand 'echo again' @n"));

        var failed = engine.Fail("Invoke-Backup -FromCommand 'echo no >&2; exit 4' @n -ErrorAction Stop");
        Assert.StartsWith("DumpFailed,", failed.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(3, engine.Run("Get-Backup @n").Count);
        Assert.StartsWith("NothingToBackUp,", engine.Fail("Invoke-Backup -Server localhost -After 'true' @n -ErrorAction Stop").FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.StartsWith("DatabaseOptionAmbiguous,", engine.Fail("Invoke-Backup -Redis -PostgreSql '*' -DatabasePort 1 @n -ErrorAction Stop").FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void Commands_run_before_and_after_a_backup_and_when_it_fails()
    {
        using var engine = Open();
        string log = fixture.NewFolder();
        string hooks = $"-Before 'echo before >> {log}' -After 'echo after >> {log}' -OnFailure 'echo failure >> {log}'";
        engine.Run($"Invoke-Backup '{fixture.Etc}' @n {hooks}; Invoke-Backup -Server localhost -Path '{fixture.Etc}' @n {hooks}; Invoke-Backup '{fixture.Etc}' @n {hooks} -WhatIf");
        Assert.Equal(["before", "after", "before", "after"], File.ReadAllLines(log));
        File.Delete(log);
        engine.Fail($"Invoke-Backup -FromCommand 'exit 1' @n {hooks} -ErrorAction Stop");
        Assert.Equal(["before", "failure", "after"], File.ReadAllLines(log));
        File.Delete(log);
        int count = engine.Run("Get-Backup @n").Count;
        var refused = engine.Fail($"Invoke-Backup -FromCommand 'echo x' @n -Before 'echo locked >&2; exit 5' -After 'echo after >> {log}' -OnFailure 'echo failure >> {log}' -ErrorAction Stop");
        Assert.StartsWith("HookFailed,", refused.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("locked", refused.ToString(), StringComparison.Ordinal);
        Assert.Equal(["failure", "after"], File.ReadAllLines(log));
        Assert.Equal(count, engine.Run("Get-Backup @n").Count);

        using var shell = engine.Shell("Invoke-Backup -FromCommand 'echo x' @n -After 'exit 6'");
        dynamic snapshot = shell.Invoke().Single();
        Assert.Equal("Complete", snapshot.Status.ToString());
        Assert.StartsWith("HookFailed,", shell.Streams.Error.Single().FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    private Engine Open()
    {
        var engine = fixture.Open();
        engine.Run($"$n = @{{ Repository = '{fixture.NewFolder()}'; PasswordFile = '{fixture.PasswordFile}' }}; $null = Initialize-BackupRepository @n");
        return engine;
    }
}
