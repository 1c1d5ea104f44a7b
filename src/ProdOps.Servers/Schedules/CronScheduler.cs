using System.Text;
using ProdOps.Servers.Commands;

namespace ProdOps.Servers.Schedules;

/// <summary>Schedules as cron jobs: files of /etc/cron.d for root, where cron reads them, lines of a crontab otherwise.</summary>
internal sealed class CronScheduler(ScheduleHost host, ServerFiles files, IActivity activity, TimeProvider time) : PosixScheduler(host, files)
{
    // cron's, cronie's and dcron's, fcron's, BusyBox's.
    private static readonly string[] MeansNone = ["no crontab", "no fcrontab", "No such file or directory"];

    private readonly string _scripts = host.IsRoot ? "/etc/prodops/schedules" : $"{host.Config}/prodops/schedules";
    private readonly string _state = host.IsRoot ? "/var/lib/prodops/schedules" : $"{host.State}/prodops/schedules";

    public override ScheduleSystem System => ScheduleSystem.Cron;

    private bool UsesFolder => Host.IsRoot && Host.HasCronFolder;

    public override async Task<IReadOnlyList<PlannedFile>> PlanAsync(ScheduleDefinition definition, string runner, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        foreach (string when in CronJob.Times(definition, Host.Server))
            if (CronState.Next(when, now, Host.Zone) is null) throw ServersErrors.ScheduleNeverRuns(definition.Name, when);
        string script = ScriptPath(definition.Name);
        string user = definition.User ?? Host.User;
        var job = await PlanFileAsync(script, CronJob.Script(definition, runner, $"{_state}/{definition.Name}"), cancellationToken).ConfigureAwait(false);
        return [job with { Mode = "0755" }, await PlanTimesAsync(definition, user, script, cancellationToken).ConfigureAwait(false)];
    }

    public override async Task ApplyAsync(ScheduleDefinition definition, IReadOnlyList<PlannedFile> planned, CancellationToken cancellationToken)
    {
        var check = await Files.RunAsync("exec sh -n", cancellationToken, planned[0].Text).ConfigureAwait(false);
        if (!check.Exit.Succeeded) throw ServersErrors.ScheduleRefused(Host.Server, definition.Name, OneLine(check.ErrorText, "the shell does not read its script"));
        try
        {
            string folder = ShellQuote.Word($"{_state}/{definition.Name}");
            string owner = Host.IsRoot && definition.User is { } user ? $" && chown {ShellQuote.Word(user)} {folder}" : "";
            (await Files.RunAsync($"umask 022; mkdir -p {folder}{owner}", cancellationToken).ConfigureAwait(false)).EnsureSuccess();
            foreach (var file in planned.Where(file => file.IsChanged)) await WriteAsync(definition.Name, file, file.Text, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await PutBackAsync(definition.Name, planned).ConfigureAwait(false);
            throw;
        }

        if (!Host.CronRuns) activity.Warning($"No cron daemon seems to run on server '{Host.Server}': the schedule '{definition.Name}' waits for one.");
    }

    public override async Task<IReadOnlyList<ProdOpsSchedule>> ListAsync(CancellationToken cancellationToken)
    {
        var output = await Files.RunAsync(CronState.Probe(ShellQuote.Word(_scripts), ShellQuote.Word(_state)), cancellationToken).ConfigureAwait(false);
        return
        [
            .. CronState.Parse(output.EnsureSuccess().Text, Host, time.GetUtcNow())
                .Select(schedule => schedule with { Files = UsesFolder ? new[] { ScriptPath(schedule.Name), FolderPath(schedule.Name) } : new[] { ScriptPath(schedule.Name) } }),
        ];
    }

    public override async Task RemoveAsync(ProdOpsSchedule schedule, CancellationToken cancellationToken)
    {
        // The times go first: without them nothing starts what is about to be taken away.
        if (!UsesFolder)
        {
            string current = await ReadCrontabAsync(schedule.Name, schedule.User, cancellationToken).ConfigureAwait(false);
            await WriteCrontabAsync(schedule.Name, schedule.User, CronJob.Crontab(current, schedule.Name, null, Host.Server, ""), cancellationToken).ConfigureAwait(false);
        }

        await Files.RemoveAsync([.. schedule.Files.Reverse(), $"{_state}/{schedule.Name}"], cancellationToken).ConfigureAwait(false);
    }

    private string ScriptPath(string name) => $"{_scripts}/{name}.sh";

    private static string FolderPath(string name) => $"/etc/cron.d/{SystemdUnits.UnitName(name)}";

    private async Task<PlannedFile> PlanTimesAsync(ScheduleDefinition definition, string user, string script, CancellationToken cancellationToken)
    {
        if (UsesFolder)
            return await PlanFileAsync(FolderPath(definition.Name), CronJob.SystemFile(definition, Host.Server, user, script), cancellationToken).ConfigureAwait(false);
        string current = await ReadCrontabAsync(definition.Name, user, cancellationToken).ConfigureAwait(false);
        return new PlannedFile("", CronJob.Crontab(current, definition.Name, definition, Host.Server, script), current) { CrontabOf = user };
    }

    private Task WriteAsync(string name, PlannedFile file, string text, CancellationToken cancellationToken) => file.CrontabOf is { } user
        ? WriteCrontabAsync(name, user, text, cancellationToken)
        : Files.WriteAsync(file.Path, text, file.Mode, cancellationToken);

    private async Task<string> ReadCrontabAsync(string name, string user, CancellationToken cancellationToken)
    {
        var output = await Files.RunAsync($"LC_ALL=C crontab {Whose(user)}-l", cancellationToken).ConfigureAwait(false);
        if (output.Exit.Succeeded) return output.Text;
        // It ends with 1 for any reason. One that could not be read must not pass for an empty one: writing replaces all of it.
        bool isMissing = MeansNone.Any(text => output.ErrorText.Contains(text, StringComparison.OrdinalIgnoreCase));
        return isMissing ? "" : throw ServersErrors.ScheduleRefused(Host.Server, name, OneLine(output.ErrorText, $"the crontab of {user} cannot be read"));
    }

    private async Task WriteCrontabAsync(string name, string user, string text, CancellationToken cancellationToken)
    {
        // It would take half of it, and with the rest other jobs would be gone.
        string script = $"t=$(mktemp) && trap 'rm -f \"$t\"' EXIT && {WholeInput.Into("\"$t\"", Encoding.UTF8.GetByteCount(text))} && crontab {Whose(user)}- <\"$t\"";
        var output = await Files.RunAsync(script, cancellationToken, text).ConfigureAwait(false);
        if (!output.Exit.Succeeded) throw ServersErrors.ScheduleRefused(Host.Server, name, OneLine(output.ErrorText, "crontab refuses it"));
    }

    private string Whose(string user) => user == Host.User ? "" : $"-u {ShellQuote.Word(user)} ";

    private async Task PutBackAsync(string name, IReadOnlyList<PlannedFile> planned)
    {
        try
        {
            foreach (var file in planned.Where(file => file.IsChanged))
            {
                if (file.Current is null) await Files.RemoveAsync([file.Path], CancellationToken.None).ConfigureAwait(false);
                else await WriteAsync(name, file, file.Current, CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (ProdOpsException exception)
        {
            activity.Warning($"On server '{Host.Server}' what was there before could not be put back: {exception.Message}");
        }
    }
}
