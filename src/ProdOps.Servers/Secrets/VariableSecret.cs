using System.Text;

namespace ProdOps.Servers.Secrets;

/// <summary>A password in an environment variable.</summary>
internal sealed class VariableSecret(string name) : SecretSource
{
    public override ValueTask<Secret> ResolveAsync(CancellationToken cancellationToken)
    {
        string? value = Environment.GetEnvironmentVariable(name);
        return string.IsNullOrEmpty(value) ? throw ServersErrors.SecretVariableNotFound(name) : new(Take(Encoding.UTF8.GetBytes(value), trim: false));
    }

    public override string ToString() => $"The environment variable '{name}'";
}
