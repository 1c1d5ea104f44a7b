using System.Management.Automation;
using System.Reflection;
using ProdOps.Cmdlets.Common;

namespace ProdOps.Shell.Probe;

/// <summary>What the tests look at from outside.</summary>
public static class ProbeState
{
    private static readonly ManualResetEventSlim CancelledEvent = new();
    private static int _released;

    public static int Released => _released;

    public static void Reset()
    {
        CancelledEvent.Reset();
        _released = 0;
    }

    public static bool WaitCancelled(int milliseconds) => CancelledEvent.Wait(milliseconds);

    internal static void SetCancelled() => CancelledEvent.Set();

    internal static void SetReleased() => Interlocked.Increment(ref _released);
}

/// <summary>Emits numbers until it is stopped.</summary>
[Cmdlet(VerbsCommon.Get, "ProbeStream")]
[OutputType(typeof(int))]
public sealed class GetProbeStreamCommand : AsyncCmdlet
{
    [Parameter(HelpMessage = "Emits one number and then waits for the end of time.")]
    public SwitchParameter Blocked { get; set; }

    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        try
        {
            for (int i = 1; ; i++)
            {
                await WriteObjectAsync(i);
                await Task.Delay(Blocked ? Timeout.Infinite : 1, cancellationToken);
            }
        }
        finally
        {
            if (cancellationToken.IsCancellationRequested) ProbeState.SetCancelled();
        }
    }

    protected override ValueTask ReleaseAsync()
    {
        ProbeState.SetReleased();
        return default;
    }
}

/// <summary>Uses every stream in a known order.</summary>
[Cmdlet(VerbsCommunications.Write, "ProbeStreams")]
public sealed class WriteProbeStreamsCommand : AsyncCmdlet
{
    [Parameter(ValueFromPipeline = true, HelpMessage = "Goes to the output.")]
    public object? Item { get; set; }

    protected override async Task BeginAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        await WriteObjectAsync("begin");
    }

    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        Activity.Verbose($"before {Item}");
        Activity.Progress(new ActivityProgress("Probing", "", Fraction: 7));
        await Task.Delay(1, cancellationToken);
        await WriteObjectAsync(Item ?? "nothing");
        Activity.Warning($"after {Item}");
        await WriteErrorAsync(new ProdOpsException("ProbeFailed", ErrorKind.ResourceBusy, $"{Item} failed.", "Wait.") { Target = Item });
    }

    protected override Task EndAsync(CancellationToken cancellationToken) => WriteObjectAsync("end");
}

/// <summary>Throws what it is given.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "ProbeFailure", SupportsShouldProcess = true)]
public sealed class InvokeProbeFailureCommand : AsyncCmdlet
{
    [Parameter(Mandatory = true, HelpMessage = "What to throw.")]
    public Exception Exception { get; set; } = null!;

    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        if (await ShouldProcessAsync("the probe", "Fail")) throw Exception;
        await WriteObjectAsync("spared");
    }
}

/// <summary>Does what Select-Object -First 1 does: the engine's own exception, which stops what is upstream.</summary>
[Cmdlet(VerbsCommon.Select, "ProbeFirst")]
public sealed class SelectProbeFirstCommand : PSCmdlet
{
    [Parameter(ValueFromPipeline = true, HelpMessage = "Any object.")]
    public object? InputObject { get; set; }

    protected override void ProcessRecord()
    {
        WriteObject(InputObject);
        var type = typeof(PSCmdlet).Assembly.GetType("System.Management.Automation.StopUpstreamCommandsException", throwOnError: true)!;
        throw (Exception)Activator.CreateInstance(type, BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, null, [this], null)!;
    }
}
