using System.Reflection;
using System.Reflection.Emit;

namespace ProdOps.Cmdlets.Tests;

/// <summary>
/// Posh-SSH puts its own Renci.SshNet and BouncyCastle into PowerShell's context. The session here has older ones of both loaded
/// before ProdOps: assemblies of the same names and keys, made on the spot.
/// </summary>
public sealed class IsolationTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("prodops-isolation-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void ProdOps_works_in_a_session_with_older_packages_of_another_module()
    {
        string bouncyCastle = MakeOlder("BouncyCastle.Cryptography", Path.Combine(Built.Library, "BouncyCastle.Cryptography.dll"));
        string renci = MakeOlder("Renci.SshNet", null);
        // An empty module in place of ProdOps, so that the others are there first.
        File.WriteAllText(Path.Combine(_folder, "ProdOps.psd1"), "@{ ModuleVersion = '1.0'; CmdletsToExport = @() }");
        string script = $$"""
            $ErrorActionPreference = 'Stop'
            $null = [System.Reflection.Assembly]::LoadFrom('{{renci}}')
            $null = [System.Reflection.Assembly]::LoadFrom('{{bouncyCastle}}')
            Import-Module '{{Built.Manifest}}'
            [System.Reflection.Assembly]::Load('ProdOps.Backup').GetName().Name
            $contexts = [System.Runtime.Loader.AssemblyLoadContext]::All
            foreach ($context in $contexts) { if ($context.Name -eq 'ProdOps') { $ours = $context } }
            $crypto = $ours.LoadFromAssemblyName('BouncyCastle.Cryptography')
            $scrypt = $crypto.GetType('Org.BouncyCastle.Crypto.Generators.SCrypt')
            [Convert]::ToHexString($scrypt.GetMethod('Generate').Invoke($null, @([byte[]]@(), [byte[]]@(), 16, 1, 1, 64))).Substring(0, 16)
            [System.Reflection.Assembly]::Load('BouncyCastle.Cryptography').GetName().Version.ToString()
            """;
        var result = HostProcess.Run([], script, _folder);
        Assert.Equal(("", 0), (result.Error, result.ExitCode));
        // The scrypt value is the first vector of RFC 7914, section 12; the version last is the one PowerShell's own context still has.
        Assert.Equal(["ProdOps.Backup", "77D6576238657B20", "1.0.0.0"], result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private string MakeOlder(string name, string? likeThis)
    {
        var identity = new AssemblyName(name) { Version = new Version(1, 0, 0, 0) };
        if (likeThis is not null) identity.SetPublicKey(AssemblyName.GetAssemblyName(likeThis).GetPublicKey());
        var assembly = new PersistedAssemblyBuilder(identity, typeof(object).Assembly);
        assembly.DefineDynamicModule(name).DefineType(name + ".Nothing", TypeAttributes.Public).CreateType();
        string path = Path.Combine(_folder, name + ".dll");
        assembly.Save(path);
        return path;
    }
}
