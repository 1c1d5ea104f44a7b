using System.ComponentModel;
using System.Management.Automation;
using ProdOps.Cmdlets.Common;

namespace ProdOps.Cmdlets.Servers;

/// <summary>The base of the cmdlets that log in to servers.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class ConnectingCmdlet : AsyncCmdlet
{
    /// <summary>The user to log in as, and the password.</summary>
    [Parameter(HelpMessage = ConnectionHelp.Credential)]
    [Credential]
    [ValidateNotNull]
    public PSCredential? Credential { get; set; }

    /// <summary>Private keys to offer.</summary>
    [Parameter(HelpMessage = ConnectionHelp.IdentityFile)]
    [ValidateNotNullOrEmpty]
    public string[] IdentityFile { get; set; } = [];

    /// <summary>Accept the key of a host that is not known yet, and remember it.</summary>
    [Parameter(HelpMessage = ConnectionHelp.AcceptNewHostKey)]
    public SwitchParameter AcceptNewHostKey { get; set; }

    /// <summary>How long connecting and logging in may take, in seconds.</summary>
    [Parameter(HelpMessage = ConnectionHelp.ConnectTimeoutSec)]
    [ValidateRange(1, 3600)]
    public int ConnectTimeoutSec { get; set; }

    /// <summary>What the parameters say about connecting.</summary>
    private protected ServerAccess Access => new(this)
    {
        Credential = Credential,
        IdentityFile = IdentityFile,
        AcceptNewHostKey = AcceptNewHostKey,
        ConnectTimeoutSec = ConnectTimeoutSec,
    };
}

/// <summary>What PowerShell says of these parameters while they are completed; cmdlets that have them in some of their parameter sets say the same.</summary>
internal static class ConnectionHelp
{
    public const string Credential = "The user to log in as and the password, which also answers sudo. Default: the inventory's user, ssh_config's, yours.";
    public const string IdentityFile = "Private keys to offer, before those of the inventory, ssh_config and the agent.";
    public const string AcceptNewHostKey = "Accept and remember the key of a host that is not known yet. A changed key is always refused.";
    public const string ConnectTimeoutSec = "How many seconds connecting and logging in may take. Default: the inventory's, ssh_config's, else 15 (Get-Timeline: the inventory's, else 5).";
}
