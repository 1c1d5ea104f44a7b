using System.Management.Automation;
using ProdOps.Cmdlets.Completers;
using ProdOps.Servers;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Inventory;

namespace ProdOps.Cmdlets.Schedules;

/// <summary>Stops schedules that ProdOps registered and takes them off their servers.</summary>
[Cmdlet(VerbsLifecycle.Unregister, "ProdOpsSchedule", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(void))]
public sealed class UnregisterProdOpsSchedule : ScheduleCmdlet
{
    // What came down the pipeline: the names that were given together with these servers.
    private readonly List<(string[] Servers, string[] Names)> _wishes = [];

    /// <summary>Names or wildcards.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true, HelpMessage = "Names or wildcards.")]
    [ArgumentCompleter(typeof(ScheduleNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        _wishes.Add(([.. (Server ?? []).Select(server => server.Text)], Name));
        return base.ProcessAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override Task EndAsync(CancellationToken cancellationToken) => ForEachServerAsync(RemoveAsync, cancellationToken);

    private async Task RemoveAsync(Server server, IServerShell shell, CancellationToken cancellationToken)
    {
        var schedules = await OpenSchedulesAsync(shell, cancellationToken);
        var all = await schedules.ListAsync(cancellationToken);
        string[] names = NamesFor(server);
        foreach (string name in names.Where(name => !NamePattern.HasWildcards(name) && !all.Any(schedule => NamePattern.IsMatch(name, schedule.Name))))
            await WriteErrorAsync(ServersErrors.ScheduleNotFound(server.Name, name));
        foreach (var schedule in all.Where(schedule => names.Any(name => NamePattern.IsMatch(name, schedule.Name))))
        {
            if (await ShouldProcessAsync($"{schedule.Name} on {server.Name}", "Unregister the schedule")) await schedules.RemoveAsync(schedule, cancellationToken);
        }
    }

    /// <summary>A schedule that was piped in names its server as it is; where servers were chosen by pattern or role, the names are meant for all of them.</summary>
    private string[] NamesFor(Server server)
    {
        var exact = _wishes.Where(wish => wish.Servers.Contains(server.Name, StringComparer.OrdinalIgnoreCase)).ToList();
        return [.. (exact.Count > 0 ? exact : _wishes).SelectMany(wish => wish.Names).Distinct(StringComparer.OrdinalIgnoreCase)];
    }
}
