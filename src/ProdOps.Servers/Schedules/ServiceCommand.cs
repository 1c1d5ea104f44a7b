using System.Collections;
using System.Globalization;
using System.Text;
using ProdOps.Servers.Commands;

namespace ProdOps.Servers.Schedules;

/// <summary>The command that a service runs a cmdlet with, as PowerShell text. A service has no folder of its own, and no one to ask.</summary>
/// <param name="cmdlet">The cmdlet.</param>
/// <param name="known">The parameters that it may have in a service.</param>
/// <param name="paths">Those of them that are paths, which must be full.</param>
/// <param name="invalid">The error of a parameter, by its name and what is wrong with it.</param>
internal sealed class ServiceCommand(string cmdlet, IReadOnlyCollection<string> known, IReadOnlyCollection<string> paths, Func<string, string, ProdOpsException> invalid)
{
    /// <param name="parameters">Names of parameters, and their values.</param>
    /// <param name="named">The names as the cmdlet has them.</param>
    /// <exception cref="ProdOpsException">A name is none of the known, or a value cannot be written.</exception>
    public string Build(IEnumerable<(string Name, object? Value)> parameters, out IReadOnlyCollection<string> named)
    {
        var text = new StringBuilder("$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue'; ").Append(cmdlet);
        var names = new List<string>();
        foreach (var (given, value) in parameters.OrderBy(parameter => parameter.Name, StringComparer.OrdinalIgnoreCase))
        {
            string name = known.FirstOrDefault(name => name.Equals(given, StringComparison.OrdinalIgnoreCase)) ?? throw invalid(given, $"the parameters for a service are {string.Join(", ", known)}");
            object[] values = value is IEnumerable list and not string ? [.. list.Cast<object>()] : value is null ? [] : [value];
            if (values.Length == 0) throw invalid(name, "it has no value");
            if (paths.Contains(name) && values.Any(path => !Path.IsPathFullyQualified(path.ToString()!))) throw invalid(name, "a service needs full paths");
            names.Add(name);
            if (values is [bool set]) text.Append(" -").Append(name).Append(set ? ":$true" : ":$false");
            else text.Append(" -").Append(name).Append(' ').AppendJoin(", ", values.Select(Literal));
        }

        named = names;
        return text.ToString();
    }

    private static string Literal(object value) => value switch
    {
        int or long => ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture),
        TimeSpan span => PowerShellQuote.Text(span.ToString("c", CultureInfo.InvariantCulture)),
        _ => PowerShellQuote.Text(value.ToString()!),
    };
}
