using ProdOps.Servers.Inventory;

namespace ProdOps.Servers.Tests.Inventory;

public sealed class BackupSetTests
{
    private const string Around = """
        Servers = @( @{ Name = 'db1'; Role = 'Database' }, @{ Name = 'web1'; Role = 'App'; Group = 'eu' }, @{ Name = 'web2'; Role = 'App' } )
        Repositories = @{ local = @{ Path = '/srv/backup' }; offsite = @{ Path = '/mnt/backup' } }
        """;

    [Fact]
    public void A_set_is_read_with_all_that_it_says()
    {
        using var files = new EnvironmentFiles();
        var set = files.Read($$"""
            @{
                {{Around}}
                Backups = @{
                    db = @{
                        Server = 'db1', 'role:App'; PostgreSql = 'shop', 'blog*'; MariaDb = '*'; AsRoot = $true
                        Repository = 'LOCAL'; CopyTo = 'offsite'; Schedule = '15 * * * *', '@daily'
                        Keep = @{ Hourly = 24; Daily = -1; Within = '1y6m'; Tags = 'keep', 'a,b' }; KeepCopies = @{ Last = 3 }; Prune = $true
                        Tag = 'nightly'; HostName = 'db'; Compression = 'max'; RetryLock = '1h'
                        Before = 'a'; After = 'b'; OnFailure = 'c'; Objectives = @{ RecoveryPoint = '2h'; RecoveryTime = '30m' }
                    }
                }
            }
            """).Require().Backups.Single();
        Assert.Equal(["db1", "role:App"], set.Server);
        Assert.Equal(["shop", "blog*"], set.PostgreSql);
        Assert.Equal(["*"], set.MariaDb);
        Assert.Equal(("db", "local", true, true, true), (set.Name, set.Repository, set.AsRoot, set.Prune, set.IsStream));
        Assert.Equal(["offsite"], set.CopyTo);
        Assert.Equal(["15 * * * *", "@daily"], set.Schedule);
        Assert.Equal((24, -1, "1y6m"), (set.Keep!["Hourly"], set.Keep["Daily"], set.Keep["Within"]));
        Assert.Equal(["keep", "a,b"], (string[])set.Keep["Tags"]);
        Assert.Equal(3, set.KeepCopies!["Last"]);
        Assert.Equal((BackupCompression.Max, TimeSpan.FromHours(1), "db"), (set.Compression, set.RetryLock, set.HostName));
        Assert.Equal(("a", "b", "c"), (set.Before, set.After, set.OnFailure));
        Assert.Equal((TimeSpan.FromHours(2), TimeSpan.FromMinutes(30)), (set.Objectives.RecoveryPoint!.Value, set.Objectives.RecoveryTime!.Value));
    }

    [Fact]
    public void Files_of_this_machine_in_the_only_repository_need_no_more_than_a_path()
    {
        using var files = new EnvironmentFiles();
        var sets = files.Read("""
            @{ Repositories = @{ main = @{ Path = 'backup' } }
               Backups = @{ app = @{ Sqlite = '/srv/app.db'; Query = 'select 1'; Expect = '1' }; etc = @{ Path = '/etc', '/srv/www'; Exclude = '*.tmp'; ExcludeFile = 'exclude.txt'; ExcludeCaches = $true; ExcludeLargerThan = 1GB; OneFileSystem = $true } } }
            """).Require().Backups;
        Assert.Equal(("select 1", "1"), (sets[0].Query, sets[0].Expect));
        var set = sets[1];
        Assert.Equal("main", set.Repository);
        Assert.Equal(["/etc", "/srv/www"], set.Path);
        Assert.Equal([Path.Join(files.Folder, "exclude.txt")], set.ExcludeFile);
        Assert.Equal((1L << 30, true, true, false), (set.ExcludeLargerThan!.Value, set.ExcludeCaches, set.OneFileSystem, set.IsStream));
        Assert.Empty(set.Server);
        Assert.Null(set.Keep);
        Assert.Equal(TimeSpan.FromMinutes(15), set.RetryLock);
    }

    [Theory]
    [InlineData("Serber = 'db1'; Path = '/a'", "UnknownKey db.Serber", "'Server'")]
    [InlineData("Server = 'db2'; Path = '/a'", "BackupServerUnknown db.Server", "'db1'")]
    [InlineData("Server = 'role:Apps'; Path = '/a'", "BackupServerUnknown db.Server", "'role:App'")]
    [InlineData("Server = 'x*'; Path = '/a'", "BackupServerUnknown db.Server", "'x*'")]
    [InlineData("Server = 'root@db1'; Path = '/a'", "BackupServerUnknown db.Server", "'root@db1'")]
    [InlineData("Path = 'etc'", "InvalidValue db.Path", "'etc'")]
    [InlineData("Path = '/a'; PostgreSql = 'x'", "BackupSourceMixed db", "at once")]
    [InlineData("Server = 'db1'", "BackupSourceMissing db", "what is backed up")]
    [InlineData("Redis = $false", "BackupSourceMissing db", "what is backed up")]
    [InlineData("Path = '/a'; Schedule = '15 * * *'", "BackupScheduleInvalid db.Schedule", "four")]
    [InlineData("Path = '/a'; Schedule = '0 25 * * *'", "BackupScheduleInvalid db.Schedule", "hour")]
    [InlineData("Path = '/a'; CopyTo = 'local'", "BackupCopyToItself db.CopyTo", "'local'")]
    [InlineData("Path = '/a'; CopyTo = 'ofsite'", "BackupRepositoryUnknown db.CopyTo", "'offsite'")]
    [InlineData("Path = '/a'; Keep = @{ Daily = 0 }", "BackupKeepsNothing db.Keep", "keeps anything")]
    [InlineData("Path = '/a'; Keep = @{ }", "BackupKeepsNothing db.Keep", "keeps anything")]
    [InlineData("Path = '/a'; Keep = @{ Dayly = 4 }", "UnknownKey db.Keep.Dayly", "'Daily'")]
    [InlineData("Path = '/a'; Keep = @{ Daily = '4' }", "WrongType db.Keep.Daily", "a text")]
    [InlineData("Path = '/a'; Keep = @{ Within = '4 days' }", "InvalidValue db.Keep.Within", "'4 days'")]
    [InlineData("Path = '/a'; Compression = 'best'", "InvalidValue db.Compression", "'best'")]
    [InlineData("Path = '/a'; Tag = 'a,b'", "InvalidValue db.Tag", "'a,b'")]
    [InlineData("Redis = $true; PostgreSql = 'x'; DatabasePort = 1", "BackupDatabaseAmbiguous db.DatabasePort", "several kinds")]
    [InlineData("PostgreSql = '*'; Query = 'select 1'", "BackupQueryAmbiguous db.Query", "meant for one")]
    [InlineData("PostgreSql = 'x'; Redis = $true; Query = 'select 1'", "BackupQueryAmbiguous db.Query", "meant for one")]
    [InlineData("PostgreSql = 'x'; DatabaseUser = 'u'; DatabasePassword = 'hunter2!'", "SecretInClear db.DatabasePassword", "in the clear")]
    public void An_error_of_a_set_names_its_line_its_key_and_what_was_probably_meant(string text, string expected, string mentions)
    {
        var problem = Assert.Single(Read($"Repository = 'local'; {text}"));
        Assert.False(problem.IsWarning);
        Assert.Equal((expected, 4), ($"{problem.Id} {problem.Key!.Replace("Backups.", "", StringComparison.Ordinal)}", problem.Position.Line));
        Assert.Contains(mentions.Replace("four", "4 fields", StringComparison.Ordinal), problem.Message, StringComparison.Ordinal);
        Assert.NotEmpty(problem.Recommendation);
        Assert.DoesNotContain("hunter2!", problem.Message + problem.Recommendation, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Path = '/a'", "BackupRepositoryMissing")]
    [InlineData("Path = '/a'; Repository = 'locl'", "BackupRepositoryUnknown")]
    public void A_set_says_in_which_of_several_repositories_it_is_kept(string text, string id) => Assert.Equal(id, Assert.Single(Read(text)).Id);

    [Theory]
    [InlineData("PostgreSql = 'x'; Exclude = 'y'", "Exclude")]
    [InlineData("Path = '/a'; DatabasePort = 5432", "DatabasePort")]
    [InlineData("Path = '/a'; StdinFileName = 'x'", "StdinFileName")]
    [InlineData("Path = '/a'; Query = 'select 1'", "Query")]
    [InlineData("PostgreSql = 'x'; Expect = '1'", "Expect")]
    [InlineData("Path = '/a'; KeepCopies = @{ Last = 1 }", "KeepCopies")]
    [InlineData("Path = '/a'; Prune = $true", "Prune")]
    public void A_key_without_effect_is_a_warning(string text, string key)
    {
        var problem = Assert.Single(Read($"Repository = 'local'; {text}"));
        Assert.Equal(("BackupKeyUnused", true, $"Backups.db.{key}"), (problem.Id, problem.IsWarning, problem.Key));
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("a.b")]
    [InlineData("-a")]
    [InlineData("grün")]
    public void A_name_must_do_for_a_tag_and_for_a_schedule(string name) =>
        Assert.Equal("BackupNameInvalid", Assert.Single(EnvironmentFiles.ReadText($"@{{\n{Around}\nBackups = @{{ '{name}' = @{{ Repository = 'local'; Path = '/a' }} }} }}").Problems).Id);

    [Fact]
    public void Sets_of_several_files_are_added_up()
    {
        using var files = new EnvironmentFiles();
        files.Write("a.psd1", "@{ Backups = @{ a = @{ Path = '/a' } } }");
        files.Write("b.psd1", "@{ Backups = @{ A = @{ Path = '/b' } } }");
        var reading = files.Read("@{ Include = 'a.psd1', 'b.psd1'; Repositories = @{ r = @{ Path = '/r' } }; Backups = @{ c = @{ Path = '/c' } } }");
        Assert.Equal("KeyInTwoFiles", Assert.Single(reading.Problems).Id);
        Assert.Equal(["c", "a"], reading.Environment.Backups.Select(set => set.Name));
    }

    private static IReadOnlyList<EnvironmentProblem> Read(string set) => EnvironmentFiles.ReadText($"@{{\n{Around}\nBackups = @{{ db = @{{ {set} }} }} }}").Problems;
}
