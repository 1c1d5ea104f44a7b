using ProdOps.Servers.Commands;

namespace ProdOps.Servers.Schedules;

/// <summary>Schedules as systemd timers: the system's for root, the user's own otherwise.</summary>
internal sealed class SystemdScheduler(ScheduleHost host, ServerFiles files, IActivity activity) : PosixScheduler(host, files)
{
    private readonly string _folder = host.IsRoot ? "/etc/systemd/system" : $"{host.Config}/systemd/user";

    // Without XDG_RUNTIME_DIR a login by SSH does not find the user's manager.
    private readonly string _control = host.IsRoot
        ? "LC_ALL=C SYSTEMD_COLORS=0 systemctl --no-pager"
        : "XDG_RUNTIME_DIR=\"${XDG_RUNTIME_DIR:-/run/user/$(id -u)}\" LC_ALL=C SYSTEMD_COLORS=0 systemctl --no-pager --user";

    public override ScheduleSystem System => ScheduleSystem.Systemd;

    public override async Task<IReadOnlyList<PlannedFile>> PlanAsync(ScheduleDefinition definition, string runner, CancellationToken cancellationToken)
    {
        await CheckCalendarsAsync(definition, cancellationToken).ConfigureAwait(false);
        string text = SystemdUnits.Service(definition, runner, Host.IsRoot ? definition.User ?? "root" : null);
        var service = await PlanFileAsync(ServicePath(definition.Name), text, cancellationToken).ConfigureAwait(false);
        // Units of the other kind would go on beside the new one: the timer starts the service still, or the service comes up with the machine.
        if (definition.Always)
            return await Files.ReadAsync(TimerPath(definition.Name), cancellationToken).ConfigureAwait(false) is null ? [service] : throw ServersErrors.ScheduleKindDiffers(Host.Server, definition.Name, "runs at certain times");
        if (service.Current is { } current && ScheduleDefinition.Find(current) is { Always: true }) throw ServersErrors.ScheduleKindDiffers(Host.Server, definition.Name, "is a service, which runs always");
        return [service, await PlanFileAsync(TimerPath(definition.Name), SystemdUnits.Timer(definition), cancellationToken).ConfigureAwait(false)];
    }

    public override async Task ApplyAsync(ScheduleDefinition definition, IReadOnlyList<PlannedFile> planned, CancellationToken cancellationToken)
    {
        string unit = Unit(definition);
        await VerifyAsync(definition, planned, cancellationToken).ConfigureAwait(false);
        bool timerChanged = planned.Any(file => file.IsChanged && file.Path == TimerPath(definition.Name));
        // A changed timer must not make up for a time of its new calendar that has passed already, so it forgets when it last ran.
        string start = definition.Always ? Start(unit)
            : timerChanged ? $"{_control} stop {unit} 2>/dev/null; {Forget(definition.Name)}; {_control} enable --now {unit}" : $"{_control} enable --now {unit}";
        try
        {
            foreach (var file in planned.Where(file => file.IsChanged)) await Files.WriteAsync(file.Path, file.Text, file.Mode, cancellationToken).ConfigureAwait(false);
            var output = await Files.RunAsync($"{_control} daemon-reload && {{ {start}; }} && {_control} is-active --quiet {unit}", cancellationToken).ConfigureAwait(false);
            if (!output.Exit.Succeeded) throw ServersErrors.ScheduleRefused(Host.Server, definition.Name, OneLine(output.ErrorText, definition.Always ? "the service does not start" : "the timer does not start"));
        }
        catch
        {
            await PutBackAsync(unit, planned).ConfigureAwait(false);
            throw;
        }

        if (!Host.IsRoot && !Host.Lingers)
            activity.Warning($"On server '{Host.Server}' the schedule '{definition.Name}' runs only while {Host.User} is logged in. 'loginctl enable-linger' there makes it run always.");
    }

    public override async Task<IReadOnlyList<ProdOpsSchedule>> ListAsync(CancellationToken cancellationToken)
    {
        var output = await Files.RunAsync(SystemdState.Probe(ShellQuote.Word(_folder), !Host.IsRoot), cancellationToken).ConfigureAwait(false);
        string user = Host.IsRoot ? "root" : Host.User;
        return [.. SystemdState.Parse(output.EnsureSuccess().Text).Select(state => state.ToModel(Host.Server, Host.Scope, user) with { Files = FilesOf(state.Definition) })];
    }

    public override async Task RemoveAsync(ProdOpsSchedule schedule, CancellationToken cancellationToken)
    {
        string unit = SystemdUnits.UnitName(schedule.Name);
        (await Files.RunAsync($"{_control} disable --now {unit}.{(schedule.Files.Count == 1 ? "service" : "timer")}; {_control} stop {unit}.service; true", cancellationToken).ConfigureAwait(false)).EnsureSuccess();
        await Files.RemoveAsync(schedule.Files, cancellationToken).ConfigureAwait(false);
        (await Files.RunAsync($"{_control} daemon-reload; {_control} reset-failed {unit}.service 2>/dev/null; {Forget(schedule.Name)}", cancellationToken).ConfigureAwait(false)).EnsureSuccess();
    }

    private static string Unit(ScheduleDefinition definition) => $"{SystemdUnits.UnitName(definition.Name)}.{(definition.Always ? "service" : "timer")}";

    private string[] FilesOf(ScheduleDefinition definition) => definition.Always ? [ServicePath(definition.Name)] : [ServicePath(definition.Name), TimerPath(definition.Name)];

    /// <summary>Starts a service and waits until it is ready. What it says when it fails tells more than what systemd says of it; what it said at an earlier start does not count.</summary>
    private string Start(string unit) =>
        $"s=$(date +%s); {_control} enable --quiet {unit} && {{ {_control} restart {unit} 2>/dev/null || {{ journalctl -q --no-pager -o cat -n 12 --since \"@$s\" {(Host.IsRoot ? "-u" : "--user-unit")} {unit} _TRANSPORT=stdout >&2; false; }}; }}";

    private string ServicePath(string name) => $"{_folder}/{SystemdUnits.UnitName(name)}.service";

    private string TimerPath(string name) => $"{_folder}/{SystemdUnits.UnitName(name)}.timer";

    private string Forget(string name)
    {
        string stamp = $"stamp-{SystemdUnits.UnitName(name)}.timer";
        return Host.IsRoot ? $"rm -f /var/lib/systemd/timers/{stamp}" : $"rm -f \"${{XDG_DATA_HOME:-$HOME/.local/share}}/systemd/timers/{stamp}\"";
    }

    private async Task CheckCalendarsAsync(ScheduleDefinition definition, CancellationToken cancellationToken)
    {
        foreach (string calendar in SystemdUnits.Calendars(definition))
        {
            var output = await Files.RunAsync($"command -v systemd-analyze >/dev/null 2>&1 || exit 0; LC_ALL=C systemd-analyze calendar -- {ShellQuote.Word(calendar)}", cancellationToken).ConfigureAwait(false);
            if (!output.Exit.Succeeded) throw ServersErrors.CalendarInvalid(Host.Server, calendar, OneLine(output.ErrorText, "it is not understood"));
            if (output.Lines.Any(line => line.Trim() == "Next elapse: never")) throw ServersErrors.ScheduleNeverRuns(definition.Name, calendar);
        }
    }

    /// <summary>Has systemd read the files before they are in their place. What it says of other units is not this schedule's affair.</summary>
    private async Task VerifyAsync(ScheduleDefinition definition, IReadOnlyList<PlannedFile> planned, CancellationToken cancellationToken)
    {
        string folder = (await Files.RunAsync("mktemp -d", cancellationToken).ConfigureAwait(false)).EnsureSuccess().Text.Trim();
        try
        {
            string[] copies = [.. planned.Select(file => $"{folder}{file.Path[file.Path.LastIndexOf('/')..]}")];
            for (int i = 0; i < copies.Length; i++) await Files.WriteAsync(copies[i], planned[i].Text, planned[i].Mode, cancellationToken).ConfigureAwait(false);
            string options = $"--man=no{(Host.Systemd >= 250 ? " --recursive-errors=no" : "")}{(Host.IsRoot ? "" : " --user")}";
            var output = await Files.RunAsync($"command -v systemd-analyze >/dev/null 2>&1 || exit 0; LC_ALL=C SYSTEMD_COLORS=0 systemd-analyze verify {options} {ShellQuote.Words(copies)}", cancellationToken).ConfigureAwait(false);
            string unit = SystemdUnits.UnitName(definition.Name);
            string complaint = string.Join('\n', output.ErrorText.Split('\n').Where(line => line.Contains($"{unit}.", StringComparison.Ordinal)));
            if (complaint.Length > 0) throw ServersErrors.ScheduleRefused(Host.Server, definition.Name, OneLine(complaint, ""));
        }
        finally
        {
            await Files.RemoveAsync([folder], CancellationToken.None).ConfigureAwait(false);
        }
    }

    private async Task PutBackAsync(string unit, IReadOnlyList<PlannedFile> planned)
    {
        bool existed = planned.All(file => file.Current is not null);
        try
        {
            if (!existed) await Files.RunAsync($"{_control} disable --now {unit}", CancellationToken.None).ConfigureAwait(false);
            foreach (var file in planned.Where(file => file.IsChanged))
            {
                if (file.Current is null) await Files.RemoveAsync([file.Path], CancellationToken.None).ConfigureAwait(false);
                else await Files.WriteAsync(file.Path, file.Current, file.Mode, CancellationToken.None).ConfigureAwait(false);
            }

            await Files.RunAsync($"{_control} daemon-reload{(existed ? $"; {_control} enable --now {unit}" : "")}", CancellationToken.None).ConfigureAwait(false);
        }
        catch (ProdOpsException exception)
        {
            activity.Warning($"On server '{Host.Server}' what was there before could not be put back: {exception.Message}");
        }
    }
}
