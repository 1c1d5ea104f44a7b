using System.Security;
using System.Text;
using ProdOps.Servers.Secrets;

namespace ProdOps.Servers.Tests.Secrets;

public sealed class SecretSourceTests : IDisposable
{
    private const string Password = "pä55 word";
    private readonly string _folder = Directory.CreateTempSubdirectory("prodops-secret-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("{0}")]
    [InlineData("{0}\n")]
    [InlineData("{0}\r\n")]
    [InlineData("\t {0} \n\n")]
    [InlineData("\u00a0{0}\u2003")]
    [InlineData("\ufeff{0}\n")]
    public async Task A_password_file_is_read_as_restic_reads_it(string content) =>
        Assert.Equal(Password, await ReadAsync(SecretSource.FromFile(Write(Encoding.UTF8.GetBytes(string.Format(content, Password))))));

    [Theory]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    public async Task A_password_file_in_UTF16_is_understood(string name)
    {
        var encoding = Encoding.GetEncoding(name);
        Assert.Equal(Password, await ReadAsync(SecretSource.FromFile(Write([.. encoding.GetPreamble(), .. encoding.GetBytes(Password + "\r\n")]))));
    }

    [Fact]
    public async Task Bytes_that_are_not_UTF8_are_a_password_too()
    {
        byte[] bytes = [0xff, 0x00, 0xc3, 0x28, 0x80];
        using var secret = await SecretSource.FromFile(Write([.. bytes, (byte)'\n'])).ResolveAsync(default);
        Assert.Equal(bytes, secret.Bytes.ToArray());
    }

    [Fact]
    public async Task A_missing_file_and_a_missing_variable_are_named()
    {
        string path = Path.Combine(_folder, "none");
        var file = await FailsAsync(SecretSource.FromFile(path));
        Assert.Equal(("SecretNotFound", ErrorKind.NotFound, path), (file.ErrorId, file.Kind, (string)file.Target!));
        var variable = await FailsAsync(SecretSource.FromVariable("PRODOPS_TEST_NO_SUCH"));
        Assert.Equal(("SecretNotFound", "PRODOPS_TEST_NO_SUCH"), (variable.ErrorId, (string)variable.Target!));
    }

    [Fact]
    public async Task A_folder_is_not_a_password_file() => Assert.Equal("SecretUnreadable", (await FailsAsync(SecretSource.FromFile(_folder))).ErrorId);

    [Theory]
    [InlineData("")]
    [InlineData(" \n\t")]
    public async Task An_empty_password_is_refused(string content)
    {
        Assert.Equal("SecretEmpty", (await FailsAsync(SecretSource.FromFile(Write(Encoding.UTF8.GetBytes(content))))).ErrorId);
        Assert.Equal("SecretEmpty", (await FailsAsync(SecretSource.FromSecureString(new SecureString()))).ErrorId);
    }

    [Fact]
    public async Task A_file_too_long_for_a_password_is_refused()
    {
        Assert.Equal("SecretUnreadable", (await FailsAsync(SecretSource.FromFile(Write(new byte[SecretSource.MaximumLength + 1])))).ErrorId);
        if (OperatingSystem.IsLinux()) Assert.Equal("SecretUnreadable", (await FailsAsync(SecretSource.FromFile("/dev/zero"))).ErrorId);
    }

    [Fact]
    public async Task A_secure_string_and_a_variable_keep_their_white_space()
    {
        using var typed = new SecureString();
        foreach (char c in " " + Password) typed.AppendChar(c);
        Assert.Equal(" " + Password, await ReadAsync(SecretSource.FromSecureString(typed)));

        Environment.SetEnvironmentVariable("PRODOPS_TEST_SECRET", Password + " ");
        try
        {
            Assert.Equal(Password + " ", await ReadAsync(SecretSource.FromVariable("PRODOPS_TEST_SECRET")));
        }
        finally
        {
            Environment.SetEnvironmentVariable("PRODOPS_TEST_SECRET", null);
        }
    }

    [UnixFact]
    public async Task A_command_runs_without_a_shell_and_its_output_is_trimmed()
    {
        Assert.Equal("a  b;$HOME", await ReadAsync(SecretSource.FromCommand("printf '%s\\n' 'a  b;$HOME'")));
    }

    [UnixFact]
    public async Task A_failing_command_is_reported_without_what_it_printed()
    {
        var failure = await FailsAsync(SecretSource.FromCommand("sh -c 'echo hunter2; exit 3'"));
        Assert.Equal("SecretCommandFailed", failure.ErrorId);
        Assert.Contains("ended with 3", failure.Message);
        Assert.DoesNotContain("hunter2", failure.ToString() + failure.Recommendation + failure.Target);
        Assert.Equal("SecretCommandFailed", (await FailsAsync(SecretSource.FromCommand("/no/such/program"))).ErrorId);
    }

    [UnixFact]
    public async Task A_command_that_hangs_is_ended_after_its_time()
    {
        var failure = await FailsAsync(SecretSource.FromCommand("sleep 600", TimeSpan.FromMilliseconds(100)));
        Assert.Contains("did not end", failure.Message);
    }

    [UnixFact]
    public async Task Stopping_while_a_command_runs_is_a_cancellation()
    {
        using var stop = new CancellationTokenSource(100);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await SecretSource.FromCommand("sleep 600").ResolveAsync(stop.Token));
    }

    [Fact]
    public async Task A_disposed_secret_is_gone_and_its_text_never_shows_it()
    {
        var secret = await SecretSource.FromBytes("hunter2"u8).ResolveAsync(default);
        var bytes = secret.Bytes;
        Assert.DoesNotContain("hunter2", $"{secret} {SecretSource.FromBytes("hunter2"u8)} {SecretSource.FromCommand("echo hunter2")}");
        secret.Dispose();
        Assert.All(bytes.ToArray(), value => Assert.Equal(0, value));
        Assert.Throws<ObjectDisposedException>(() => secret.Bytes);
    }

    private string Write(byte[] content)
    {
        string path = Path.Combine(_folder, "password");
        File.WriteAllBytes(path, content);
        return path;
    }

    private static async Task<string> ReadAsync(SecretSource source)
    {
        using var secret = await source.ResolveAsync(default);
        return Encoding.UTF8.GetString(secret.Bytes.Span);
    }

    private static async Task<ProdOpsException> FailsAsync(SecretSource source) =>
        await Assert.ThrowsAsync<ProdOpsException>(async () => (await source.ResolveAsync(default)).Dispose());
}
