using System.Management.Automation;
using ProdOps.Cmdlets.Common;
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
        var findings = new List<LoadBalancerFinding>();
        await TellAsync(judge.Redundancy());
        if (entry.Mode == LoadBalancerMode.Http) await TellAsync(judge.Judge(await probe.AskServersAsync(Path ?? "/", cancellationToken)));
        foreach (var data in entry.SharedData) await TellAsync([judge.Data(await probe.CompareAsync(data, Activity, cancellationToken))]);
        await TellAsync(judge.Certificates(await probe.ReadCertificatesAsync(cancellationToken), now));
        if (entry.Servers.Count > 1) await TellAsync([judge.History(FailoversOf(entry, environment), now)]);
        var seen = new LoadBalancerReadiness { LoadBalancer = entry.Name, Time = now, Findings = findings };
        await EvidenceKeeper.KeepAsync(Activity, folder => folder.LoadBalancers, now, environment.Name, seen, cancellationToken);

        async Task TellAsync(IEnumerable<LoadBalancerFinding> found)
        {
            LoadBalancerFinding[] some = [.. found];
            findings.AddRange(some);
            await WriteAllAsync(some);
        }
    }

    private IReadOnlyList<FailoverTestResult> FailoversOf(LoadBalancerDefinition entry, ProdOpsEnvironment environment) => [.. EvidenceKeeper.Read(Activity, folder => folder.Failovers)
        .Where(proof => proof.Environment == environment.Name && entry.Name.Equals(proof.What.LoadBalancer, StringComparison.OrdinalIgnoreCase)).Select(proof => proof.What)];
}
