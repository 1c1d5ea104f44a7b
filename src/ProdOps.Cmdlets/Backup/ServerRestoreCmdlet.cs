using System.ComponentModel;
using System.Management.Automation;
using ProdOps.Cmdlets.Servers;

namespace ProdOps.Cmdlets.Backup;

/// <summary>The base of the cmdlets that restore to servers with <c>-ToServer</c>: how they log in there.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class ServerRestoreCmdlet : ReadingCmdlet
{
    internal const string IdentityFileHelp = "With -ToServer: private keys to offer, before those of the inventory, ssh_config and the agent.";
    internal const string AcceptNewHostKeyHelp = "With -ToServer: accept and remember the key of a host that is not known yet. A changed key is always refused.";

    /// <summary>The user to log in as, and the password.</summary>
    [Parameter(HelpMessage = "With -ToServer: the user to log in as and the password, which also answers sudo. Default: the inventory's user, ssh_config's, yours.")]
    [Credential]
    [ValidateNotNull]
    public PSCredential? Credential { get; set; }

    /// <summary>Private keys to offer.</summary>
    [Parameter(HelpMessage = IdentityFileHelp)]
    [ValidateNotNullOrEmpty]
    public string[] IdentityFile { get; set; } = [];

    /// <summary>Accept the key of a host that is not known yet, and remember it.</summary>
    [Parameter(HelpMessage = AcceptNewHostKeyHelp)]
    public SwitchParameter AcceptNewHostKey { get; set; }

    /// <summary>What the parameters say about connecting.</summary>
    private protected ServerAccess Access => new(this) { Credential = Credential, IdentityFile = IdentityFile, AcceptNewHostKey = AcceptNewHostKey };
}
