using ProdOps.Servers.Ssh.HostKeys;
using ProdOps.Servers.Ssh.Wire;

namespace ProdOps.Servers;

internal static partial class ServersErrors
{
    public static ProdOpsException HostKeyUnknown(HostKeyQuestion question, HostKeyVerdict verdict, KnownHost? otherType) => new(
        "HostKeyUnknown", ErrorKind.Authentication,
        $"The host key of '{question.Host}' is not known: it offers {Print(verdict.Key)}." + Certificate(verdict)
            + (otherType is null ? "" : $" {otherType.Where} has a key of the name at port 22, which is another: {Print(otherType.Key)}."),
        "Compare the print with what the server itself says (ssh-keygen -lf /etc/ssh/ssh_host_"
            + $"{SshKeyTypes.Short(verdict.Key.Type).ToLowerInvariant()}_key.pub at its console). If it is the same, connect once with -AcceptNewHostKey, "
            + $"or add what 'ssh-keyscan{PortOption(question)} {question.Address}' prints to {question.UserFile ?? "your known_hosts"}.") { Target = question.Server };

    /// <summary>What an error's message says of a server whose key is not the one that was known: that is no outage, and must not be told as one. <see langword="null"/> for any other.</summary>
    public static string? HostKeyAlarm(string? message) =>
        message?.StartsWith(HostKeyOf, StringComparison.Ordinal) != true ? null
        : message.Contains(HasChanged, StringComparison.Ordinal) ? "the host key has changed"
        : message.Contains(IsRevoked, StringComparison.Ordinal) ? "the host key is revoked" : null;

    private const string HostKeyOf = "The host key of '", HasChanged = "' has changed: it offers ", IsRevoked = ", is marked as revoked in ";

    public static ProdOpsException HostKeyChanged(HostKeyQuestion question, HostKeyVerdict verdict) => new(
        "HostKeyChanged", ErrorKind.Authentication,
        $"{HostKeyOf}{question.Host}{HasChanged}{Print(verdict.Key)}, and {verdict.Known!.Where} has {Print(verdict.Known.Key)}." + Certificate(verdict),
        "Either the server has new keys (it was installed anew, or another machine has its address now), or somebody is between you and it. "
            + $"Only if you know why and have compared the print: ssh-keygen -f '{verdict.Known.File}' -R '{question.Name}', then connect once with -AcceptNewHostKey.") { Target = question.Server };

    public static ProdOpsException HostKeyRevoked(HostKeyQuestion question, SshPublicKey key, string where) => new(
        "HostKeyRevoked", ErrorKind.Authentication,
        $"{HostKeyOf}{question.Host}', {Print(key)}, or the authority that signed it{IsRevoked}{where}.",
        "Somebody who has a stolen key may be posing as the server. Find out who revoked it and why before you connect.") { Target = question.Server };

    public static ProdOpsException HostKeyUnreadable(HostKeyQuestion question, string algorithm) => new(
        "HostKeyUnreadable", ErrorKind.InvalidData,
        $"'{question.Host}' offers a host key for {algorithm} that cannot be read.",
        "Look whether it is the right port and the server's sshd is in order.") { Target = question.Server };

    public static ProdOpsException HostKeyTooShort(HostKeyQuestion question, SshPublicKey key, int required) => new(
        "HostKeyTooShort", ErrorKind.Authentication,
        $"The host key of '{question.Host}' is an RSA key of {key.Bits} bits; fewer than {required} are not accepted.",
        "Make a new host key on the server: ssh-keygen -A, after the old one is removed.") { Target = question.Server };

    public static ProdOpsException RevokedHostKeysUnreadable(HostKeyQuestion question, string file, string why) => new(
        "RevokedHostKeysUnreadable", ErrorKind.ReadError,
        $"The list of revoked host keys '{file}' {why}, so no host key can be accepted.",
        "Correct RevokedHostKeys in ssh_config, or give leave to read the file.") { Target = question.Server };

    private static string Print(SshPublicKey key) => $"{SshKeyTypes.Short(key.Type)} {key.Fingerprint}";

    private static string Certificate(HostKeyVerdict verdict) =>
        verdict.CertificateProblem is null ? "" : $" Its certificate does not count: {verdict.CertificateProblem}.";

    private static string PortOption(HostKeyQuestion question) => question.Port == 22 ? "" : $" -p {question.Port}";
}
