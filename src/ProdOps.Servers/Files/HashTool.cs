namespace ProdOps.Servers.Files;

/// <summary>The programs that servers have for checksums.</summary>
internal static class HashTool
{
    public const string Sha256Algorithm = "SHA256", CksumAlgorithm = "CKSUM";

    /// <summary>
    /// The order in which to look for them. OpenSSL uses the processor's SHA instructions, which makes it five times as fast; where it is to
    /// tell names that are not known beforehand, the program that ends them by NUL comes first.
    /// </summary>
    public static string OrderFor(bool namesUnknown) => namesUnknown ? "sha256sum0 sha256sum openssl shasum cksum" : "openssl sha256sum0 sha256sum shasum cksum";

    /// <summary>The name of what a tool computes, or <see langword="null"/> for no tool.</summary>
    public static string? AlgorithmOf(string tool) => tool switch
    {
        "sha256sum0" or "sha256sum" or "openssl" or "shasum" => Sha256Algorithm,
        "cksum" => CksumAlgorithm,
        _ => null,
    };

    /// <summary>The command that takes files' names as arguments.</summary>
    public static string ManyCommandFor(string tool) => tool == "sha256sum0" ? "sha256sum -z" : CommandFor(tool);

    /// <summary>The command that reads standard input and prints the checksum as its line's first word.</summary>
    public static string CommandFor(string tool) => tool switch
    {
        "sha256sum0" or "sha256sum" => "sha256sum",
        "openssl" => "openssl dgst -sha256 -r",
        "shasum" => "shasum -a 256",
        "cksum" => "cksum",
        _ => throw new ArgumentOutOfRangeException(nameof(tool)),
    };
}
