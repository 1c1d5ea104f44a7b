using System.Text;
using ProdOps.Servers.Secrets;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Servers.Tests.Secrets;

public sealed class SecretReferenceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("prodops-secret-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [UnixTheory]
    [InlineData("600", false)]
    [InlineData("400", false)]
    [InlineData("640", true)]
    [InlineData("604", true)]
    [InlineData("660", true)]
    [InlineData("622", true)]
    [InlineData("610", true)]
    [InlineData("644", true)]
    public async Task A_file_that_others_can_read_or_write_is_refused(string mode, bool refused)
    {
        string path = Write("the secret");
        Tool.SetMode(path, (UnixFileMode)Convert.ToInt32(mode, 8));
        var source = SecretSource.From(new SecretReference(SecretKind.File, path), vault: null);
        if (!refused)
        {
            Assert.Equal("the secret", await ReadAsync(source));
            return;
        }

        var failure = await Assert.ThrowsAsync<ProdOpsException>(async () => await ReadAsync(source));
        Assert.Equal(("SecretFileExposed", ErrorKind.PermissionDenied, path), (failure.ErrorId, failure.Kind, (string)failure.Target!));
        Assert.Contains("0" + mode, failure.Message);
        Assert.Contains("chmod 600", failure.Recommendation);
    }

    [RootFact]
    public async Task A_file_that_somebody_else_lets_us_read_is_taken_as_OpenSSH_takes_it()
    {
        string path = Write("the secret");
        Tool.SetMode(path, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        using (var chown = System.Diagnostics.Process.Start("chown", ["1", path])) await chown.WaitForExitAsync();
        Assert.Equal("the secret", await ReadAsync(SecretSource.From(new SecretReference(SecretKind.File, path), vault: null)));
    }

    [UnixFact]
    public async Task A_password_file_option_keeps_taking_what_restic_takes()
    {
        string path = Write("the secret");
        Tool.SetMode(path, (UnixFileMode)Convert.ToInt32("644", 8));
        Assert.Equal("the secret", await ReadAsync(SecretSource.FromFile(path)));
    }

    [UnixFact]
    public async Task Variables_and_commands_are_sources_too()
    {
        Environment.SetEnvironmentVariable("PRODOPS_TEST_REFERENCE", "from the variable");
        Assert.Equal("from the variable", await ReadAsync(SecretSource.From(new SecretReference(SecretKind.Variable, "PRODOPS_TEST_REFERENCE"), vault: null)));
        Assert.Equal("from the command", await ReadAsync(SecretSource.From(new SecretReference(SecretKind.Command, "echo 'from the command'"), vault: null)));
    }

    [Theory]
    [InlineData("db", null, "db")]
    [InlineData("team/db", "team", "db")]
    [InlineData("team/db/main", "team", "db/main")]
    [InlineData("/db", null, "/db")]
    [InlineData("db/", null, "db/")]
    public async Task A_vault_is_asked_for_the_name_and_by_its_own_name(string text, string? vault, string name)
    {
        var asked = new RecordingVault();
        Assert.Equal("from the vault", await ReadAsync(SecretSource.From(new SecretReference(SecretKind.Secret, text), asked)));
        Assert.Equal(new VaultSecretName(vault, name), asked.Asked);
    }

    [Fact]
    public async Task Without_a_vault_the_error_says_what_is_missing()
    {
        var failure = await Assert.ThrowsAsync<ProdOpsException>(async () => await ReadAsync(SecretSource.From(new SecretReference(SecretKind.Secret, "offsite"), vault: null)));
        Assert.Equal(("SecretModuleMissing", "offsite"), (failure.ErrorId, (string)failure.Target!));
    }

    private string Write(string content)
    {
        string path = Path.Combine(_folder, "secret");
        File.WriteAllText(path, content + "\n");
        return path;
    }

    private static async Task<string> ReadAsync(SecretSource source)
    {
        using var secret = await source.ResolveAsync(default);
        return Encoding.UTF8.GetString(secret.Bytes.Span);
    }

    private sealed class RecordingVault : ISecretVault
    {
        public VaultSecretName Asked { get; private set; }

        public ValueTask<Secret> ReadAsync(VaultSecretName name, CancellationToken cancellationToken)
        {
            Asked = name;
            return new(new Secret("from the vault"u8));
        }
    }
}
