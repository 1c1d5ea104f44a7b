using ProdOps.Servers.Ssh.Wire;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Servers.Tests.Ssh.HostKeys;

/// <summary>Keys and certificates that ssh-keygen made once for all tests of a class.</summary>
public sealed class SampleKeys : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("prodops-keys-").FullName;

    public SampleKeys()
    {
        foreach (string kind in KeyFile.Kinds) KeyFile.Create(Path(kind), kind);
        KeyFile.Create(Path("ca"), "ed25519");
        KeyFile.Create(Path("other"), "ed25519");
        KeyFile.Create(Path("rsa-ca"), "rsa");
    }

    public string Path(string name) => System.IO.Path.Combine(Folder, name);

    /// <summary>Type and base64.</summary>
    public string Line(string name) => string.Join(' ', File.ReadAllText(Path(name) + ".pub").Split(' ').Take(2)).Trim();

    internal SshPublicKey Key(string name) => Read(Path(name) + ".pub");

    /// <summary>A host certificate of the ed25519 key.</summary>
    internal SshPublicKey HostCertificate(params IEnumerable<string> arguments) => Read(KeyFile.Certify(Path("ca"), Path("ed25519"), ["-h", .. arguments]));

    internal static SshPublicKey Read(string path)
    {
        string[] words = File.ReadAllText(path).Split(' ');
        return SshPublicKey.Parse(words[0], words[1].Trim())!;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
