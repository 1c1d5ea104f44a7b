namespace ProdOps;

/// <summary>Where a secret comes from. It says where to look and never holds the secret.</summary>
/// <param name="Kind">What sort of place it is.</param>
/// <param name="Name">The file's path, the variable's or the secret's name, or the command line.</param>
public sealed record SecretReference(SecretKind Kind, string Name)
{
    /// <summary>The kind and, except for a command, which may carry what should not be shown, the name.</summary>
    /// <returns>E.g. <c>File /etc/prodops/repo.key</c>.</returns>
    public override string ToString() => Kind == SecretKind.Command ? "Command" : $"{Kind} {Name}";
}

/// <summary>A sort of place that secrets come from.</summary>
public enum SecretKind
{
    /// <summary>A file that only its owner can read.</summary>
    File,

    /// <summary>An environment variable.</summary>
    Variable,

    /// <summary>A secret of the SecretManagement module.</summary>
    Secret,

    /// <summary>A command that prints it.</summary>
    Command,
}
