using System.Management.Automation;
using System.Text;
using ProdOps.Cmdlets.Tests.Backup;

namespace ProdOps.Cmdlets.Tests;

/// <summary>Plants secrets wherever they come from, lets cmdlets quote them, and looks for them in every stream.</summary>
public sealed class SecretRedactionTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("prodops-planted-").FullName;
    private readonly Engine _engine = Engine.WithProbe();

    public void Dispose()
    {
        _engine.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    public static TheoryData<string> Secrets => ["planted-hunter2", "planted it's 'quoted'", "plantéd $HOME `n %s", "planted\"double\\", "1234"];

    [Theory]
    [MemberData(nameof(Secrets))]
    public void A_secret_from_a_file_is_in_no_stream(string secret)
    {
        string path = Path.Combine(_folder, "secret");
        File.WriteAllText(path, secret);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead);
        AssertHidden(secret, $"Show-ProbeSecret -Kind File -Name '{path}' -Verbose -WhatIf");
    }

    [Theory]
    [MemberData(nameof(Secrets))]
    public void A_secret_from_a_variable_is_in_no_stream(string secret)
    {
        Environment.SetEnvironmentVariable("PRODOPS_TEST_PLANTED", secret);
        AssertHidden(secret, "Show-ProbeSecret -Kind Variable -Name PRODOPS_TEST_PLANTED -Verbose -WhatIf");
        Environment.SetEnvironmentVariable("PRODOPS_TEST_PLANTED", null);
    }

    [UnixFact]
    public void A_secret_from_a_command_is_in_no_stream()
    {
        string path = Path.Combine(_folder, "secret");
        File.WriteAllText(path, "planted-by-command");
        AssertHidden("planted-by-command", $"Show-ProbeSecret -Kind Command -Name 'cat {path}' -Verbose -WhatIf");
    }

    [UnixFact]
    public void A_failing_command_that_prints_the_secret_gives_nothing_away()
    {
        string path = Path.Combine(_folder, "secret");
        File.WriteAllText(path, "planted-and-failed");
        string repository = Path.Combine(_folder, "repository");
        string streams = Streams($"Get-Backup -Repository '{repository}' -PasswordCommand 'sh -c \"cat {path}; exit 3\"' -Verbose", out var errors);
        Assert.StartsWith("SecretCommandFailed,", errors.Single().FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.DoesNotContain("planted-and-failed", streams);
    }

    [Fact]
    public void A_wrong_password_is_not_shown_by_the_error_it_makes()
    {
        string path = Path.Combine(_folder, "secret");
        File.WriteAllText(path, "planted-new-password");
        string streams = Streams($"Initialize-BackupRepository -Repository '{_folder}/r' -PasswordFile '{path}' -Verbose; Get-Backup -Repository '{_folder}/r' -PasswordFile '{path}' -Verbose", out _);
        Assert.DoesNotContain("planted-new-password", streams);
    }

    [Theory]
    [InlineData("'planted-in-vault'")]
    [InlineData("(ConvertTo-Secure 'planted-in-vault')")]
    [InlineData("[pscredential]::new('shop', (ConvertTo-Secure 'planted-in-vault'))")]
    [InlineData("[System.Text.Encoding]::UTF8.GetBytes('planted-in-vault'), 0 | ForEach-Object { if ($_ -is [byte[]]) { , $_ } }")]
    public void A_secret_of_the_SecretManagement_module_is_read_and_is_in_no_stream(string expression)
    {
        ImportVault($"if ($Vault -ne 'team' -or $Name -ne 'db') {{ throw 'not there' }}; {expression}");
        string hash = (string)_engine.Run("Show-ProbeSecret -Kind Secret -Name team/db -HashOnly").Single().BaseObject;
        Assert.Equal(Convert.ToHexString(System.Security.Cryptography.SHA256.HashData("planted-in-vault"u8)), hash);
        AssertHidden("planted-in-vault", "Show-ProbeSecret -Kind Secret -Name team/db -Verbose -WhatIf");
    }

    [Fact]
    public void A_secret_that_the_vault_does_not_have_is_an_error_with_the_vaults_reason()
    {
        ImportVault("throw 'The secret db was not found.'");
        var error = _engine.Fail("Show-ProbeSecret -Kind Secret -Name db");
        Assert.StartsWith("SecretNotFound,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("The secret db was not found.", error.Exception.Message);
        ImportVault("@{ User = 1 }");
        Assert.StartsWith("SecretUnreadable,", _engine.Fail("Show-ProbeSecret -Kind Secret -Name db").FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_the_SecretManagement_module_the_error_says_so()
    {
        var error = _engine.Fail("Show-ProbeSecret -Kind Secret -Name offsite");
        Assert.StartsWith("SecretModuleMissing,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal("offsite", error.TargetObject);
        Assert.Contains("Install-PSResource", error.ErrorDetails.RecommendedAction);
    }

    /// <summary>A module of SecretManagement's name and command; the real one is not part of PowerShell.</summary>
    private void ImportVault(string body)
    {
        string path = Path.Combine(_folder, "Microsoft.PowerShell.SecretManagement.psm1");
        File.WriteAllText(path, $$"""
            function ConvertTo-Secure([string]$Text) { $s = [securestring]::new(); foreach ($c in $Text.ToCharArray()) { $s.AppendChar($c) }; $s }
            function Get-Secret { [CmdletBinding()] param([string]$Name, [string]$Vault) {{body}} }
            """);
        _engine.Run($"Import-Module '{path}' -Force");
    }

    private void AssertHidden(string secret, string script)
    {
        string streams = Streams(script, out var errors);
        Assert.DoesNotContain(secret, streams);
        foreach (string clean in new[] { "Logging in with ***.", "The password *** is weak.", "*** is wrong.", "Do not use ***.", "The end came with ***." })
            Assert.True(streams.Contains(clean, StringComparison.Ordinal), $"'{clean}' is not in:\n{streams}");
        Assert.Equal(["ProbeSecret", "ProbePlain", "ProbeInner", "UnexpectedError"], errors.Select(error => error.FullyQualifiedErrorId.Split(',')[0]));
        Assert.Equal("db:***", errors[0].TargetObject);
        Assert.Equal(ErrorCategory.AuthenticationError, errors[0].CategoryInfo.Category);
    }

    /// <summary>All that a script says on any stream but its output, and everything within the error records.</summary>
    private string Streams(string script, out List<ErrorRecord> errors)
    {
        using var shell = _engine.Shell("$DebugPreference = 'Continue'; " + script);
        errors = [];
        ErrorRecord? last = null;
        try
        {
            shell.Invoke();
        }
        catch (RuntimeException exception)
        {
            last = exception.ErrorRecord;
        }

        errors.AddRange(shell.Streams.Error);
        if (last is not null) errors.Add(last);
        var all = new StringBuilder();
        foreach (var line in shell.Streams.Verbose) all.AppendLine(line.Message);
        foreach (var line in shell.Streams.Warning) all.AppendLine(line.Message);
        foreach (var line in shell.Streams.Debug) all.AppendLine(line.Message);
        foreach (var line in shell.Streams.Information) all.AppendLine(line.ToString());
        foreach (var line in shell.Streams.Progress) all.AppendLine(line.ToString());
        foreach (var error in errors)
        {
            all.AppendLine(error.ToString()).AppendLine(error.Exception.ToString()).AppendLine(error.TargetObject?.ToString())
                .AppendLine(error.ErrorDetails?.Message).AppendLine(error.ErrorDetails?.RecommendedAction).AppendLine(error.CategoryInfo.ToString());
        }

        return all.ToString();
    }
}
