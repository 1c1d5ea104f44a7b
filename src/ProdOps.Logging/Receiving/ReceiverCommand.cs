using System.Collections;
using System.Globalization;
using System.Text;

namespace ProdOps.Logging.Receiving;

/// <summary>The command that a service runs a receiver with, as PowerShell text.</summary>
internal static class ReceiverCommand
{
    // A service has no folder of its own, and no one to ask.
    private static readonly string[] Paths = ["Certificate", "CertificateKey", "CertificatePasswordFile", "ClientCertificateAuthority", "Store", "Environment"];
    private static readonly string[] Ports = ["Udp", "Tcp", "Tls", "Relp", "RelpTls"];

    /// <param name="parameters">Names of parameters of Start-LogReceiver, and their values.</param>
    /// <param name="known">The names that there are for a service.</param>
    /// <exception cref="ProdOpsException">A name is none of them, or a value cannot be written.</exception>
    public static string Build(IEnumerable<(string Name, object? Value)> parameters, IReadOnlyCollection<string> known)
    {
        var text = new StringBuilder("$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue'; Start-LogReceiver");
        bool hasPort = false;
        foreach (var (given, value) in parameters.OrderBy(parameter => parameter.Name, StringComparer.OrdinalIgnoreCase))
        {
            string name = known.FirstOrDefault(name => name.Equals(given, StringComparison.OrdinalIgnoreCase))
                ?? throw LoggingErrors.ReceiverParameterInvalid(given, $"the parameters for a service are {string.Join(", ", known)}");
            hasPort |= Ports.Contains(name);
            object[] values = value is IEnumerable list and not string ? [.. list.Cast<object>()] : value is null ? [] : [value];
            if (values.Length == 0) throw LoggingErrors.ReceiverParameterInvalid(name, "it has no value");
            if (Paths.Contains(name) && values.Any(path => !Path.IsPathFullyQualified(path.ToString()!))) throw LoggingErrors.ReceiverParameterInvalid(name, "a service needs full paths");
            text.Append(" -").Append(name).Append(' ').AppendJoin(", ", values.Select(Literal));
        }

        return hasPort ? text.ToString() : throw LoggingErrors.ReceiverWithoutPort();
    }

    private static string Literal(object value) => value switch
    {
        int or long => ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture),
        TimeSpan span => Quote(span.ToString("c", CultureInfo.InvariantCulture)),
        _ => Quote(value.ToString()!),
    };

    /// <summary>A text that PowerShell takes as it is: all that it takes for a single quote is doubled.</summary>
    private static string Quote(string text) => $"'{string.Concat(text.Select(c => c is '\'' or '\u2018' or '\u2019' or '\u201A' or '\u201B' ? $"{c}{c}" : c.ToString()))}'";
}
