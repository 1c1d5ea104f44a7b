using ProdOps.Servers.Commands;

namespace ProdOps.Servers.Schedules;

/// <summary>What systemd's and cron's schedules share: they are files of a server that a POSIX shell looks after.</summary>
internal abstract class PosixScheduler(ScheduleHost host, ServerFiles files) : IScheduler
{
    public abstract ScheduleSystem System { get; }

    public string? Runner => Host.Runner;

    public string Description => $"schedules of {(Host.IsRoot ? "the system" : Host.User)} are kept by {(Host.UsesSystemd ? $"systemd {Host.Systemd}" : "cron")}";

    protected ScheduleHost Host { get; } = host;

    protected ServerFiles Files { get; } = files;

    public async Task CheckAsync(ScheduleDefinition definition, CancellationToken cancellationToken)
    {
        await CheckUserAsync(definition, cancellationToken).ConfigureAwait(false);
        await CheckScriptAsync(definition, cancellationToken).ConfigureAwait(false);
    }

    public abstract Task<IReadOnlyList<PlannedFile>> PlanAsync(ScheduleDefinition definition, string runner, CancellationToken cancellationToken);

    public abstract Task ApplyAsync(ScheduleDefinition definition, IReadOnlyList<PlannedFile> planned, CancellationToken cancellationToken);

    public abstract Task<IReadOnlyList<ProdOpsSchedule>> ListAsync(CancellationToken cancellationToken);

    public abstract Task RemoveAsync(ProdOpsSchedule schedule, CancellationToken cancellationToken);

    /// <summary>What a program complained of, short enough for a message.</summary>
    internal static string OneLine(string text, string otherwise)
    {
        string line = string.Join("; ", text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Take(3));
        return string.Concat((line.Length == 0 ? otherwise : line).Select(c => char.IsControl(c) ? ' ' : c));
    }

    /// <summary>A file as it is to be and as it is. One that carries no definition is somebody else's.</summary>
    protected async Task<PlannedFile> PlanFileAsync(string path, string text, CancellationToken cancellationToken)
    {
        string? current = await Files.ReadAsync(path, cancellationToken).ConfigureAwait(false);
        if (current is not null && ScheduleDefinition.Find(current) is null) throw ServersErrors.ScheduleNotOurs(Host.Server, path[(path.LastIndexOf('/') + 1)..], path);
        return new PlannedFile(path, text, current);
    }

    private async Task CheckUserAsync(ScheduleDefinition definition, CancellationToken cancellationToken)
    {
        if (definition.User is not { } user || user == Host.User) return;
        if (!Host.IsRoot) throw ServersErrors.ScheduleUserInvalid(Host.Server, user, $"it is registered by {Host.User}");
        // A name that begins with a dash would be an option of id; cron splits its lines at white space.
        bool plain = user.Length > 0 && user[0] != '-' && user.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '$' or '@');
        if (!plain || !(await Files.RunAsync($"id -u {ShellQuote.Word(user)} >/dev/null 2>&1", cancellationToken).ConfigureAwait(false)).Exit.Succeeded)
            throw ServersErrors.ScheduleUserInvalid(Host.Server, user, "there is no such account");
    }

    private async Task CheckScriptAsync(ScheduleDefinition definition, CancellationToken cancellationToken)
    {
        if (definition.FilePath is not { } path) return;
        if (!path.StartsWith('/')) throw ServersErrors.ScheduleTextInvalid(definition.Name, $"'{path}' is not a full path on server '{Host.Server}'");
        var output = await Files.RunAsync($"[ -f {ShellQuote.Word(path)} ] && [ -r {ShellQuote.Word(path)} ]", cancellationToken).ConfigureAwait(false);
        if (!output.Exit.Succeeded) throw ServersErrors.ScheduleScriptMissing(Host.Server, path);
    }
}
