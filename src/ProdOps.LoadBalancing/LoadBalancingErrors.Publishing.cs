using static System.FormattableString;

namespace ProdOps.LoadBalancing;

internal static partial class LoadBalancingErrors
{
    public static ProdOpsException ValueUnsafe(string value) => new(
        "LoadBalancerValueUnsafe", ErrorKind.InvalidArgument, $"'{(value.Length > 80 ? value[..80] + "…" : value).Replace("\n", "\\n", StringComparison.Ordinal)}' cannot stand in a balancer's configuration: it would be more than one word there.",
        "Remove blanks, quotes, semicolons, braces and line ends from it.");

    public static ProdOpsException AddressUnknown(string entry, string server, string balancer) => new(
        "LoadBalancerAddressUnknown", ErrorKind.InvalidData, $"The load balancer '{entry}' has this machine, '{server}', in its pool, and '{balancer}' has no address for it.", $"Give '{server}' an Address in the environment's file.");

    public static ProdOpsException PublishBusy(string server, string owner) => new(
        "LoadBalancerLocked", ErrorKind.ResourceBusy, $"Somebody else is changing the balancer on '{server}'" + (owner.Trim().Length > 0 ? $": {Shown(owner, MostSaid)}." : "."), "Wait until it has ended. The lock goes by itself within half a minute when its owner is gone.") { Target = server };

    public static ProdOpsException PublishLockFailed(string server, string why) => new(
        "LoadBalancerLockFailed", ErrorKind.ResourceUnavailable, $"The lock on the balancer of '{server}' cannot be taken: {Shown(why, MostSaid)}", "See that root can write to /var/lib/prodops there.") { Target = server };

    public static ProdOpsException PublishLockLost(string server) => new(
        "LoadBalancerLockLost", ErrorKind.ResourceBusy, $"The lock on the balancer of '{server}' was lost: the connection was silent for too long.", "Publish again: what was begun is put in order first.") { Target = server };

    public static ProdOpsException PublishChangedMeanwhile(string server) => new(
        "LoadBalancerChangedMeanwhile", ErrorKind.ResourceBusy, $"The configuration on '{server}' was changed since it was looked at. Nothing was done.", "Look at what would be changed now with -WhatIf, then publish again.") { Target = server };

    public static ProdOpsException PublishPartial(string server, ProdOpsException cause) => new(
        "LoadBalancerUnreachable", ErrorKind.ResourceUnavailable, $"No balancer was changed, since '{server}' cannot be: {cause.Message}", "Bring it back, or change the others alone with -AllowPartial; then publish again when it is there.", cause) { Target = server };

    public static ProdOpsException PublishLeftOut(string server, ProdOpsException cause) => new(
        "LoadBalancerLeftOut", ErrorKind.ResourceUnavailable, $"The balancer on '{server}' was left as it is: {cause.Message}", "Publish again when it is there: until then the balancers differ.", cause) { Target = server };

    public static ProdOpsException ProgramMissing(string server, string program) => new(
        "LoadBalancerProgramMissing", ErrorKind.NotFound, $"'{server}' has no {program}.", $"Install it there: apt-get install {(program == "perl" ? "perl-base" : program)}.") { Target = server };

    public static ProdOpsException VersionTooOld(string server, string version) => new(
        "LoadBalancerVersionTooOld", ErrorKind.NotSupported, $"HAProxy on '{server}' is {Shown(version, MostSaid)}; 2.4 is the first that can be set up so that a reload loses no request.", "Install a later version, or write Managed = $false and its configuration by hand.") { Target = server };

    public static ProdOpsException NotOurs(string server, string path) => new(
        "LoadBalancerNotOurs", ErrorKind.PermissionDenied, $"'{path}' on '{server}' was not written by ProdOps and is left alone.", "Write Managed = $false to operate it as it is, or replace it with -Force: it is kept as a revision, and Undo-LoadBalancer puts it back.") { Target = server };

    public static ProdOpsException NginxNotIncluded(string server, string path) => new(
        "LoadBalancerNotIncluded", ErrorKind.InvalidData, $"nginx on '{server}' does not read '{path}': its nginx.conf includes no such folder.", $"Add to http in /etc/nginx/nginx.conf: include {path[..path.LastIndexOf('/')]}/*.conf;") { Target = server };

    public static ProdOpsException ConfigurationRefused(string server, LoadBalancerKind kind, string said) => new(
        "LoadBalancerConfigurationRefused", ErrorKind.InvalidData, $"{kind} on '{server}' refuses the configuration, and nothing was changed: {Shown(said, MostSaid)}",
        kind == LoadBalancerKind.Nginx && said.Contains("duplicate default server", StringComparison.Ordinal) ? "Another site has the port: remove it (rm /etc/nginx/sites-enabled/default) or choose another Port." : "Correct the entry in the environment's file; FrontendLines and PoolLines are taken as they are.") { Target = server };

    public static ProdOpsException OtherConfiguration(string server, string path, IReadOnlyList<string> files) => new(
        "LoadBalancerOtherConfiguration", ErrorKind.InvalidOperation, $"HAProxy on '{server}' runs by {(files.Count == 0 ? "another configuration" : string.Join(", ", files.Select(file => $"'{file}'")))}, not by '{path}'.", "Name the file that it runs by as Configuration, or start it with this one.") { Target = server };

    public static ProdOpsException NotRunning(string server, string program) => new(
        "LoadBalancerNotRunning", ErrorKind.InvalidOperation, $"{program} does not run on '{server}', and there is no systemd to start it.", "Start it, then publish again.") { Target = server };

    public static ProdOpsException NotStarted(string server, string program, string said) => new(
        "LoadBalancerNotStarted", ErrorKind.ResourceUnavailable, $"{program} on '{server}' does not start or reload: {Shown(said, MostSaid)}", $"journalctl -u {program} there says more.") { Target = server };

    public static ProdOpsException NotServing(string server, string why) => new(
        "LoadBalancerNotServing", ErrorKind.ResourceUnavailable, $"With the new configuration the balancer on '{server}' does not serve as before: {Shown(why, MostSaid)}.", "Correct the entry in the environment's file.") { Target = server };

    public static ProdOpsException PutBack(string server, ProdOpsException cause) => new(
        cause.ErrorId, cause.Kind, $"{cause.Message} What was there before is there again.", cause.Recommendation, cause) { Target = server };

    public static ProdOpsException NotPutBack(string server, Exception cause, ProdOpsException worse) => new(
        "LoadBalancerNotPutBack", ErrorKind.ResourceUnavailable, $"{cause.Message} Putting back what was there before on '{server}' failed too: {worse.Message}", "The process that serves goes on by the configuration it has. Publish again: what was there before is put back first.", worse) { Target = server };

    public static ProdOpsException NoNetwork(string server, string entry, string address) => new(
        "LoadBalancerNoNetwork", ErrorKind.InvalidData, $"'{server}' has no network of the virtual address {address} of the load balancer '{entry}'.", "Take a free address of a network that all its balancers are in, or name the right VirtualInterface.") { Target = server };

    public static ProdOpsException PeerUnknown(string server, string peer, string entry) => new(
        "LoadBalancerPeerUnknown", ErrorKind.ResourceUnavailable, $"'{peer}' cannot be reached, and '{server}' does not know its address in the network of the virtual address of '{entry}': keepalived has to name it.", $"Bring it back, or write its IP address in that network as its Address in the environment's file.") { Target = peer };

    public static ProdOpsException TooFewOpenFiles(string server, long needed, long limit, long connections) => new(
        "LoadBalancerOpenFiles", ErrorKind.InvalidData, Invariant($"HAProxy on '{server}' would not start: its connections take {needed:N0} open files, and it may have {limit:N0}. Nothing was changed."),
        Invariant($"Write MaxConnections of at most {connections:N0} into the entry (of several entries the sum counts), or allow more: LimitNOFILE by 'systemctl edit haproxy' there.")) { Target = server };

    public static ProdOpsException RevisionNotFound(string server, string revision, string? near) => new(
        "LoadBalancerRevisionNotFound", ErrorKind.NotFound, $"'{server}' keeps no revision '{revision}'." + (near is null ? "" : $" Did you mean '{near}'?"), "Get-LoadBalancerRevision lists them.") { Target = revision };

    public static ProdOpsException NoFormerRevision(string server) => new(
        "LoadBalancerRevisionNotFound", ErrorKind.NotFound, $"'{server}' keeps no revision before the present one.", "Get-LoadBalancerRevision lists what there is.") { Target = server };

    public static ProdOpsException CertificateInvalid(string source, string why, string recommendation) => new(
        "LoadBalancerCertificateInvalid", ErrorKind.InvalidData, $"The certificate '{source}' cannot be used: {why}. Nothing was changed.", recommendation) { Target = source };

    public static ProdOpsException CertificateUnreadable(string path, Exception? cause) => new(
        "LoadBalancerCertificateUnreadable", ErrorKind.ReadError, $"The file '{path}' cannot be read" + (cause is null ? "." : $": {cause.Message}"), "See that it is there and that you may read it.", cause) { Target = path };

    public static ProdOpsException CertificateNamesGone(string server, IReadOnlyList<string> names) => new(
        "LoadBalancerCertificateNames", ErrorKind.InvalidArgument, $"The certificate on '{server}' is for {string.Join(", ", names)} too, and the new one is not. Nothing was changed.", "Take one that is for all names, or insist with -Force.") { Target = server };

    public static ProdOpsException CertificateRefused(string server, string said) => new(
        "LoadBalancerCertificateRefused", ErrorKind.InvalidData, $"The balancer on '{server}' refuses the certificate: {Shown(said, MostSaid).TrimEnd('.')}.", "See that the file is whole: certificate, chain, key.") { Target = server };

    public static ProdOpsException NotManaged(string entry) => new(
        "LoadBalancerNotManaged", ErrorKind.InvalidOperation, $"The configuration of the load balancer '{entry}' is written by hand (Managed = $false) and is not published.", "Remove Managed from the entry to have ProdOps write it.") { Target = entry };

    public static ProdOpsException NotABalancer(string server) => new(
        "LoadBalancerServerNotFound", ErrorKind.NotFound, $"'{server}' is no balancer of these entries.", "Name one of their Servers.") { Target = server };

    public static ProdOpsException PublishStopped(ProdOpsException cause, IReadOnlyList<string> left) => new(
        cause.ErrorId, cause.Kind, $"{cause.Message} {string.Join(", ", left)} {(left.Count == 1 ? "was" : "were")} not changed.", cause.Recommendation, cause) { Target = cause.Target };
}
