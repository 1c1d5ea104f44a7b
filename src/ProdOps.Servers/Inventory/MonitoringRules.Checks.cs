using ProdOps.Servers.Inventory.Schema;
using ProdOps.Servers.Inventory.Sections;

namespace ProdOps.Servers.Inventory;

/// <summary>Checks, channels and routes: what is of several sorts, each with keys of its own.</summary>
internal sealed partial class MonitoringRules
{
    private HealthCheckDefinition? CheckCheck(HealthCheckEntry entry, int index)
    {
        int before = problems.Count;
        var (values, check) = entry;
        string key = $".{MonitoringSection.Checks.Name}[{index}]", what = $"The check '{check.Name}'";
        if (check.Name.Length == 0) return null;
        CheckTwice(key, "check", check.Name, values.Position);
        if (HealthRuleNames.Defaults.Contains(check.Name, StringComparer.OrdinalIgnoreCase)) Report(key, EnvironmentProblems.HealthCheckNameTaken(values.PositionOf(HealthChecksSection.Name), check.Name));
        bool one = CheckSort(key, what, values, [.. HealthChecksSection.Sorts.Select(sort => new Sort(sort.Kind.ToString(), sort.Key, sort.Uses, values.Get(sort.Key) is not null))]);
        foreach (var server in check.Server.Count > 0 ? values.Get(HealthChecksSection.Server)! : []) CheckServer($"{key}.{HealthChecksSection.Server.Name}", what, server);
        CheckRunOn($"{key}.{HealthChecksSection.RunOn.Name}", what, check.RunOn, values.PositionOf(HealthChecksSection.RunOn));
        if (!one) return null;
        CheckAddress($"{key}.{HealthChecksSection.Address.Name}", values, check);
        CheckTarget(key, what, values, check);
        return problems.Skip(before).All(problem => problem.IsWarning) ? check : null;
    }

    private void CheckTarget(string key, string what, TableValues values, HealthCheckDefinition check)
    {
        var sort = HealthChecksSection.Sorts.First(sort => sort.Kind == check.Kind);
        if (check.Kind is HealthCheckKind.Backup or HealthCheckKind.RestoreTest && environment.Backups.All(set => !set.Name.Equals(check.Target, StringComparison.OrdinalIgnoreCase)))
            Report($"{key}.{sort.Key.Name}", EnvironmentProblems.HealthBackupUnknown(values.PositionOf(sort.Key), what, check.Target, Nearest.Find(check.Target, environment.Backups.Select(set => set.Name))));
        if (check.Server.Count > 0) return;
        if (HealthCheckHosts.Of(check) is { } host) _hosts.Add(host);
        else if (check.Kind is not (HealthCheckKind.Dns or HealthCheckKind.Backup or HealthCheckKind.Log or HealthCheckKind.Drill or HealthCheckKind.RestoreTest or HealthCheckKind.Prometheus))
            Report(key, EnvironmentProblems.HealthCheckServerMissing(values.Position, what, check.Target.Length == 0 || check.Kind == HealthCheckKind.Tcp ? sort.Key.Name : ""));
    }

    private void CheckAddress(string key, TableValues values, HealthCheckDefinition check)
    {
        if (check.Address?.Replace(HealthCheckHosts.ServerPlaceholder, "server", StringComparison.Ordinal) is not { } address) return;
        bool isPath = check.Kind is HealthCheckKind.PostgreSql or HealthCheckKind.MariaDb or HealthCheckKind.HAProxy && address[0] == '/';
        bool isUrl = check.Kind == HealthCheckKind.Prometheus || (check.Kind == HealthCheckKind.HAProxy && !isPath);
        var position = values.PositionOf(HealthChecksSection.Address);
        if (SecretKeys.HasPassword(address)) Report(key, EnvironmentProblems.PasswordInUrl(position, RootSection.Monitoring.Name + key));
        else if (isUrl ? !Uri.TryCreate(address, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") : !isPath && !HostReference.IsHostOrAddress(address))
            Report(key, EnvironmentProblems.InvalidValue(position, HealthChecksSection.Address.Name, address, isUrl ? $"Write {(check.Kind == HealthCheckKind.HAProxy ? "the path of its socket, or a URL: 'http://lb1:8404/stats;csv'" : "a URL: 'http://metrics:9090'")}." : "Write a host or an address; the port has a key of its own."));
    }

    private NotificationChannel? CheckChannel(Named<NotificationChannelEntry> entry)
    {
        int before = problems.Count;
        var (values, channel) = entry.Value;
        string key = $".{MonitoringSection.Channels.Name}.{entry.Name}", what = $"The channel '{entry.Name}'";
        if (!HealthKinds.IsLabel(entry.Name)) Report(key, EnvironmentProblems.HealthNameInvalid(entry.Position, "a channel", entry.Name));
        bool one = CheckSort(key, what, values, [.. NotificationChannelsSection.Sorts.Select(sort => new Sort(sort.Kind.ToString(), sort.Key, sort.Uses, values.Get(sort.Key) is not null))]);
        if (one && channel.Kind == NotificationChannelKind.Mail)
        {
            foreach (Key needed in new Key[] { NotificationChannelsSection.From, NotificationChannelsSection.To })
                if (!IsGiven(values, needed)) Report(key, EnvironmentProblems.HealthKeyMissing(values.Position, what, needed.Name, nameof(NotificationChannelKind.Mail)));
            foreach (string address in channel.To.Append(channel.From).OfType<string>().Where(address => !address.Contains('@')))
                Report(key, EnvironmentProblems.InvalidValue(values.Position, address == channel.From ? "From" : "To", address, "Write an address of mail: 'ops@example.org'."));
        }

        if (one && channel.SigningKey is null && !IsGiven(values, NotificationChannelsSection.SigningKey)) Warn(key, values, [NotificationChannelsSection.SignatureHeader], NotificationChannelsSection.SigningKey.Name);
        return one && problems.Skip(before).All(problem => problem.IsWarning) ? channel with { Name = entry.Name } : null;
    }

    private NotificationRoute? CheckRoute(NotificationRouteEntry entry, int index)
    {
        int before = problems.Count;
        var (values, route) = entry;
        string key = $".{MonitoringSection.Notify.Name}[{index}]", what = $"The route '{route.Name}'";
        if (route.Name.Length == 0) return null;
        CheckTwice(key, "route", route.Name, values.Position);
        var channels = new List<string>();
        foreach (var channel in values.Get(NotificationRoutesSection.Channel) ?? [])
        {
            if (_channels.FirstOrDefault(name => name.Equals(channel.Value, StringComparison.OrdinalIgnoreCase)) is { } name) channels.Add(name);
            else Report($"{key}.{NotificationRoutesSection.Channel.Name}", EnvironmentProblems.NotificationChannelUnknown(channel.Position, what, channel.Value, Nearest.Find(channel.Value, _channels)));
        }

        if (route.Quiet.Count == 0) Warn(key, values, [NotificationRoutesSection.QuietForCritical], "Quiet");
        if (route.Quiet.Count == 0 && route.DigestAt is null) Warn(key, values, [NotificationRoutesSection.TimeZone], "Quiet or DigestAt");
        var (servers, roles) = Scope(key, what, values, NotificationRoutesSection.Server, NotificationRoutesSection.Role);
        return channels.Count > 0 && problems.Skip(before).All(problem => problem.IsWarning) ? route with { Channels = channels, Servers = servers, Roles = roles } : null;
    }

    /// <summary>Whether it is of one sort, which can be read, and has the keys of no other.</summary>
    private bool CheckSort(string key, string what, TableValues values, IReadOnlyList<Sort> sorts)
    {
        Sort[] given = [.. sorts.Where(sort => IsGiven(values, sort.Key))];
        if (given.Length == 0) Report(key, EnvironmentProblems.HealthSortMissing(values.Position, what, sorts.Select(sort => sort.Key)));
        if (given.Length > 1) Report(key, EnvironmentProblems.HealthSortMixed(values.Position, what, [.. given.Select(sort => sort.Key)]));
        if (given is not [var sort]) return false;
        foreach (var other in sorts.SelectMany(one => one.Uses).Distinct().Where(other => !sort.Uses.Contains(other) && IsGiven(values, other)))
            Report($"{key}.{other.Name}", EnvironmentProblems.HealthKeyNotOfKind(values.PositionOf(other), what, other.Name, sort.Kind, sorts.Where(one => one.Uses.Contains(other)).Select(one => one.Key)));
        // A value that could not be read was told about.
        return sort.IsRead;
    }

    private sealed record Sort(string Kind, Key Key, IReadOnlyList<Key> Uses, bool IsRead);
}
