namespace ProdOps.Servers;

internal static partial class ServersErrors
{
    public static ProdOpsException DatabasePasswordUnusable() => new(
        "DatabasePasswordUnusable", ErrorKind.InvalidArgument,
        "A database's password cannot hold a line break.",
        "Check where the password comes from: a file's last line break is dropped, others are not.");
}
