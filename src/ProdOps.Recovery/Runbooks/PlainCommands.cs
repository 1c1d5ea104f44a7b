using System.Globalization;
using System.Text;
using ProdOps.Backup.Sets;
using ProdOps.LoadBalancing.Rendering;
using ProdOps.Recovery.Execution.Steps;
using ProdOps.Recovery.Plans;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Databases;

namespace ProdOps.Recovery.Runbooks;

/// <summary>
/// What a step comes to by hand: commands for a shell, with restic, ssh and the database's own clients alone. They are made of the same step that Restore-Server carries out.
/// </summary>
internal sealed class PlainCommands(RecoveryPlan plan, ProdOpsEnvironment environment, string host)
{
    private const int MostBytes = 256 * 1024;

    /// <summary>The commands of a step; those for the machine at hand send what they read to the server by ssh.</summary>
    public PlainStep Of(RecoveryStep step) => step.Kind switch
    {
        RecoveryStepKind.Package => OnServer(step, Packages.Install(step.Packages)),
        RecoveryStepKind.File => Files(step, ""),
        RecoveryStepKind.Repository => Files(step, Packages.Refresh),
        RecoveryStepKind.Directory => OnServer(step, string.Concat(step.Directories.Select(folder => $"mkdir -p -m 0755 -- {Word(folder.Path)}\n{Rights(folder.Path, folder.Mode, folder.Owner, folder.Group)}"))),
        RecoveryStepKind.Group => OnServer(step, string.Concat(step.Groups.Select(group => $"getent group {Word(group.Name)} >/dev/null || groupadd {(group.System ? "-r " : "")}{(group.Id is { } id ? $"-g {id.ToString(CultureInfo.InvariantCulture)} " : "")}{Word(group.Name)}\n"))),
        RecoveryStepKind.User => Users(step),
        RecoveryStepKind.Service => OnServer(step, Service(step)),
        RecoveryStepKind.Command => Command(step),
        RecoveryStepKind.Sql => OnServer(step, step.Unless is { } query ? $"if [ -z \"$({SqlWork.Script(step, query, "-A -t").TrimEnd('\n')}\n)\" ]; then\n{SqlWork.Script(step, step.Text, "-1")}fi\n" : SqlWork.Script(step, step.Text, "-1")),
        RecoveryStepKind.Restore => Restore(step),
        RecoveryStepKind.Database => Database(step),
        RecoveryStepKind.Wait => step.Duration is { } wait ? Here($"sleep {Math.Ceiling(wait.TotalSeconds).ToString("0", CultureInfo.InvariantCulture)}\n") : new PlainStep(PlainPlace.Person, "", "Wait until the checks below pass."),
        RecoveryStepKind.Verify => new PlainStep(PlainPlace.Person, "", "The checks below must pass."),
        RecoveryStepKind.Manual => new PlainStep(PlainPlace.Person, "", step.Who.Length > 0 ? $"{step.Who}: {step.Text}" : step.Text),
        RecoveryStepKind.Plan => new PlainStep(PlainPlace.Person, "", $"Carry out the runbook of the plan {step.Plan} first."),
        RecoveryStepKind.LoadBalancer => Pool(step),
        RecoveryStepKind.Publish => Publication(step),
        _ => new PlainStep(PlainPlace.Person, "", $"Move the address of the load balancer {step.LoadBalancer} to {(step.On.Length > 0 ? step.On : plan.Server)}, at its provider, or by stopping keepalived on the other balancer."),
    };

    /// <summary>How a check is made by hand.</summary>
    public PlainStep Check(HealthCheckDefinition check, RecoveryStep step)
    {
        string target = check.Target.Replace("{server}", host, StringComparison.Ordinal);
        return check.Kind switch
        {
            HealthCheckKind.Script => OnServer(step, check.Target.TrimEnd('\n') + "\n"),
            HealthCheckKind.Http => Here($"curl -sS -f -o /dev/null {(check.Method != "GET" ? $"-X {Word(check.Method)} " : "")}{Word(target)}\n"),
            HealthCheckKind.Tcp => Here(target.LastIndexOf(':') is > 0 and var colon ? Connects(target[..colon].Trim('[', ']'), target[(colon + 1)..]) : Connects(host, target)),
            HealthCheckKind.Ping => Here($"ping -c 1 {Word(target.Length > 0 ? target : host)}\n"),
            HealthCheckKind.PostgreSql => OnServer(step, SqlWork.Script(step with { Engine = RecoveryDatabaseEngine.PostgreSql, Database = target.Length > 0 ? target : "postgres" }, check.Send ?? "select 1", "-A -t")) with { Note = check.Expect is { } answer ? $"It must answer {answer}." : "" },
            HealthCheckKind.MariaDb => OnServer(step, SqlWork.Script(step with { Engine = RecoveryDatabaseEngine.MariaDb, Database = target.Length > 0 ? target : "mysql" }, check.Send ?? "select 1", "")) with { Note = check.Expect is { } answer ? $"It must answer {answer}." : "" },
            _ => new PlainStep(PlainPlace.Person, "", $"See that it is well: {check.Kind} {target}"),
        };
    }

    public PlainStep? Undo(RecoveryStep step) => step.Undo is { } undo ? OnServer(step, undo.TrimEnd('\n') + "\n") : null;

    private static PlainStep OnServer(RecoveryStep step, string commands) =>
        new(step.On.Equals("localhost", StringComparison.OrdinalIgnoreCase) ? PlainPlace.Here : PlainPlace.Server, commands, "") { Server = step.On };

    /// <summary>Whichever of the two is there.</summary>
    private static string Connects(string host, string port) => $"nc -z -w 5 {Word(host)} {Word(port)} 2>/dev/null || bash -c ': >\"/dev/tcp/$1/$2\"' bash {Word(host)} {Word(port)}\n";

    private static PlainStep Here(string commands) => new(PlainPlace.Here, commands, "");

    private PlainStep Files(RecoveryStep step, string after)
    {
        var text = new StringBuilder();
        var notes = new List<string>();
        foreach (var file in step.Files)
        {
            text.Append(CultureInfo.InvariantCulture, $"mkdir -p -- {Word(Path.GetDirectoryName(file.Path) ?? "/")}\n");
            if (file.Link is { } target) text.Append(CultureInfo.InvariantCulture, $"ln -sfn -- {Word(target)} {Word(file.Path)}\n");
            else if (file.Secret is { } secret)
            {
                text.Append(CultureInfo.InvariantCulture, $"install -m 0600 /dev/null {Word(file.Path)}\n");
                notes.Add($"Then put into {file.Path} what {secret} of the admin machine holds: it is a secret and not in this text.");
            }
            else text.Append(Content(file));
            if (file.Link is null) text.Append(Rights(file.Path, file.Mode, file.Owner, file.Group));
        }

        return OnServer(step, text.Append(after).ToString()) with { Note = string.Join(' ', notes) };
    }

    private string Content(RecoveryFile file)
    {
        byte[] bytes;
        try
        {
            bytes = file.Source is null ? Encoding.UTF8.GetBytes(file.Content ?? "") : File.ReadAllBytes(PlanFiles.SourceOf(plan, file));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw RecoveryErrors.RunbookSourceUnreadable(plan.Name, file.Source!, error);
        }

        if (bytes.Length > MostBytes) return $": copy {Word(PlanFiles.SourceOf(plan, file))} of the admin machine to {Word(file.Path)}\n";
        string text = Encoding.UTF8.GetString(bytes);
        bool isText = Encoding.UTF8.GetBytes(text).AsSpan().SequenceEqual(bytes) && !text.Any(static c => char.IsControl(c) && c is not ('\n' or '\t'));
        if (isText && text.EndsWith('\n')) return $"cat >{Word(file.Path)} <<'{Mark(text)}'\n{text}{Mark(text)}\n";
        return isText ? $"printf %s {Word(text)} >{Word(file.Path)}\n" : $"base64 -d >{Word(file.Path)} <<'END'\n{Convert.ToBase64String(bytes, Base64FormattingOptions.InsertLineBreaks).ReplaceLineEndings("\n")}\nEND\n";
    }

    private static PlainStep Users(RecoveryStep step)
    {
        var text = new StringBuilder();
        var notes = new List<string>();
        foreach (var user in step.Users)
        {
            string options = string.Concat(new[]
            {
                user.System ? " -r" : " -m", user.Id is { } id ? $" -u {id.ToString(CultureInfo.InvariantCulture)}" : "", user.Group is { } group ? $" -g {Word(group)}" : "",
                user.Home is { } home ? $" -d {Word(home)}" : "", user.Shell is { } shell ? $" -s {Word(shell)}" : "", user.Comment is { } comment ? $" -c {Word(comment)}" : "",
            });
            text.Append(CultureInfo.InvariantCulture, $"getent passwd {Word(user.Name)} >/dev/null || useradd{options} {Word(user.Name)}\n");
            foreach (string more in user.Groups) text.Append(CultureInfo.InvariantCulture, $"usermod -a -G {Word(more)} {Word(user.Name)}\n");
            if (user.AuthorizedKeys.Count > 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"h=$(getent passwd {Word(user.Name)} | cut -d: -f6); mkdir -p -m 0700 \"$h/.ssh\"\n");
                foreach (string key in user.AuthorizedKeys) text.Append(CultureInfo.InvariantCulture, $"grep -qxF -- {Word(key)} \"$h/.ssh/authorized_keys\" 2>/dev/null || printf '%s\\n' {Word(key)} >>\"$h/.ssh/authorized_keys\"\n");
                text.Append(CultureInfo.InvariantCulture, $"chmod 0600 \"$h/.ssh/authorized_keys\"; chown -R {Word(user.Name)}: \"$h/.ssh\"\n");
            }

            if (user.PasswordHash is { } hash) notes.Add($"The hash of {user.Name}'s password is what {hash} of the admin machine holds: usermod -p.");
        }

        return OnServer(step, text.ToString()) with { Note = string.Join(' ', notes) };
    }

    private static string Service(RecoveryStep step)
    {
        string units = ShellQuote.Words(step.Services);
        // Looked at first, as Restore-Server does: enabling once more what is so already can change links of SysV's.
        string enable = step.Enabled switch
        {
            true => $"for unit in {units}; do systemctl is-enabled -q -- \"$unit\" || systemctl enable -- \"$unit\"; done\n",
            false => $"for unit in {units}; do ! systemctl is-enabled -q -- \"$unit\" || systemctl disable -- \"$unit\"; done\n",
            null => "",
        };
        return "systemctl daemon-reload\n" + enable + (step.State == RecoveryServiceState.Stopped ? $"systemctl stop -- {units}\n" : step.RestartAfter.Count > 0 ? $"systemctl restart -- {units}\n" : $"systemctl start -- {units}\n");
    }

    private static PlainStep Command(RecoveryStep step)
    {
        string text = step.Text.TrimEnd('\n') + "\n";
        if (step.OnlyIf is { } onlyIf) text = $"if (\n{onlyIf}\n); then\n{text}fi\n";
        if (step.Unless is { } unless) text = $"if ! (\n{unless}\n); then\n{text}fi\n";
        string note = step.Secrets.Count == 0 ? "" : "First set and export " + string.Join(", ", step.Secrets.OrderBy(secret => secret.Key, StringComparer.Ordinal).Select(secret => $"{secret.Key} (what {secret.Value} of the admin machine holds)")) + ".";
        return OnServer(step, text) with { Note = note };
    }

    private PlainStep Restore(RecoveryStep step)
    {
        string tags = Tags(step);
        string to = step.To.TrimEnd('/') is { Length: > 0 } folder ? folder : "/";
        // A single file restic writes as it is, without its owner and mode, and a folder without its own: of a folder above, tar picks them out by the names that restic gives them.
        string[] members = step.Paths.Contains("/") ? [] : [.. step.Paths.Select(path => path.Trim('/'))];
        return Here(Repository(step) + $"restic dump{tags} --archive tar {Word(step.Snapshot)} {Word(Above(members))} | {Ssh(step)} {Word($"tar -C {Word(to)} -xpf -{string.Concat(members.Select(member => " " + Word(member)))}")}\n") with { Note = Note(step) };
    }

    /// <summary>The deepest folder that all of these lie below.</summary>
    private static string Above(IReadOnlyList<string> members)
    {
        string[][] folders = [.. members.Select(member => member.Split('/')[..^1])];
        int depth = 0;
        while (folders.Length > 0 && folders.All(folder => folder.Length > depth && folder[depth] == folders[0][depth])) depth++;
        return "/" + string.Join('/', folders.Length > 0 ? folders[0][..depth] : []);
    }

    private PlainStep Database(RecoveryStep step)
    {
        string name = step.FromDatabase.Length > 0 ? step.FromDatabase : step.Database, dump = $"restic dump{Tags(step)} {Word(step.Snapshot)}";
        string owner = ClientScript.AsOwner(step.Engine == RecoveryDatabaseEngine.PostgreSql ? "postgres" : "root", wanted: true);
        string commands = step.Engine == RecoveryDatabaseEngine.PostgreSql
            ? $"{dump} /postgresql/globals.sql | {Ssh(step)} {Word(owner + "as_owner psql -X -q -d postgres")}\n"
                + $"{dump} {Word($"/postgresql/{ProdOps.Backup.Databases.DumpName.PathPart(name)}.dump")} | {Ssh(step)} {Word(owner + Load(step.Database, name))}\n"
            : $"{dump} {Word($"/mariadb/{ProdOps.Backup.Databases.DumpName.PathPart(name)}.sql")} | {Ssh(step)} {Word($"mariadb -e {Word($"CREATE DATABASE `{step.Database.Replace("`", "``", StringComparison.Ordinal)}`")} && mariadb -D {Word(step.Database)}")}\n";
        return Here(Repository(step) + commands) with { Note = Note(step) + (step.Engine == RecoveryDatabaseEngine.PostgreSql ? " Roles that are there already are told of as errors, which is in order." : "") };
    }

    /// <summary>Under its own name the dump itself makes the database, with its owner and settings.</summary>
    private static string Load(string database, string dumped) => database == dumped ? "as_owner pg_restore --create --exit-on-error -d postgres"
        : $"as_owner createdb -- {Word(database)} && as_owner pg_restore --exit-on-error -d {Word(PostgreSqlClient.Connection(database))}";

    private PlainStep Pool(RecoveryStep step)
    {
        var entry = environment.LoadBalancers.FirstOrDefault(entry => entry.Name.Equals(step.LoadBalancer, StringComparison.OrdinalIgnoreCase));
        string server = step.On.Length > 0 ? step.On : plan.Server;
        string state = step.Action == RecoveryPoolAction.Enable ? "ready" : "maint";
        return new PlainStep(PlainPlace.Person, "", entry is null ? $"See to it that {server} is {state} in the load balancer {step.LoadBalancer}."
            : $"On each of {string.Join(", ", entry.Servers)}: echo \"set server {ProdOps.LoadBalancing.Operating.DefinitionExtensions.PoolName(entry)}/{server} state {state}\" | socat stdio /run/haproxy/admin.sock");
    }

    /// <summary>The configuration as it would be published now. keepalived's says how the server is connected, which only a look at it tells.</summary>
    private PlainStep Publication(RecoveryStep step)
    {
        string balancer = step.On.Length > 0 ? step.On : plan.Server;
        BalancerSite site;
        try
        {
            site = Publications.SiteOf(environment, step.LoadBalancer, balancer);
        }
        catch (ProdOpsException error)
        {
            return new PlainStep(PlainPlace.Person, "", $"{balancer} must serve by what the environment says of the load balancer {step.LoadBalancer}. {error.Message}");
        }

        bool isHAProxy = site.Kind == LoadBalancerKind.HAProxy;
        var file = RenderedFile.Stamp([isHAProxy ? HAProxyRenderer.Render(site) : NginxRenderer.Render(site)]).Files[0];
        string unit = isHAProxy ? "haproxy" : "nginx", mark = Mark(file.Text), end = file.Text.EndsWith('\n') ? "" : "\n";
        string commands = $"mkdir -p -- {Word(Path.GetDirectoryName(file.Path) ?? "/")}\ncat >{Word(file.Path)} <<'{mark}'\n{file.Text}{end}{mark}\n{(isHAProxy ? $"haproxy -c -f {Word(file.Path)}" : "nginx -t")} && systemctl reload-or-restart {unit}\n";
        string[] pairs = [.. site.Entries.Where(entry => entry.VirtualAddress is not null).Select(entry => $"{entry.VirtualAddress} of {string.Join(" and ", entry.Servers)}")];
        return OnServer(step, commands) with
        {
            Note = pairs.Length == 0 ? "" : $"keepalived moves {string.Join(", ", pairs)}: take {KeepalivedRenderer.ConfigurationPath} and {KeepalivedRenderer.ScriptPath} from the other balancer, write this server's own address for unicast_src_ip and the other's for unicast_peer, then systemctl restart keepalived.",
        };
    }

    private EnvironmentRepository? RepositoryOf(RecoveryStep step)
    {
        string? name = environment.Backups.FirstOrDefault(set => set.Name.Equals(step.Set, StringComparison.OrdinalIgnoreCase))?.Repository;
        return environment.Repositories.FirstOrDefault(repository => repository.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
    }

    private string Repository(RecoveryStep step) => RepositoryOf(step) is { } repository ? new ResticVariables(repository).Commands : "";

    private string Tags(RecoveryStep step) => step.Snapshot.StartsWith("latest", StringComparison.OrdinalIgnoreCase) ? $" --tag {Word($"{SetSeries.SetTag}{step.Set},{SetSeries.ServerTag}{(step.From.Length > 0 ? step.From : plan.Server)}")}" : "";

    private string Note(RecoveryStep step)
    {
        var copies = environment.Backups.FirstOrDefault(set => set.Name.Equals(step.Set, StringComparison.OrdinalIgnoreCase))?.CopyTo ?? [];
        string[] notes =
        [
            RepositoryOf(step) is { } repository ? new ResticVariables(repository).Missing : "",
            step.Before is { } before ? $"Take the newest snapshot from before {before.ToUniversalTime():u} (restic snapshots) in the place of latest." : "",
            copies.Count == 0 ? "" : "Where that repository is lost: " + string.Join(", ", copies.Select(name => environment.Repositories.FirstOrDefault(one => one.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } copy ? copy.Url ?? copy.Path : name)) + " has the same.",
        ];
        return string.Join(' ', notes.Where(static note => note.Length > 0));
    }

    private string Ssh(RecoveryStep step)
    {
        string address = step.On.Length == 0 ? host : environment.Servers.FirstOrDefault(server => server.Name.Equals(step.On, StringComparison.OrdinalIgnoreCase))?.Address ?? step.On;
        return $"ssh {Word("root@" + address)}";
    }

    private static string Rights(string path, string? mode, string? owner, string? group) =>
        (owner is null ? "" : $"chown -- {Word(owner)} {Word(path)}\n") + (group is null ? "" : $"chgrp -- {Word(group)} {Word(path)}\n") + (mode is null ? "" : $"chmod {mode} -- {Word(path)}\n");

    private static string Mark(string text)
    {
        string mark = "END";
        while (text.Split('\n').Contains(mark)) mark += "_";
        return mark;
    }

    private static string Word(string text) => ShellQuote.Word(text);
}

/// <summary>What a person does for a step.</summary>
/// <param name="Place">Where.</param>
/// <param name="Commands">Commands for a shell, with a line end; empty where there are none.</param>
/// <param name="Note">What is to be known, or done by other means.</param>
internal sealed record PlainStep(PlainPlace Place, string Commands, string Note)
{
    /// <summary>Another server than the target.</summary>
    public string Server { get; init; } = "";
}

internal enum PlainPlace
{
    /// <summary>As root on the server.</summary>
    Server,

    /// <summary>On the machine at hand, which reaches the repositories and the server.</summary>
    Here,

    /// <summary>Nothing for a shell.</summary>
    Person,
}
