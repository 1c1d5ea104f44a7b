namespace ProdOps.Monitoring.Checks;

/// <summary>In which unit a check's value is, and thresholds must be: what is compared with nothing would be taken for good.</summary>
internal static class CheckUnits
{
    /// <summary>What is wrong with a definition's thresholds; <see langword="null"/> if nothing is.</summary>
    public static string? Problem(HealthCheckDefinition definition)
    {
        if (UnitsOf(definition) is not { } units || (definition.Warning ?? definition.Critical) is not { } threshold || units.Contains(threshold.Unit)) return null;
        if (units.Length == 0) return $"it has no value that '{threshold}' could be about";
        return $"'{threshold}' is {Name(threshold.Unit)}, and its value is {string.Join(" or ", units.Select(Name))}";
    }

    /// <summary>
    /// A result whose own unit is only known when it comes, in the unit of the thresholds that it is judged by: a number without a unit is taken for one in theirs, and
    /// thresholds without one are taken as they are. Of two different ones nothing can be said.
    /// </summary>
    /// <param name="result">The result.</param>
    /// <param name="unit">The thresholds' unit; <see langword="null"/> if there are none.</param>
    public static HealthCheckResult Adopt(HealthCheckResult result, string? unit)
    {
        if (unit is null || result.Value is null || result.Unit == unit) return result;
        if (unit.Length == 0 || result.Unit.Length == 0) return result with { Unit = unit };
        return result with { State = result.State > HealthState.Unknown ? result.State : HealthState.Unknown, Message = $"{result.Message}; the value is {Name(result.Unit)}, and cannot be compared with a threshold that is {Name(unit)}" };
    }

    /// <summary>The units that the values can have; <see langword="null"/> where they are only known when they come.</summary>
    private static string[]? UnitsOf(HealthCheckDefinition definition) => definition.Kind switch
    {
        HealthCheckKind.Http or HealthCheckKind.Tcp or HealthCheckKind.Ping or HealthCheckKind.Dns or HealthCheckKind.Ssh or HealthCheckKind.Backup or HealthCheckKind.Drill or HealthCheckKind.RestoreTest => ["s"],
        // How long an answer takes, and what a query comes to.
        HealthCheckKind.PostgreSql or HealthCheckKind.MariaDb or HealthCheckKind.Redis => definition.Send is null ? ["s"] : ["s", ""],
        HealthCheckKind.HAProxy => ["%"],
        HealthCheckKind.Log => [""],
        HealthCheckKind.Script => [],
        _ => null,
    };

    private static string Name(string unit) => unit switch { "" => "a count", "s" => "a time", "%" => "a percentage", "B" => "a size", _ => $"in {unit}" };
}
