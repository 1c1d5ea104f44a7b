using System.Management.Automation;
using ProdOps.Cmdlets.Servers;
using ProdOps.Servers;
using ProdOps.Servers.Clocks;

namespace ProdOps.Cmdlets.Clocks;

/// <summary>Measures how far servers' clocks are off from this machine's, and tells what keeps them right.</summary>
[Cmdlet(VerbsCommon.Get, "ServerClock")]
[OutputType(typeof(ServerClock))]
public sealed class GetServerClock : ServerCmdlet
{
    /// <summary>How many times each server is asked.</summary>
    [Parameter(HelpMessage = "How many times each server is asked; the shortest round trip counts. Default: 8.")]
    [ValidateRange(1, 1000)]
    public int SampleCount { get; set; } = ClockReader.DefaultSampleCount;

    /// <summary>How long one server may take, in seconds.</summary>
    [Parameter(HelpMessage = "How many seconds one server may take, once connected. Default: 30.")]
    [ValidateRange(1, 3600)]
    public int TimeoutSec { get; set; } = 30;

    /// <inheritdoc/>
    protected override Task EndAsync(CancellationToken cancellationToken) => ForEachServerAsync(
        async (server, shell, token) =>
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(token);
            limit.CancelAfter(TimeSpan.FromSeconds(TimeoutSec));
            try
            {
                await WriteObjectAsync(await new ClockReader(TimeProvider.System).ReadAsync(shell, SampleCount, limit.Token));
            }
            catch (OperationCanceledException) when (!token.IsCancellationRequested)
            {
                throw ServersErrors.ClockTimeout(server.Name, TimeoutSec);
            }
        },
        cancellationToken);
}
