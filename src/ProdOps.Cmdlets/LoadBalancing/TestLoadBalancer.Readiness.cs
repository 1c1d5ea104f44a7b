using System.Management.Automation;
using ProdOps.LoadBalancing.Failover;
using ProdOps.LoadBalancing.Readiness;

namespace ProdOps.Cmdlets.LoadBalancing;

/// <summary>Readiness: whether the servers of a pool can take each other's place.</summary>
public sealed partial class TestLoadBalancer
{
    private const string ReadinessSet = "Readiness";

    /// <summary>Look whether servers can take each other's place.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ReadinessSet, HelpMessage = "Looks whether the servers of the pool can take each other's place: sessions, content, versions, clocks, shared data, certificates. Nothing is changed.")]
    public SwitchParameter Readiness { get; set; }

    private async Task TestReadinessAsync(LoadBalancerDefinition entry, ProdOpsEnvironment environment, CancellationToken cancellationToken)
    {
        var now = TimeProvider.System.GetUtcNow();
        var judge = new ReadinessJudge(entry);
        var probe = new ReadinessProbe(entry, environment, (name, token) => OpenAsync(environment, name, token), TimeProvider.System);
        await WriteAllAsync([.. judge.Redundancy()]);
        if (entry.Mode == LoadBalancerMode.Http) await WriteAllAsync([.. judge.Judge(await probe.AskServersAsync(Path ?? "/", cancellationToken))]);
        foreach (var data in entry.SharedData) await WriteObjectAsync(judge.Data(await probe.CompareAsync(data, Activity, cancellationToken)));
        await WriteAllAsync([.. judge.Certificates(await probe.ReadCertificatesAsync(cancellationToken), now)]);
        if (entry.Servers.Count > 1) await WriteObjectAsync(judge.History(FailoverHistory.OfUser?.Read(entry.Name) ?? [], now));
    }
}
