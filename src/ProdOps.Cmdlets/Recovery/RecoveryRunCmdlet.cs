using System.ComponentModel;
using System.Management.Automation;
using ProdOps.Cmdlets.Servers;

namespace ProdOps.Cmdlets.Recovery;

/// <summary>The base of the cmdlets that work on servers by a recovery plan.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class RecoveryRunCmdlet : RecoveryCmdlet
{
    private SessionRecovery? _session;

    /// <summary>The user to log in as, and the password.</summary>
    [Parameter(HelpMessage = "The user to log in as and the password, which also answers sudo. Default: the inventory's user, ssh_config's, yours.")]
    [Credential]
    [ValidateNotNull]
    public PSCredential? Credential { get; set; }

    /// <summary>Private keys to offer.</summary>
    [Parameter(HelpMessage = "Private keys to offer, before those of the inventory, ssh_config and the agent.")]
    [ValidateNotNullOrEmpty]
    public string[] IdentityFile { get; set; } = [];

    /// <summary>Accept the key of a host that is not known yet, and remember it.</summary>
    [Parameter(HelpMessage = "Accept and remember the key of a host that is not known yet. A changed key is always refused.")]
    public SwitchParameter AcceptNewHostKey { get; set; }

    /// <summary>How long connecting and logging in may take, in seconds.</summary>
    [Parameter(HelpMessage = "How many seconds connecting and logging in may take. Default: the inventory's, ssh_config's, else 15.")]
    [ValidateRange(1, 3600)]
    public int ConnectTimeoutSec { get; set; }

    /// <inheritdoc/>
    protected override async ValueTask ReleaseAsync()
    {
        if (_session is not null) await _session.DisposeAsync();
        await base.ReleaseAsync();
    }

    /// <summary>What the engine gets from this session.</summary>
    private protected async Task<SessionRecovery> OpenSessionAsync(ProdOpsEnvironment environment)
    {
        var access = new ServerAccess(this) { Credential = Credential, IdentityFile = IdentityFile, AcceptNewHostKey = AcceptNewHostKey, ConnectTimeoutSec = ConnectTimeoutSec };
        return _session ??= new SessionRecovery(this, access, await InvokeAsync(() => SessionShells.Current), environment, Activity) { Ask = AskAsync };
    }

    /// <summary>Asks whether a person has done something. Where nobody can be asked, PowerShell says so by one of several exceptions.</summary>
    private Task<bool> AskAsync(RecoveryStep step, string server) => InvokeAsync(() =>
    {
        if (!CanAsk) throw ProdOps.Recovery.RecoveryErrors.ManualUnconfirmed(step.Name);
        try
        {
            string who = step.Who.Length > 0 ? $" ({step.Who})" : "";
            return ShouldContinue($"{step.Text}\n\nIs it done?", $"{step.Name}{who} on {server}");
        }
        catch (Exception exception) when (exception is PSInvalidOperationException or PSNotSupportedException or System.Management.Automation.Host.HostException or NotImplementedException)
        {
            throw ProdOps.Recovery.RecoveryErrors.ManualUnconfirmed(step.Name);
        }
    });

    /// <summary>Whether PowerShell was started to ask nobody.</summary>
    private protected static bool CanAsk => !System.Environment.GetCommandLineArgs().Skip(1).Any(static argument => argument.StartsWith("-noni", StringComparison.OrdinalIgnoreCase));
}
