using System.Management.Automation;
using System.Text;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Servers;
using ProdOps.Servers.Secrets;

namespace ProdOps.Shell.Probe;

/// <summary>Reads a secret as the environment file refers to it, and then quotes it in every way a careless message could.</summary>
[Cmdlet(VerbsCommon.Show, "ProbeSecret", SupportsShouldProcess = true)]
[OutputType(typeof(string))]
public sealed class ShowProbeSecretCommand : AsyncCmdlet
{
    [Parameter(Mandatory = true, HelpMessage = "What sort of source.")]
    public SecretKind Kind { get; set; }

    [Parameter(Mandatory = true, HelpMessage = "The source.")]
    public string Name { get; set; } = "";

    [Parameter(HelpMessage = "Only emits the secret's hash.")]
    public SwitchParameter HashOnly { get; set; }

    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        using var secret = await SecretSource.From(new SecretReference(Kind, Name), new SessionVault(this)).ResolveAsync(cancellationToken);
        await WriteObjectAsync(Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(secret.Bytes.Span)));
        if (HashOnly) return;
        string text = Encoding.UTF8.GetString(secret.Bytes.Span);
        Activity.Verbose($"Logging in with {text}.");
        Activity.Warning($"The password {text} is weak.");
        Activity.Progress(new ActivityProgress($"Trying {text}", $"with {text}", 0.5));
        Activity.Error(new ProdOpsException("ProbeSecret", ErrorKind.Authentication, $"{text} is wrong.", $"Do not use {text}.", new IOException($"{text} at the bottom")) { Target = $"db:{text}" });
        await WriteErrorAsync(new ErrorRecord(new InvalidOperationException($"unexpected {text}"), "ProbePlain", ErrorCategory.InvalidResult, text));
        await WriteErrorAsync(new ProdOpsException("ProbeInner", ErrorKind.ReadError, "Only the cause quotes it.", null, new IOException($"{text} below")));
        await ShouldProcessAsync($"server with {text}", $"Use {text}");
        throw new InvalidOperationException($"The end came with {text}.");
    }
}
