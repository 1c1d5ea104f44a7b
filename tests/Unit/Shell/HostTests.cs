using System.Runtime.InteropServices;
using System.Text.Json;

namespace ProdOps.Cmdlets.Tests;

/// <summary>The <c>prodops</c> command, as a process.</summary>
public sealed partial class HostTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("prodops-host-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("1", 0)]
    [InlineData("exit 7", 7)]
    [InlineData("exit 0", 0)]
    [InlineData("throw 'x'", 1)]
    [InlineData("[int]'x'; 'goes on'", 1)]
    [InlineData("try { throw 'x' } catch { 'caught' }", 0)]
    [InlineData("Get-Module -Name nothing -ErrorAction SilentlyContinue", 0)]
    public void The_exit_code_tells_how_the_command_went(string command, int code)
    {
        Assert.Equal(code, HostProcess.Run("-Command", command).ExitCode);
        Assert.Equal(code, HostProcess.Run("-OutputFormat", "None", "-Command", command).ExitCode);
        Assert.Equal(code, HostProcess.Run("-File", WriteScript(command)).ExitCode);
    }

    [Fact]
    public void Bad_usage_is_64_and_says_what_is_wrong()
    {
        foreach (string[] arguments in new[] { new[] { "-Nonsense" }, ["-OutputFormat", "Xml"], ["-OutputFormat"], ["-Command"], ["-File", "/no/such.ps1"] })
        {
            var result = HostProcess.Run(arguments);
            Assert.Equal(64, result.ExitCode);
            Assert.StartsWith("prodops: ", result.Error);
            Assert.Empty(result.Output);
        }
    }

    [Fact]
    public void A_script_gets_its_parameters_as_typed_at_a_prompt()
    {
        string script = WriteScript("param([string] $Name, [int[]] $Number, [switch] $Big, [switch] $Small) \"$Name|$Number|$Big|$Small|$PSScriptRoot\"");
        var result = HostProcess.Run("-File", script, "-Name:a b", "-Big", "-Number", "3", "-Small:$false");
        Assert.Equal(($"a b|3|True|False|{_folder}\n", 0), (result.Output, result.ExitCode));
    }

    [Fact]
    public void A_script_is_read_from_standard_input() => Assert.Equal(("2\n", 3), Shape(HostProcess.Run([], "$x = 1\n$x + 1\nexit 3")));

    [Fact]
    public void A_script_that_does_not_parse_is_shown_with_its_place()
    {
        var result = HostProcess.Run("-File", WriteScript("1\nif ("));
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("script.ps1:2", result.Error);
    }

    [Fact]
    public void Objects_become_one_line_of_JSON_each()
    {
        var result = HostProcess.Run("-OutputFormat", "Json", "-Command", """
            [ProdOps.BackupSnapshot]@{ Id = 'abcdef0123'; Time = '2026-11-23T18:05:33+01:00'; Paths = [string[]]('/etc', "/x`u{DC80}"); Status = 'Complete'; Summary = [ProdOps.BackupSummary]@{ FilesNew = 3 } }
            [pscustomobject]@{ Duration = [timespan]::FromSeconds(1.5); Ratio = [double]::NaN; Bytes = [byte[]](1, 2); None = $null }
            """);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        string[] lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        using var snapshot = JsonDocument.Parse(lines[0]);
        Assert.Equal("2026-11-23T18:05:33+01:00", snapshot.RootElement.GetProperty("Time").GetString());
        Assert.Equal("Complete", snapshot.RootElement.GetProperty("Status").GetString());
        Assert.Equal(3, snapshot.RootElement.GetProperty("Summary").GetProperty("FilesNew").GetInt32());
        Assert.Equal("/etc", snapshot.RootElement.GetProperty("Paths")[0].GetString());
        Assert.Contains("\"/x\\udc80\"", lines[0]);
        Assert.Equal("""{"Duration":"00:00:01.5000000","Ratio":"NaN","Bytes":"AQI=","None":null}""", lines[1]);
    }

    [Fact]
    public void Text_is_the_modules_view_without_colours_when_nobody_looks()
    {
        var result = HostProcess.Run("-Command", "[ProdOps.BackupSnapshot]@{ Id = 'abcdef0123'; Server = 'web1'; Paths = [string[]]('/etc', '/srv') }");
        Assert.Matches(@"Id +Time +Server +Files +Size +Stored +Paths", result.Output);
        Assert.Matches(@"abcdef01 .* web1 .* /etc, /srv", result.Output);
        Assert.DoesNotContain('\e', result.Output);
    }

    [Theory]
    [InlineData("1, 2 | Select-Object -First 1")]
    [InlineData("ConvertTo-Json 1")]
    [InlineData("1 | sort")]
    public void A_missing_utility_command_is_explained(string command)
    {
        var result = HostProcess.Run("-Command", command);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("Install PowerShell 7.6 and run Import-Module ProdOps there", result.Error.ReplaceLineEndings(" "));
    }

    [Fact]
    public void An_unknown_command_keeps_PowerShells_own_error() =>
        Assert.Contains("'Get-NoSuchThing' is not recognized", HostProcess.Run("-Command", "Get-NoSuchThing").Error.ReplaceLineEndings(" "));

    [Fact]
    public void Errors_and_warnings_go_to_standard_error_and_nothing_else_does()
    {
        var result = HostProcess.Run("-Command", $"Import-Module '{Built.Probe}'; 7 | Write-ProbeStreams");
        Assert.Equal("begin\n7\nend\n", result.Output);
        Assert.Contains("WARNING: after 7", result.Error);
        Assert.Contains("7 failed.", result.Error);
        Assert.Contains("Wait.", result.Error);
        Assert.DoesNotContain("Probing", result.Error);
        Assert.Equal(1, result.ExitCode);
    }

    [Fact]
    public void Help_of_a_command_is_shown() => Assert.Contains("Get-Module", HostProcess.Run("-Command", "Get-Help Get-Module").Output);

    [Fact]
    public void Nothing_ever_waits_for_an_answer()
    {
        using var process = HostProcess.Start(["-Command", $"Import-Module '{Built.Probe}'; Invoke-ProbeFailure -Exception ([System.Exception]::new()) -Confirm"]);
        var result = HostProcess.Wait(process);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("prodops never asks", result.Error.ReplaceLineEndings(" "));
    }

    [UnixTheory]
    [InlineData(2, 130)]
    [InlineData(15, 143)]
    public void A_signal_stops_the_pipeline(int signal, int code)
    {
        using var process = HostProcess.Start(["-Command", $"Import-Module '{Built.Probe}'; try {{ Get-ProbeStream -Blocked }} finally {{ [Console]::Out.Write('finally') }}"]);
        Assert.Equal("1", process.StandardOutput.ReadLine());
        var clock = System.Diagnostics.Stopwatch.StartNew();
        Assert.Equal(0, Kill(process.Id, signal));
        var result = HostProcess.Wait(process);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), $"Stopping took {clock.Elapsed}.");
        Assert.Equal((code, "finally"), (result.ExitCode, result.Output));
    }

    [Fact]
    public void Version_names_the_module_and_the_engine() => Assert.Matches(@"^ProdOps \d+\.\d+\.\d+\S*\nPowerShell engine 7\.\d+\.\d+", HostProcess.Run("-Version").Output);

    [Fact]
    public void A_module_that_cannot_be_loaded_is_named()
    {
        string manifest = Path.Combine(_folder, "ProdOps.psd1");
        File.WriteAllText(manifest, "@{ ModuleVersion = '1.0'; RootModule = 'Gone.dll' }");
        var result = HostProcess.Run(["-Command", "1"], module: _folder);
        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith($"prodops: the module '{manifest}' cannot be loaded.", result.Error);
    }

    private static (string Output, int Code) Shape(HostProcess.Result result) => (result.Output, result.ExitCode);

    private string WriteScript(string text)
    {
        string path = Path.Combine(_folder, "script.ps1");
        File.WriteAllText(path, text);
        return path;
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
