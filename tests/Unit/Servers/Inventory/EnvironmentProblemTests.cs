using ProdOps.Servers.Inventory;

namespace ProdOps.Servers.Tests.Inventory;

public sealed class EnvironmentProblemTests
{
    [Theory]
    [InlineData("@{ Nmae = 'x' }", "UnknownKey 1:4 Nmae", "'Name'")]
    [InlineData("@{\n Servers = @(\n  @{ Name = 'a'; Adress = '10.0.0.1' }\n ) }", "UnknownKey 3:18 Servers[0].Adress", "'Address'")]
    [InlineData("@{ Ssh = @{ Zebra = 1 } }", "UnknownKey 1:13 Ssh.Zebra", "no key 'Zebra'")]
    [InlineData("@{ Ssh = @{ Port = '22' } }", "WrongType 1:20 Ssh.Port", "a text stands there")]
    [InlineData("@{ Ssh = @{ Port = 70000 } }", "InvalidValue 1:20 Ssh.Port", "'70000'")]
    [InlineData("@{ Ssh = 'admin' }", "WrongType 1:10 Ssh", "a table")]
    [InlineData("@{ Servers = 'web1' }", "WrongType 1:14 Servers[0]", "a table")]
    [InlineData("@{ Servers = @(@{ Address = '10.0.0.1' }) }", "MissingKey 1:16 Servers[0].Name", "'Name'")]
    [InlineData("@{ Servers = @(@{ Name = 'a b' }) }", "InvalidValue 1:26 Servers[0].Name", "'a b'")]
    [InlineData("@{ Servers = @(@{ Name = 'a'; Address = 'root@b' }) }", "InvalidValue 1:41 Servers[0].Address", "'root@b'")]
    [InlineData("@{ Servers = @(@{ Name = 'a'; Role = 5 }) }", "WrongType 1:38 Servers[0].Role", "a number")]
    [InlineData("@{ Servers = @(@{ Name = 'a' }, @{ Name = 'A' }) }", "DuplicateServer 1:36 Servers.Name", "twice")]
    [InlineData("@{ Servers = @(@{ Name = 'web1' }, @{ Name = 'b'; DependsOn = 'web2' }) }", "UnknownServer 1:63 Servers.DependsOn", "'web1'")]
    [InlineData("@{ Servers = @(@{ Name = 'a'; Role = 'App' }, @{ Name = 'b'; DependsOn = 'role:Ap' }) }", "UnknownServer 1:74 Servers.DependsOn", "'role:App'")]
    [InlineData("@{ Servers = @(@{ Name = 'a'; DependsOn = 'a' }) }", "DependencyCycle 1:43 Servers.DependsOn", "a → a")]
    [InlineData("@{ Servers = @(@{ Name = 'a'; DependsOn = 'b' }; @{ Name = 'b'; DependsOn = 'c' }; @{ Name = 'c'; DependsOn = 'b' }) }", "DependencyCycle 1:111 Servers.DependsOn", "b → c → b")]
    [InlineData("@{ Objectives = @{ RecoveryTime = '15' } }", "InvalidValue 1:35 Objectives.RecoveryTime", "'15'")]
    [InlineData("@{ Objectives = @{ Availability = 99.9 } }", "WrongType 1:35 Objectives.Availability", "a number")]
    [InlineData("@{ Repositories = @{ a = @{ Path = 'x'; Url = 'sftp://h/x' } } }", "RepositoryPlace 1:22 Repositories.a", "either")]
    [InlineData("@{ Repositories = @{ a = @{ Url = 'backup' } } }", "InvalidValue 1:35 Repositories.a.Url", "'backup'")]
    [InlineData("@{ Include = 'nothing.psd1' }", "IncludeNotFound 1:14 Include", "nothing.psd1")]
    [InlineData("@{ Name = 'a'; Name = 'b' }", "DuplicateKey 1:16 Name", "twice")]
    [InlineData("@{ Name = $env:NAME }", "Syntax 1:11 ", "run")]
    [InlineData("@{ Name = Get-Date }", "Syntax 1:11 ", "command")]
    [InlineData("@{ Name = 'x\n", "Syntax 1:11 ", "not closed")]
    [InlineData("Get-Date", "Syntax 1:1 ", "one table")]
    [InlineData("", "Syntax 1:1 ", "nothing")]
    public void An_error_names_its_place_its_key_and_what_was_probably_meant(string text, string expected, string mentions)
    {
        var problem = Assert.Single(EnvironmentFiles.ReadText(text).Errors, problem => problem.Id != "RepositoryPlace" || expected.StartsWith("RepositoryPlace", StringComparison.Ordinal));
        Assert.Equal(expected, $"{problem.Id} {problem.Position.Line}:{problem.Position.Column} {problem.Key}");
        Assert.Contains(mentions, problem.Message, StringComparison.Ordinal);
        Assert.NotEmpty(problem.Recommendation);
    }

    [Theory]
    [InlineData("@{ Servers = @(@{ Name = 'a'; Role = 'Databse' }) }", "RoleSpelling")]
    [InlineData("@{ Servers = @(@{ Name = 'a'; Address = '::1' }, @{ Name = 'b'; Address = '::1' }) }", "SharedAddress")]
    [InlineData("@{ Defaults = @{ Roles = @{ Ap = @{} } }; Servers = @{ Name = 'a'; Role = 'App' } }", "UnusedDefaults")]
    [InlineData("@{ Include = 'servers/*.psd1' }", "IncludeMatchesNothing")]
    public void What_is_probably_a_slip_is_a_warning(string text, string id)
    {
        var reading = EnvironmentFiles.ReadText(text);
        Assert.Equal(id, Assert.Single(reading.Problems).Id);
        Assert.NotNull(reading.Require());
    }

    [Theory]
    [InlineData("@{ Ssh = @{ Password = 'hunter2!' } }", "SecretInClear")]
    [InlineData("@{ Ssh = @{ Password = \"hunter2!\" } }", "SecretInClear")]
    [InlineData("@{ Ssh = @{ Password = 'hunter2!', 'x' } }", "SecretInClear")]
    [InlineData("@{ Ssh = @{ Password = hunter2! } }", "Syntax")]
    [InlineData("@{ Ssh = @{ Password = $hunter2 } }", "Syntax")]
    [InlineData("@{ Ssh = @{ Password = \"hunter2$x\" } }", "Syntax")]
    [InlineData("@{ Ssh = @{ Password = @{ Plain = 'hunter2' } } }", "UnknownKey")]
    [InlineData("@{ Ssh = @{ Password = @{ File = 'x'; Command = 'echo hunter2' } } }", "SecretSourceCount")]
    [InlineData("@{ Ssh = @{ Password = @{} } }", "SecretSourceCount")]
    [InlineData("@{ Repositories = @{ a = @{ Path = 'p'; Password = 'hunter2' } } }", "SecretInClear")]
    [InlineData("@{ Repositories = @{ a = @{ Url = 'sftp://me:hunter2@h/x' } } }", "SecretInClear")]
    [InlineData("@{ LoadBalancers = @{ web = @{ Servers = 'localhost'; Pool = 'localhost'; FloatingAddress = @{ Address = '10.0.0.9'; Machines = @{ localhost = 1 }; Token = 'hunter2' } } } }", "SecretInClear")]
    [InlineData("@{ LoadBalancers = @{ web = @{ Servers = 'localhost'; Pool = 'localhost'; FloatingAddress = @{ Address = '10.0.0.9'; Machines = @{ localhost = 1 }; Url = 'https://me:hunter2@h' } } } }", "SecretInClear")]
    public void A_secret_in_the_clear_is_refused_and_never_repeated(string text, string id)
    {
        var reading = EnvironmentFiles.ReadText(text);
        Assert.Contains(reading.Problems, problem => problem.Id == id);
        var error = Assert.Throws<ProdOpsException>(reading.Require);
        Assert.DoesNotContain("hunter2", error.Message + error.Recommendation + string.Concat(reading.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Several_errors_are_reported_at_once_in_the_order_of_the_file()
    {
        var error = Assert.Throws<ProdOpsException>(EnvironmentFiles.ReadText("@{\n Nmae = 'x'\n Ssh = @{ Port = 0 }\n Servers = @{ Name = 'a'; DependsOn = 'b' }\n}").Require);
        Assert.Equal(("EnvironmentInvalid", ErrorKind.InvalidData), (error.ErrorId, error.Kind));
        Assert.Contains("has 3 errors", error.Message, StringComparison.Ordinal);
        Assert.Equal([":2:2", ":3:18", ":4:39"], error.Message.Split('\n').Skip(1).Select(line => line[line.IndexOf(".psd1", StringComparison.Ordinal)..].Split(": ")[0][5..]));
    }

    [Fact]
    public void Includes_that_lead_back_and_keys_in_two_files_are_errors()
    {
        using var files = new EnvironmentFiles();
        files.Write("a.psd1", "@{ Include = 'b.psd1'; Name = 'two' }");
        files.Write("b.psd1", "@{ Include = 'a.psd1', 'environment.psd1'; Servers = @{ Name = 'x' } }");
        var reading = files.Read("@{ Name = 'one'; Include = 'a.psd1' ; Servers = @{ Name = 'X' } }");
        Assert.Equal(["DuplicateServer", "IncludeCycle", "IncludeCycle", "KeyInTwoFiles"], reading.Problems.Select(problem => problem.Id).Order());
    }

    [Fact]
    public void A_file_that_is_no_text_is_told_as_such()
    {
        using var files = new EnvironmentFiles();
        string path = files.Write("environment.psd1", "");
        File.WriteAllBytes(path, [0x40, 0x7B, 0xFF, 0xFE, 0x7D]);
        Assert.Equal("NoText", Assert.Single(EnvironmentReader.Read(path).Problems).Id);
        Assert.Equal("EnvironmentNotFound", Assert.Throws<ProdOpsException>(() => EnvironmentReader.Read(path + "x")).ErrorId);
    }
}
