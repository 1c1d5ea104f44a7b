namespace ProdOps.Servers.Tests.TestTools;

/// <summary>Keys and certificates as ssh-keygen makes them.</summary>
internal static class KeyFile
{
    /// <summary>Every kind of key that the tests use.</summary>
    public static readonly string[] Kinds = ["ed25519", "ecdsa-256", "ecdsa-384", "ecdsa-521", "rsa"];

    /// <summary>Makes a key pair: <paramref name="path"/> and <c>.pub</c>.</summary>
    public static string Create(string path, string kind, string passphrase = "")
    {
        string[] type = kind.Split('-');
        string[] bits = type is [_, var size] ? ["-b", size] : kind == "rsa" ? ["-b", "2048"] : [];
        Tool.Succeed("ssh-keygen", ["-q", "-t", type[0], .. bits, "-N", passphrase, "-C", kind, "-f", path]);
        return path;
    }

    /// <summary>Signs a public key.</summary>
    /// <returns>The certificate's path.</returns>
    public static string Certify(string authority, string keyPath, params IEnumerable<string> arguments)
    {
        Tool.Succeed("ssh-keygen", ["-q", "-s", authority, "-I", "test", .. arguments, keyPath + ".pub"]);
        return keyPath + "-cert.pub";
    }

    /// <summary>The SHA256 print of a public key file, as ssh-keygen tells it.</summary>
    public static string Fingerprint(string path) => Tool.Succeed("ssh-keygen", "-l", "-f", path).Split(' ')[1];
}
