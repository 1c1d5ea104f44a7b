namespace ProdOps.Logging;

internal static partial class LoggingErrors
{
    public static ProdOpsException ReceiverWithoutPort() => new(
        "LogReceiverPortMissing", ErrorKind.InvalidArgument,
        "Where to listen is not said.",
        "Give at least one of -Udp, -Tcp, -Tls, -Relp and -RelpTls, each with one port or several: -Udp 514 -Tcp 514 takes what most senders send.");

    public static ProdOpsException ReceiverPortTaken(string place, int port) => new(
        "LogReceiverPortTaken", ErrorKind.ResourceBusy,
        $"Another program listens at {place} already.",
        "Find it with 'ss -lntup', end it or choose another port. It may be a syslog daemon of this machine, or another log receiver.") { Target = port };

    public static ProdOpsException ReceiverPortDenied(string place, int port) => new(
        "LogReceiverPortDenied", ErrorKind.PermissionDenied,
        $"This user may not listen at {place}.",
        "Ports below 1024 are root's, or need the capability CAP_NET_BIND_SERVICE. Choose a higher port, or run the receiver as a service (Register-ProdOpsSchedule -LogReceiver).") { Target = port };

    public static ProdOpsException ReceiverCannotListen(string place, string why, int port) => new(
        "LogReceiverCannotListen", ErrorKind.ResourceUnavailable,
        $"It is not possible to listen at {place}: {why}",
        "Check that the address is one of this machine's ('ip address').") { Target = port };

    public static ProdOpsException ReceiverAddressInvalid(string address) => new(
        "LogReceiverAddressInvalid", ErrorKind.InvalidArgument,
        $"'{address}' is no address to listen at.",
        "Give addresses of this machine, e.g. 10.0.0.5 or fd00::5; without -ListenAddress all of them are listened at.") { Target = address };

    public static ProdOpsException ReceiverRangeInvalid(string range) => new(
        "LogReceiverRangeInvalid", ErrorKind.InvalidArgument,
        $"'{range}' is neither an address nor a network.",
        "Give networks with the length of their prefix, e.g. 10.0.0.0/8 or fd00::/8, or single addresses.") { Target = range };

    public static ProdOpsException ReceiverCertificateMissing() => new(
        "LogReceiverCertificateMissing", ErrorKind.InvalidArgument,
        "A listener for TLS needs a certificate.",
        "Name it with -Certificate, as PEM (with -CertificateKey where the key is in a file of its own) or PFX.");

    public static ProdOpsException ReceiverCertificateUnreadable(string path, string why) => new(
        "LogReceiverCertificateUnreadable", ErrorKind.InvalidData,
        $"The certificate '{path}' cannot be used: {why}",
        "It must be PEM or PFX, with its key, and -CertificatePassword must be the password if it has one.") { Target = path };

    public static ProdOpsException ReceiverCertificateWithoutKey(string path) => new(
        "LogReceiverCertificateWithoutKey", ErrorKind.InvalidData,
        $"There is no private key in '{path}'.",
        "Name the key's file with -CertificateKey.") { Target = path };

    public static ProdOpsException ReceiverAuthorityUnreadable(string path, string why) => new(
        "LogReceiverAuthorityUnreadable", ErrorKind.InvalidData,
        $"The certificate authority '{path}' cannot be used: {why}.",
        "Name a PEM file with the certificates of the authorities that senders' certificates are from.") { Target = path };

    public static ProdOpsException ReceiverPeerWithoutAuthority() => new(
        "LogReceiverPeerWithoutAuthority", ErrorKind.InvalidArgument,
        "-AllowedPeer names whose certificates are taken, but none are asked for.",
        "Name the authority they are from with -ClientCertificateAuthority.");

    public static ProdOpsException ReceiverParameterInvalid(string name, string why) => new(
        "LogReceiverParameterInvalid", ErrorKind.InvalidArgument,
        $"A log receiver cannot be registered with '{name}': {why}.",
        "-LogReceiver takes the parameters of Start-LogReceiver, e.g. @{ Udp = 514; Tcp = 514; Store = '/srv/logs' }.") { Target = name };

    public static ProdOpsException ReceiverLinesLost(long lines, string why) => new(
        "LogReceiverLinesLost", ErrorKind.WriteError,
        $"{lines:N0} received lines could not be stored before the receiver ended: {why}",
        "Mend the store (is the disk full?). RELP senders have kept their lines and send them again; others have not.");
}
