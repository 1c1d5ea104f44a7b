using System.Diagnostics;
using ProdOps.Recovery.Runbooks;

namespace ProdOps.Recovery.Tests.Runbooks;

/// <summary>Somebody without ProdOps reaches a repository as the environment says.</summary>
public sealed class ResticVariablesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("prodops-restic-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [UnixTheory]
    [InlineData("s3:https://s3.example.org/shop", "the key", "AWS_ACCESS_KEY_ID=ops|AWS_DEFAULT_REGION=eu-west-1|AWS_SECRET_ACCESS_KEY=the key|RESTIC_REPOSITORY=s3:https://s3.example.org/shop")]
    [InlineData("rest:https://backup.example.org:8000/", "it's", "RESTIC_REPOSITORY=rest:https://backup.example.org:8000/|RESTIC_REST_PASSWORD=it's|RESTIC_REST_USERNAME=ops")]
    [InlineData("azure:shop:/", "a2V5==", "AZURE_ACCOUNT_KEY=a2V5==|AZURE_ACCOUNT_NAME=ops|RESTIC_REPOSITORY=azure:shop:/")]
    [InlineData("azure:shop:/", "?sv=2024&sig=x", "AZURE_ACCOUNT_NAME=ops|AZURE_ACCOUNT_SAS=?sv=2024&sig=x|RESTIC_REPOSITORY=azure:shop:/")]
    [InlineData("sftp:ops@backup:/srv/backup", "unused", "RESTIC_REPOSITORY=sftp:ops@backup:/srv/backup")]
    public async Task The_place_its_user_and_its_secret_are_what_restic_reads(string url, string secret, string expected)
    {
        string file = Path.Combine(_folder, "it's a file");
        await File.WriteAllTextAsync(file, secret + "\n");
        foreach (var reference in (SecretReference[])[new(SecretKind.File, file), new(SecretKind.Variable, "OF_OURS"), new(SecretKind.Command, $"cat \"{file}\"")])
        {
            var variables = new ResticVariables(new EnvironmentRepository { Name = "offsite", Url = url, User = "ops", Secret = reference, Region = "eu-west-1" });
            Assert.Equal(expected, Set(variables.Commands, secret));
            Assert.DoesNotContain(secret, variables.Commands, StringComparison.Ordinal);
            Assert.Equal("", variables.Missing);
        }

        var vault = new ResticVariables(new EnvironmentRepository { Name = "offsite", Url = url, Secret = new(SecretKind.Secret, "Shop") });
        Assert.Equal(!url.StartsWith("sftp", StringComparison.Ordinal), vault.Missing.Contains("'Shop'", StringComparison.Ordinal));
    }

    private static string Set(string commands, string secret)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-s"]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/bin:/bin";
        start.Environment["OF_OURS"] = secret;
        using var process = Process.Start(start)!;
        process.StandardInput.Write($"set -eu\n{commands}env | grep -E '^(RESTIC|AWS|AZURE)' | sort\n");
        process.StandardInput.Close();
        string printed = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return string.Join('|', printed.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
