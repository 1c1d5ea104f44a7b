using System.Security;

namespace ProdOps.Servers.Secrets;

/// <summary>Where a password comes from. It is fetched only when it is needed, and a source's text never holds it.</summary>
internal abstract class SecretSource
{
    /// <summary>More than this is not a password: a wrong file is refused instead of read into memory.</summary>
    public const int MaximumLength = 64 * 1024;

    /// <summary>Where a reference of the environment file points. A file must be its owner's alone.</summary>
    /// <param name="reference">What is referred to.</param>
    /// <param name="vault">What reads the session's vaults, or <see langword="null"/> where there is no session.</param>
    public static SecretSource From(SecretReference reference, ISecretVault? vault) => reference.Kind switch
    {
        SecretKind.File => new FileSecret(ExpandHome(reference.Name), ownerOnly: true),
        SecretKind.Variable => FromVariable(reference.Name),
        SecretKind.Secret => new VaultSecret(reference.Name, vault),
        SecretKind.Command => FromCommand(reference.Name),
        _ => throw new ArgumentOutOfRangeException(nameof(reference), reference.Kind, "There is no such kind of secret."),
    };

    /// <summary>A password typed at a prompt.</summary>
    public static SecretSource FromSecureString(SecureString password) => new SecureStringSecret(password);

    /// <summary>A file that holds the password; white space around it and a byte order mark are dropped, as restic does, and permissions are as restic takes them.</summary>
    public static SecretSource FromFile(string path) => new FileSecret(path, ownerOnly: false);

    /// <summary>An environment variable, taken as it is.</summary>
    public static SecretSource FromVariable(string name) => new VariableSecret(name);

    /// <summary>A command that prints the password. It is split as a shell splits it and run without one.</summary>
    public static SecretSource FromCommand(string commandLine, TimeSpan? timeout = null) => new CommandSecret(commandLine, timeout ?? TimeSpan.FromMinutes(1));

    /// <summary>Bytes at hand. The source keeps a copy until the process ends: for tests and for passwords derived from others.</summary>
    public static SecretSource FromBytes(ReadOnlySpan<byte> bytes) => new LiteralSecret(bytes.ToArray());

    /// <summary>Fetches the password. The caller disposes it as soon as it can.</summary>
    public abstract ValueTask<Secret> ResolveAsync(CancellationToken cancellationToken);

    /// <summary>What the source is, for messages: a path or a name, never the password.</summary>
    public abstract override string ToString();

    /// <summary>The secret in bytes that were read, which are wiped. <paramref name="trim"/> drops white space around it.</summary>
    protected Secret Take(Span<byte> bytes, bool trim)
    {
        try
        {
            var text = trim ? SecretText.Trim(bytes) : bytes;
            return text.IsEmpty ? throw ServersErrors.SecretEmpty(ToString()) : new Secret(text);
        }
        finally
        {
            bytes.Clear();
        }
    }

    private static string ExpandHome(string path) => path.StartsWith("~/", StringComparison.Ordinal)
        ? Path.Join(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), path[2..])
        : path;

    private sealed class LiteralSecret(byte[] bytes) : SecretSource
    {
        public override ValueTask<Secret> ResolveAsync(CancellationToken cancellationToken) => new(new Secret(bytes));

        public override string ToString() => "The given password";
    }
}
