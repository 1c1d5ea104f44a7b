using ProdOps.Servers.Schedules;

namespace ProdOps.Logging.Receiving;

/// <summary>The command that a service runs a receiver with, as PowerShell text.</summary>
internal static class ReceiverCommand
{
    private static readonly string[] Paths = ["Certificate", "CertificateKey", "CertificatePasswordFile", "ClientCertificateAuthority", "Store", "Environment"];
    private static readonly string[] Ports = ["Udp", "Tcp", "Tls", "Relp", "RelpTls"];

    /// <param name="parameters">Names of parameters of Start-LogReceiver, and their values.</param>
    /// <param name="known">The names that there are for a service.</param>
    /// <exception cref="ProdOpsException">A name is none of them, or a value cannot be written.</exception>
    public static string Build(IEnumerable<(string Name, object? Value)> parameters, IReadOnlyCollection<string> known)
    {
        string text = new ServiceCommand("Start-LogReceiver", known, Paths, LoggingErrors.ReceiverParameterInvalid).Build(parameters, out var named);
        return named.Any(Ports.Contains) ? text : throw LoggingErrors.ReceiverWithoutPort();
    }
}
