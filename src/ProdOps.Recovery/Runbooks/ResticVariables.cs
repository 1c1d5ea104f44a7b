using ProdOps.Servers.Commands;
using ProdOps.Servers.Secrets;

namespace ProdOps.Recovery.Runbooks;

/// <summary>What restic reads of a repository from its environment, as commands of a shell. Secrets are read from where they are, and stand in none of them.</summary>
/// <param name="repository">The repository.</param>
internal sealed class ResticVariables(EnvironmentRepository repository)
{
    private readonly string _place = repository.Url ?? repository.Path ?? "";

    /// <summary>The commands.</summary>
    public string Commands => $"export RESTIC_REPOSITORY={Word(_place)}\n{Password}{Certificate}{Login}";

    /// <summary>What somebody must set by themselves: secrets of a vault of PowerShell. The repository's own password restic asks for.</summary>
    public string Missing => SecretVariable is { } variable && repository.Secret is { Kind: SecretKind.Secret } secret ? $"First set and export {variable}: the secret '{secret.Name}' of the admin machine's vault." : "";

    private string Password => repository.Password switch
    {
        { Kind: SecretKind.File } file => $"export RESTIC_PASSWORD_FILE={Word(file.Name)}\n",
        { Kind: SecretKind.Command } command => $"export RESTIC_PASSWORD_COMMAND={Word(command.Name)}\n",
        { Kind: SecretKind.Variable } variable => $"export RESTIC_PASSWORD=\"${variable.Name}\"\n",
        _ => "",
    };

    private string Certificate => repository.CACertificate is { } file ? $"export RESTIC_CACERT={Word(file)}\n" : "";

    /// <summary>Who asks at the place, and what proves it.</summary>
    private string Login
    {
        get
        {
            var (user, region) = (repository.User, repository.Region);
            string secret = SecretVariable is { } variable ? Export(variable, repository.Secret) : "";
            return Scheme switch
            {
                "rest" => Export("RESTIC_REST_USERNAME", user) + secret,
                "s3" => Export("AWS_ACCESS_KEY_ID", user) + secret + Export("AWS_DEFAULT_REGION", region),
                // A signature is a query, a key is base64 and has no such thing in it.
                "azure" => Export("AZURE_ACCOUNT_NAME", user) + secret
                    + (secret.Length > 0 ? "case $AZURE_ACCOUNT_KEY in *sig=*) export AZURE_ACCOUNT_SAS=\"$AZURE_ACCOUNT_KEY\"; unset AZURE_ACCOUNT_KEY ;; esac\n" : ""),
                _ => "",
            };
        }
    }

    private string? SecretVariable => Scheme switch
    {
        "rest" => "RESTIC_REST_PASSWORD",
        "s3" => "AWS_SECRET_ACCESS_KEY",
        "azure" => "AZURE_ACCOUNT_KEY",
        _ => null,
    };

    private string Scheme => repository.Url is { } url && url.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon ? url[..colon].ToLowerInvariant() : "";

    private static string Export(string variable, string? value) => value is null ? "" : $"export {variable}={Word(value)}\n";

    private static string Export(string variable, SecretReference? secret) => secret switch
    {
        { Kind: SecretKind.File } file => $"export {variable}=\"$(cat -- {Word(file.Name)})\"\n",
        { Kind: SecretKind.Command } command => $"export {variable}=\"$({ShellQuote.Words(CommandLine.Split(command.Name, backslashIsPath: false))})\"\n",
        { Kind: SecretKind.Variable } named => named.Name == variable ? $"export {variable}\n" : $"export {variable}=\"${named.Name}\"\n",
        _ => "",
    };

    private static string Word(string text) => ShellQuote.Word(text);
}
