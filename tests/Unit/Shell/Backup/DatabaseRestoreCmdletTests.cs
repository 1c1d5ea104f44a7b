using System.Diagnostics;
using System.Management.Automation;

namespace ProdOps.Cmdlets.Tests.Backup;

/// <summary>Restore-BackupDatabase, with SQLite's files, which need no server.</summary>
[Collection("Backup")]
public sealed class DatabaseRestoreCmdletTests(BackupFixture fixture)
{
    [UnixFact("sqlite3")]
    public void A_database_comes_back_beside_the_one_that_is_there_or_in_its_place()
    {
        using var engine = Open(out string file);
        dynamic planned = engine.Run($"Restore-BackupDatabase -Sqlite '{file}' -As '{file}.look' @n -WhatIf").Single();
        Assert.False(planned.Applied || planned.Replaced || File.Exists($"{file}.look"));
        dynamic beside = engine.Run($"Get-Backup latest @n | Restore-BackupDatabase -As '{file}.look' -PasswordFile $n.PasswordFile -Confirm:$false").Single();
        Assert.Equal(("SQLite", $"{file}.look", file, true), ((string)beside.Kind, (string)beside.Database, (string)beside.Source, (bool)beside.Applied));
        Assert.Equal("2", Ask($"{file}.look"));

        var refused = engine.Fail($"Restore-BackupDatabase @n -Confirm:$false");
        Assert.StartsWith("DatabaseExists,", refused.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.ResourceExists, refused.CategoryInfo.Category);
        Sqlite(file, "DELETE FROM orders");
        dynamic replaced = engine.Run($"Get-BackupItem latest '/sqlite{file}' @n | Restore-BackupDatabase -Force -ToServer localhost -PasswordFile $n.PasswordFile -Confirm:$false").Single();
        Assert.True(replaced.Replaced);
        Assert.Equal("2", Ask(file));
        dynamic old = engine.Run($"Restore-BackupDatabase latest~1 -Sqlite '*.db' -As '{file}.old' @n -Confirm:$false").Single();
        Assert.Equal("1", Ask(old.Database));
        Assert.Equal("1", Ask(engine.Run($"Restore-BackupDatabase -Before 2026-11-21 -As '{file}.before' @n -Confirm:$false").Single().Properties["Database"].Value.ToString()!));
    }

    [UnixFact("sqlite3")]
    public void What_cannot_be_restored_says_what_there_is()
    {
        using var engine = Open(out string file);
        AssertFails(engine, "RestoreOptionForServersOnly", $"-Sqlite '{file}' -AcceptNewHostKey", "-ToServer");
        AssertFails(engine, "DumpNotFound", "-PostgreSql shop -Snapshot (Get-Backup latest @n).Id", file);
        AssertFails(engine, "SnapshotNotFound", "-PostgreSql shop", "snapshot");
        AssertFails(engine, "ItemNotFound", "-Path /postgresql/shop.dump -Snapshot (Get-Backup latest @n).Id", "");
        AssertFails(engine, "DatabaseFileNotAbsolute", "-As here.db", "full path");
        AssertFails(engine, "DatabaseLoadFailed", $"-As '{file}/none/x.db'", "no folder", inMessage: true);
        engine.Run($"$null = Invoke-Backup -Sqlite '{file}', '{file}2' @n");
        AssertFails(engine, "DumpNotNamed", "", $"{file}2");
        AssertFails(engine, "NewNameAmbiguous", "-Sqlite '*' -As /tmp/x.db", "");
        engine.Run($"$null = Invoke-Backup '{fixture.Etc}' @n");
        AssertFails(engine, "NotADump", $"-Path '{fixture.Etc}/lines' -Snapshot (Get-Backup latest @n).Id", "/sqlite/PATH");
        Assert.Equal(2, engine.Run($"Restore-BackupDatabase -Sqlite '*' -Force @n -Confirm:$false").Count);
    }

    [UnixFact("sqlite3")]
    public void A_dump_is_loaded_and_asked_for_proof()
    {
        using var engine = Open(out string file);
        string scratch = fixture.NewFolder();
        dynamic passed = engine.Run($"$t = Test-Backup -Restore -ScratchPath '{scratch}' -Query 'SELECT id AS n, id * 2 AS \"twice as much\" FROM orders ORDER BY id' -Expect 1 @n; $t").Single();
        Assert.True(passed.Success);
        Assert.Empty(Directory.GetFileSystemEntries(scratch));
        Assert.Equal("2 1 SQLite True", engine.Run("$d = $t.Databases[0]; \"$($d.Rows[0].'twice as much') $($d.Tables) $($d.Kind) $($d.Duration -eq $t.Duration -or $d.Duration -lt $t.Duration)\"").Single().ToString());
        Assert.True((bool)engine.Run("(Test-Backup -Restore -Query 'SELECT id FROM orders' -Expect { $_.Count -eq 2 -and $_[1].id -eq 2 } @n).Success").Single().BaseObject);
        Assert.True((bool)engine.Run("(Get-Backup latest @n | Test-Backup -Restore -PasswordFile $n.PasswordFile).Success").Single().BaseObject);

        foreach (string expect in new[] { "3", "{ $_.Count -gt 5 }", "{ throw 'no' }" })
        {
            using var shell = engine.Shell($"Test-Backup -Restore -Query 'SELECT count(*) FROM orders' -Expect {expect} @n");
            dynamic failed = shell.Invoke().Single();
            Assert.False(failed.Success);
            Assert.Equal("2", failed.Databases[0].Answer);
            Assert.StartsWith("TestAnswerUnexpected,", shell.Streams.Error.Single().FullyQualifiedErrorId, StringComparison.Ordinal);
        }
        Assert.StartsWith("TestExpectWithoutQuery,", engine.Fail("Test-Backup -Restore -Expect 1 @n").FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.StartsWith("DumpNotFound,", engine.Fail("Test-Backup -Restore -Snapshot (Get-Backup latest @n).Id -PostgreSql shop @n").FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [UnixFact("psql", "pg_dump", "pg_createcluster")]
    public void A_database_of_PostgreSql_goes_around_and_is_proposed()
    {
        using var server = new PrivatePostgreSql();
        using var engine = Open(out _);
        server.Ask("postgres", "CREATE DATABASE shop");
        server.Ask("shop", "CREATE TABLE orders AS SELECT generate_series(1, 7) AS id");
        engine.Run($"$c = [pscredential]::new('admin', [securestring]::new()); $d = @{{ DatabaseHost = '{server.Folder}'; DatabaseCredential = $c }}");
        // On a busy machine the server does not answer in time for the first key.
        string line = $"Invoke-Backup -DatabaseHost {server.Folder} -DatabaseCredential $c -PostgreSql ";
        for (int key = 0; key < 20 && Complete(engine, line).Length == 0; key++) ;
        Assert.Equal(["'*'", "postgres", "shop"], Complete(engine, line));
        Assert.Equal(["shop"], Complete(engine, line + "s"));
        Assert.DoesNotContain("shop", Complete(engine, $"Invoke-Backup -DatabaseHost {server.Folder}/none -PostgreSql s"));
        Assert.DoesNotContain("shop", Complete(engine, $"Invoke-Backup -Server db1 -DatabaseHost {server.Folder} -DatabaseCredential $c -PostgreSql s"));

        engine.Run("$null = Invoke-Backup -PostgreSql shop @d @n");
        dynamic beside = engine.Run("Restore-BackupDatabase -PostgreSql shop -As shop2 @d @n -Confirm:$false").Single();
        Assert.Equal(("PostgreSQL", "shop2", false), ((string)beside.Kind, (string)beside.Database, (bool)beside.Replaced));
        Assert.Equal("7", server.Ask("shop2", "SELECT count(*) FROM orders"));
        server.Ask("shop", "DELETE FROM orders");
        Assert.StartsWith("DatabaseExists,", engine.Fail("Restore-BackupDatabase -PostgreSql shop @d @n -Confirm:$false").FullyQualifiedErrorId, StringComparison.Ordinal);
        engine.Run("$null = Restore-BackupDatabase -PostgreSql shop -Force @d @n -Confirm:$false");
        Assert.Equal("7", server.Ask("shop", "SELECT count(*) FROM orders"));
        dynamic tested = engine.Run("Test-Backup -Restore -PostgreSql shop -Query 'SELECT count(*) FROM orders' -Expect 7 @d @n").Single();
        Assert.True(tested.Success);
        Assert.Equal("0", server.Ask("postgres", "SELECT count(*) FROM pg_database WHERE datname LIKE 'prodops%'"));
    }

    [UnixFact("sqlite3")]
    public void Databases_of_the_repository_are_proposed()
    {
        using var engine = Open(out string file);
        string named = $"-Repository '{engine.Run("$n.Repository").Single()}' -PasswordFile '{fixture.PasswordFile}'";
        // On a busy machine the repository is not open in time for the first key.
        for (int key = 0; key < 20 && Complete(engine, $"Restore-BackupDatabase {named} -Sqlite ").Length == 0; key++) ;
        Assert.Equal([file], Complete(engine, $"Restore-BackupDatabase {named} -Sqlite "));
        Assert.Equal([file], Complete(engine, $"Restore-BackupDatabase latest {named} -Sqlite {file[..5]}"));
        Assert.DoesNotContain(file, Complete(engine, $"Restore-BackupDatabase {named} -PostgreSql "));
    }

    private static void AssertFails(Engine engine, string id, string parameters, string advice, bool inMessage = false)
    {
        var error = engine.Fail($"Restore-BackupDatabase {parameters} @n -Confirm:$false");
        Assert.StartsWith(id + ",", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(advice, inMessage ? error.ToString() : error.ErrorDetails.RecommendedAction + error, StringComparison.Ordinal);
    }

    private static string[] Complete(Engine engine, string line)
    {
        using var shell = engine.Shell("");
        shell.Commands.Clear();
        return [.. CommandCompletion.CompleteInput(line, line.Length, null, shell).CompletionMatches.Select(proposal => proposal.CompletionText)];
    }

    /// <summary>A database that was backed up with one row, and with two.</summary>
    private Engine Open(out string file)
    {
        var engine = fixture.Open();
        string folder = fixture.NewFolder();
        Directory.CreateDirectory(folder);
        file = Path.Combine(folder, "app.db");
        Sqlite(file, "CREATE TABLE orders (id INTEGER); INSERT INTO orders VALUES (1)");
        Sqlite(file + "2", "CREATE TABLE t (id INTEGER)");
        engine.Run($"$n = @{{ Repository = '{fixture.NewFolder()}'; PasswordFile = '{fixture.PasswordFile}' }}; $null = Initialize-BackupRepository @n; $null = Invoke-Backup -Sqlite '{file}' -Time 2026-11-20 @n");
        Sqlite(file, "INSERT INTO orders VALUES (2)");
        engine.Run($"$null = Invoke-Backup -Sqlite '{file}' @n");
        return engine;
    }

    private static string Ask(string file) => Sqlite(file, "SELECT count(*) FROM orders");

    private static string Sqlite(string file, string sql)
    {
        using var process = Process.Start(new ProcessStartInfo("sqlite3", ["-batch", "-bail", file, sql]) { RedirectStandardOutput = true })!;
        string said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return said.Trim();
    }
}
