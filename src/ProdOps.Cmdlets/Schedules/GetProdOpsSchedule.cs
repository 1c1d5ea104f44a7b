using System.Management.Automation;
using ProdOps.Cmdlets.Completers;
using ProdOps.Servers;
using ProdOps.Servers.Inventory;

namespace ProdOps.Cmdlets.Schedules;

/// <summary>Lists the schedules that ProdOps registered on servers, with how the last run went and when the next one comes.</summary>
[Cmdlet(VerbsCommon.Get, "ProdOpsSchedule")]
[OutputType(typeof(ProdOpsSchedule))]
public sealed class GetProdOpsSchedule : ScheduleCmdlet
{
    /// <summary>Names or wildcards; without them all.</summary>
    [Parameter(Position = 0, HelpMessage = "Names or wildcards. Default: all.")]
    [ArgumentCompleter(typeof(ScheduleNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = ["*"];

    /// <inheritdoc/>
    protected override Task EndAsync(CancellationToken cancellationToken) => ForEachServerAsync(
        async (server, shell, token) =>
        {
            var all = await (await OpenSchedulesAsync(shell, token)).ListAsync(token);
            foreach (var schedule in all.Where(schedule => Name.Any(name => NamePattern.IsMatch(name, schedule.Name)))) await WriteObjectAsync(schedule);
            foreach (string name in Name.Where(name => !NamePattern.HasWildcards(name) && !all.Any(schedule => NamePattern.IsMatch(name, schedule.Name))))
                await WriteErrorAsync(ServersErrors.ScheduleNotFound(server.Name, name));
        },
        cancellationToken);
}
