using ProdOps.Monitoring.Rules;
using ProdOps.Servers.Secrets;

namespace ProdOps.Monitoring.Checks;

/// <summary>Tells of checks that make no sense, without connecting to anything.</summary>
/// <param name="environment">The environment.</param>
internal sealed class CheckProblems(ProdOpsEnvironment environment)
{
    private const string KindUnsupported = "HealthCheckKindUnsupported";

    private readonly CheckFactory _factory = new(
        TimeProvider.System, static (_, _) => throw new NotSupportedException("Nothing is connected to."), static reference => SecretSource.From(reference, null),
        name => environment.Servers.FirstOrDefault(server => server.Name.Equals(name, StringComparison.OrdinalIgnoreCase)));

    /// <summary>Why a check cannot be run; <see langword="null"/> as far as it can, or is of a kind that only other engines know.</summary>
    public ProdOpsException? Of(HealthCheckDefinition check)
    {
        try
        {
            _factory.Create(check, CheckServers.Of(check, environment)[0]);
        }
        catch (ProdOpsException error) when (error.ErrorId == KindUnsupported)
        {
            // Backups and logs.
        }
        catch (ProdOpsException error)
        {
            return error;
        }

        return RuleBook.ProblemOf(check, environment);
    }
}
