namespace ProdOps;

/// <summary>Something that happened somewhere in the environment.</summary>
public sealed record TimelineEvent
{
    /// <summary>When, by this machine's clock: what servers say is corrected by what their clocks are off.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>The time is off by no more than this, as far as that can be told.</summary>
    public TimeSpan Uncertainty { get; init; }

    /// <summary>The server it happened on; empty where it is about none.</summary>
    public string Server { get; init; } = "";

    /// <summary>What sort of thing happened.</summary>
    public TimelineKind Kind { get; init; }

    /// <summary>How bad it is by itself.</summary>
    public TimelineSeverity Severity { get; init; }

    /// <summary>What happened, in a line.</summary>
    public string Text { get; init; } = "";

    /// <summary>The object that says so: an event of monitoring, a pattern of logs, a revision; <see langword="null"/> for what a server was asked.</summary>
    public object? Source { get; init; }

    /// <summary>How likely it is the cause, of 1; only with <c>-Cause</c>.</summary>
    public double? Score { get; init; }

    /// <summary>What the score is made of.</summary>
    public string Reason { get; init; } = "";

    /// <summary>What happened.</summary>
    /// <returns><see cref="Text"/>.</returns>
    public override string ToString() => Text;
}

/// <summary>How bad something is by itself.</summary>
public enum TimelineSeverity
{
    /// <summary>It is worth knowing.</summary>
    Info,

    /// <summary>It should be looked at.</summary>
    Warning,

    /// <summary>Something does not work.</summary>
    Critical,
}

/// <summary>What sort of thing happened.</summary>
public enum TimelineKind
{
    /// <summary>A check or a server changed its state.</summary>
    Health,

    /// <summary>An incident began or is over.</summary>
    Incident,

    /// <summary>Somebody or something did something about it.</summary>
    Action,

    /// <summary>Work was announced, began, or is over.</summary>
    Downtime,

    /// <summary>A metric has another level than before.</summary>
    Metric,

    /// <summary>Many more lines of logs than before.</summary>
    LogBurst,

    /// <summary>A kind of line that was not there before.</summary>
    LogPattern,

    /// <summary>A phase of a rolling update.</summary>
    Deployment,

    /// <summary>A balancer got another configuration.</summary>
    Publication,

    /// <summary>A backup was made.</summary>
    Backup,

    /// <summary>Something was restored.</summary>
    Restore,

    /// <summary>Something was tested: backups, failover, load.</summary>
    Test,

    /// <summary>Somebody logged in.</summary>
    Login,

    /// <summary>Somebody did something as root.</summary>
    Sudo,

    /// <summary>A package was installed, updated or removed.</summary>
    Package,

    /// <summary>A file below /etc changed.</summary>
    Configuration,

    /// <summary>A service started, stopped or failed.</summary>
    Service,

    /// <summary>A server started.</summary>
    Reboot,

    /// <summary>The kernel killed a process for want of memory.</summary>
    OomKill,
}
