using ProdOps.Servers.Commands;
using static System.FormattableString;

namespace ProdOps.LoadBalancing.Failover;

/// <summary>
/// The commands of a failover test. A service is never stopped without a timer of systemd that starts it again: whoever asked may be killed or cut off meanwhile. The timer's name is of the service,
/// so that two tests of it cannot run at once.
/// </summary>
internal static class FailoverScripts
{
    /// <summary>What <see cref="Stop"/> ends with when a test of the service is under way.</summary>
    public const int Busy = 75;

    /// <summary>What <see cref="Stop"/> ends with when the service did not run.</summary>
    public const int NotRunning = 76;

    /// <summary>Arms the timer and stops the service.</summary>
    public static ServerCommand Stop(string service, TimeSpan guard) => Root($"""
        systemctl is-active --quiet {Word(service)} || exit {NotRunning}
        systemctl is-active --quiet {Word(Guard(service) + ".timer")} && exit {Busy}
        systemd-run --quiet --collect --unit={Word(Guard(service))} --on-active={Invariant($"{guard.TotalSeconds:0}")} --timer-property=AccuracySec=1s systemctl start {Word(service)} || exit 77
        systemctl stop {Word(service)}
        """);

    /// <summary>Starts the service and takes the timer away once it runs.</summary>
    public static ServerCommand Start(string service) => Root($"""
        systemctl start {Word(service)} && systemctl is-active --quiet {Word(service)} || exit 1
        systemctl stop {Word(Guard(service) + ".timer")} 2>/dev/null
        exit 0
        """);

    /// <summary>Prints <c>active</c> if a service runs.</summary>
    public static ServerCommand State(string service) => new($"systemctl is-active {Word(service)} || true") { PosixLocale = true, Idempotent = true };

    private static string Guard(string service) => $"prodops-failover-{service}";

    private static ServerCommand Root(string text) => new(text) { AsRoot = true, PosixLocale = true };

    private static string Word(string text) => ShellQuote.Word(text);
}
