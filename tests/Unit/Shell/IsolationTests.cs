using System.Reflection;
using System.Reflection.Emit;

namespace ProdOps.Cmdlets.Tests;

/// <summary>
/// Other modules put their own packages into PowerShell's context (Posh-SSH: Renci.SshNet and BouncyCastle). The session here has
/// older assemblies of such names loaded before ProdOps, and one of a package that ProdOps ships; they are made on the spot.
/// </summary>
public sealed class IsolationTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("prodops-isolation-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void ProdOps_works_in_a_session_with_older_packages_of_another_module()
    {
        const string Ours = "ZstdSharp";
        string[] older = [MakeOlder("Renci.SshNet", null), MakeOlder("BouncyCastle.Cryptography", null), MakeOlder(Ours, Path.Combine(Built.Library, Ours + ".dll"))];
        // An empty module in place of ProdOps, so that the others are there first.
        File.WriteAllText(Path.Combine(_folder, "ProdOps.psd1"), "@{ ModuleVersion = '1.0'; CmdletsToExport = @() }");
        string repository = Path.Combine(_folder, "repository");
        string script = $$"""
            $ErrorActionPreference = 'Stop'
            foreach ($path in '{{string.Join("','", older)}}') { $null = [System.Reflection.Assembly]::LoadFrom($path) }
            Import-Module '{{Built.Manifest}}'
            [Environment]::SetEnvironmentVariable('RESTIC_PASSWORD', 'secret')
            $null = Initialize-BackupRepository '{{repository}}'
            (Invoke-Backup '{{_folder}}/ProdOps.psd1' -Repository '{{repository}}').Status.ToString()
            (Test-Backup -Repository '{{repository}}' -ReadData).Success
            foreach ($context in [System.Runtime.Loader.AssemblyLoadContext]::All) { if ($context.Name -eq 'ProdOps') { $ours = $context } }
            $ours.LoadFromAssemblyName('{{Ours}}').GetName().Version.Major -ge 0
            [System.Reflection.Assembly]::Load('{{Ours}}').GetName().Version.ToString()
            """;
        var result = HostProcess.Run([], script, _folder);
        Assert.Equal(("", 0), (result.Error, result.ExitCode));
        // The version last is the one that PowerShell's own context still has.
        Assert.Equal(["Complete", "True", "True", "0.0.0.1"], result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private string MakeOlder(string name, string? likeThis)
    {
        var identity = new AssemblyName(name) { Version = new Version(0, 0, 0, 1) };
        if (likeThis is not null) identity.SetPublicKey(AssemblyName.GetAssemblyName(likeThis).GetPublicKey());
        var assembly = new PersistedAssemblyBuilder(identity, typeof(object).Assembly);
        assembly.DefineDynamicModule(name).DefineType(name + ".Nothing", TypeAttributes.Public).CreateType();
        string path = Path.Combine(_folder, name + ".dll");
        assembly.Save(path);
        return path;
    }
}
